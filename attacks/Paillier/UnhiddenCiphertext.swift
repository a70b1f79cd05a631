internal import BigIntegers
public import Components
internal import Paillier
internal import Randomness

/// Somebody without a key who reads ciphertexts that lack their random factor.
///
///     c = 1 + m n:        m = (c - 1) / n
///     c' = c (1 + k n):   k = (c' / c - 1) / n
///     c' = c^k:           k by trying
///
/// Libraries leave the factor out where a number is only to be added or multiplied, for speed, and
/// the result is as readable as its parts are known. Here such numbers are of another type, which
/// has no text and no bytes until it is hidden anew.
///
/// Source: python-paillier, `EncryptedNumber.ciphertext(be_secure:)`; Paillier, EUROCRYPT 1999.
public struct UnhiddenCiphertext: PaillierAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "unhidden-ciphertext",
    summary: "Messages, summands and weights are read off ciphertexts without a random factor.",
    formula: "m = (c - 1) / n for c = 1 + m n",
    citation: "Paillier 1999; python-paillier, EncryptedNumber")

  /// Weights are below this.
  private static let weights = 1000

  /// The attack.
  public init() {}

  /// Messages, summands and weights, without the factor and with it.
  public func run(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding] {
    var source = setting.secrets("unhidden")
    let key = try setting.keys("unhidden key").publicKey
    let messages = setting.messages("unhidden messages")
    let base = try key.encrypt(residue: 4321, using: &source)
    let sums = try messages.map { try base.adding(residue: $0) }
    var draw = setting.generator("unhidden weights")
    let weights = (0..<8).map { _ in BigInteger(1 + draw.uniform(below: Self.weights - 1)) }
    let products = try weights.map { try base.multiplied(byResidue: $0) }

    func read(_ name: String, _ numbers: [BigInteger], _ expected: ProtocolFinding.Verdict)
      -> ProtocolFinding
    {
      finding(name, "messages", messages, numbers.map { unhidden($0, key) }, expected)
    }
    func readSummands(
      _ name: String, _ numbers: [BigInteger], _ expected: ProtocolFinding.Verdict
    ) -> ProtocolFinding {
      let read = numbers.map { ratio($0, base.number, key).flatMap { unhidden($0, key) } }
      return finding(name, "summands", messages, read, expected)
    }
    func readWeights(
      _ name: String, _ numbers: [BigInteger], _ expected: ProtocolFinding.Verdict
    ) -> ProtocolFinding {
      finding(name, "weights", weights, tried(numbers, base.number, key), expected)
    }
    return [
      read(
        "1 + m n",
        try messages.map { try RawCiphertext(unhidden: $0, key: key).secretNumber.value },
        .succeeds),
      read(
        "encrypted", try messages.map { try key.encrypt(residue: $0, using: &source).number },
        .fails),
      read(
        "1 + m n, rerandomised",
        try messages.map {
          try RawCiphertext(unhidden: $0, key: key).rerandomised(using: &source).number
        }, .fails),
      readSummands("sum with a known one", sums.map(\.secretNumber.value), .succeeds),
      readSummands(
        "sum, rerandomised", try sums.map { try $0.rerandomised(using: &source).number }, .fails),
      readWeights("product with a known one", products.map(\.secretNumber.value), .succeeds),
      readWeights(
        "product, rerandomised", try products.map { try $0.rerandomised(using: &source).number },
        .fails),
    ]
  }

  /// The exponents that give these numbers, by trying all of them.
  private func tried(
    _ numbers: [BigInteger], _ base: BigInteger, _ key: PaillierPublicKey
  ) -> [BigInteger?] {
    let square = key.n * key.n
    var found: [BigInteger: BigInteger] = [:]
    var power = base
    for weight in 1..<Self.weights {
      found[power] = BigInteger(weight)
      power = power * base % square
    }
    return numbers.map { found[$0] }
  }

  private func finding(
    _ variant: String, _ what: String, _ truth: [BigInteger], _ read: [BigInteger?],
    _ expected: ProtocolFinding.Verdict
  ) -> ProtocolFinding {
    let value = fraction(of: truth, in: read)
    let forms = read.count { $0 != nil }
    return ProtocolFinding(
      attack: Self.card.name, variant: variant, adversary: "reader without a key",
      metric: "fraction of \(what)", value: value,
      control: what == "weights" ? 1 / Double(Self.weights) : guessedCode, succeeded: value == 1,
      expected: expected, evidence: "\(forms) of \(read.count) numbers have the form of one")
  }
}
