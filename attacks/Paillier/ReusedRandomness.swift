internal import BigIntegers
public import Components
internal import CryptoCore
internal import Paillier
internal import Randomness

/// Somebody without a key who has two ciphertexts of one random factor.
///
///     c_1 / c_2 = 1 + (m_1 - m_2) n modulo n^2:   the difference, and with one message the other
///
/// A factor comes back where a generator is started twice from one state: by a fixed seed, a copied
/// process, a table of factors used again. The ratio of ciphertexts that do not share one is of
/// this form with a probability of 1 / phi(n).
///
/// Source: Paillier, EUROCRYPT 1999, section 4: semantic security is that of fresh r.
public struct ReusedRandomness: PaillierAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "reused-randomness",
    summary: "Two ciphertexts with one random factor give the difference of their messages.",
    formula: "c1 / c2 = 1 + (m1 - m2) n",
    citation: "Paillier 1999, section 4")

  /// The attack.
  public init() {}

  /// One r twice, one seed twice, and what this library draws.
  public func run(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding] {
    let key = try setting.keys("reused key").publicKey
    let (first, second) = (
      setting.messages("reused, first"), setting.messages("reused, second")
    )
    var source = setting.secrets("reused")
    var draw = setting.generator("reused r")
    let r = BigInteger.random(below: key.n, using: &draw)
    let other = BigInteger.random(below: key.n, using: &draw)

    /// Both messages' ciphertexts under generators that are started for every pair.
    func seeded(_ a: String, _ b: String) throws -> [(BigInteger, BigInteger)] {
      try first.indices.map { index in
        var one = setting.secrets("\(a) \(index)")
        var two = setting.secrets("\(b) \(index)")
        return (
          try key.encrypt(residue: first[index], using: &one).number,
          try key.encrypt(residue: second[index], using: &two).number
        )
      }
    }
    func textbook(_ r: BigInteger, _ other: BigInteger) throws -> [(BigInteger, BigInteger)] {
      try zip(first, second).map {
        (
          try key.encrypt(residue: $0, randomness: r).number,
          try key.encrypt(residue: $1, randomness: other).number
        )
      }
    }
    var pool = try ObfuscationPool(for: key, count: 2 * first.count, using: &source)
    var pooled: [(BigInteger, BigInteger)] = []
    for (a, b) in zip(first, second) {
      pooled.append(
        (try pool.encrypt(residue: a).number, try pool.encrypt(residue: b).number))
    }
    var fresh: [(BigInteger, BigInteger)] = []
    for (a, b) in zip(first, second) {
      fresh.append(
        (
          try key.encrypt(residue: a, using: &source).number,
          try key.encrypt(residue: b, using: &source).number
        ))
    }
    let differences = zip(first, second).map { ($0 - $1 + key.n) % key.n }
    return [
      ("r^n, one r", try textbook(r, r), .succeeds),
      ("r^n, two r", try textbook(r, other), .fails),
      ("hs^a, one seed twice", try seeded("device", "device"), .succeeds),
      ("hs^a, two seeds", try seeded("device", "another device"), .fails),
      ("hs^a, one generator", fresh, .fails),
      ("pool, each factor once", pooled, .fails),
    ].map { (variant: String, pairs: [(BigInteger, BigInteger)], expected) in
      finding(variant, pairs, differences, key, expected)
    }
  }

  private func finding(
    _ variant: String, _ pairs: [(BigInteger, BigInteger)], _ differences: [BigInteger],
    _ key: PaillierPublicKey, _ expected: ProtocolFinding.Verdict
  ) -> ProtocolFinding {
    let read = pairs.map { ratio($0.0, $0.1, key).flatMap { unhidden($0, key) } }
    let value = fraction(of: differences, in: read)
    return ProtocolFinding(
      attack: Self.card.name, variant: variant, adversary: "reader without a key",
      metric: "fraction of m1 - m2", value: value, control: guessedCode, succeeded: value == 1,
      expected: expected,
      evidence: "\(read.count { $0 != nil }) of \(read.count) ratios are 1 modulo n")
  }
}
