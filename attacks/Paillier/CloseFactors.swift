internal import BigIntegers
public import Components
internal import CryptoCore
internal import Paillier
internal import Randomness

/// Somebody who has the public key only and looks for its factors near the root.
///
///     n = a^2 - b^2 = (a - b)(a + b):   (p - q)^2 / (8 sqrt(n)) steps from a = sqrt(n) on
///
/// Primes are near each other where the second is searched for from the first on. Standards ask for
/// |p - q| > 2^(bits / 2 - 100), which leaves 2^(bits / 2 - 203) steps; keys made here are so, and
/// keys from elsewhere tell whether they are (`factorsAreFarApart`).
///
/// Source: Fermat, letter of 1643; FIPS 186-5, appendix A.1.1; Boeck 2023, *Fermat factorization in
/// the wild* (ePrint 2023/026).
public struct CloseFactors: PaillierAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "close-factors",
    summary: "Fermat's method finds factors that are near each other.",
    formula: "(p - q)^2 / (8 sqrt(n)) steps",
    citation: "FIPS 186-5, appendix A.1.1; Boeck 2023")

  /// How many keys a cell tries.
  private static let keys = 4

  /// The attack.
  public init() {}

  /// Distances on both sides of what the steps reach, and new keys.
  public func run(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding] {
    let bits = setting.searchBits
    // (2^(bits of n / 4 + e))^2 / 8 / sqrt(n) is between 2^(2 e - 3) and 2^(2 e - 2) steps.
    let near = (bits - 6) / 2
    let far = (bits + 20) / 2
    return [
      try cell(setting, "the next prime", .succeeds) { p in p + 2 },
      try cell(setting, "2^(bits/4 + \(near)) apart", .succeeds) { p in
        p + (BigInteger(1) << (setting.bits / 4 + near))
      },
      try cell(setting, "2^(bits/4 + \(far)) apart", .fails) { p in
        p + (BigInteger(1) << (setting.bits / 4 + far))
      },
      try own(setting),
    ]
  }

  /// Keys of a random prime and the first one from a number that it gives.
  private func cell(
    _ setting: PaillierAttackSetting, _ variant: String, _ expected: ProtocolFinding.Verdict,
    second: (BigInteger) -> BigInteger
  ) throws -> ProtocolFinding {
    var draw = setting.generator("close factors").fork("cell", UInt64(setting.searchBits))
    let half = setting.bits / 2
    var keys: [PaillierPrivateKey] = []
    while keys.count < Self.keys {
      let start = BigInteger.random(below: BigInteger(1) << (half - 2), using: &draw)
      let p = Factoring.prime(from: (BigInteger(3) << (half - 2)) + start)
      let q = Factoring.prime(from: second(p))
      keys.append(try PaillierPrivateKey(p: p, q: q, allowsInsecureSize: true))
    }
    return finding(variant, keys, setting, expected)
  }

  private func own(_ setting: PaillierAttackSetting) throws -> ProtocolFinding {
    let keys = try (0..<Self.keys).map { try setting.keys("close factors \($0)").privateKey }
    return finding("keys of this library", keys, setting, .fails)
  }

  private func finding(
    _ variant: String, _ keys: [PaillierPrivateKey], _ setting: PaillierAttackSetting,
    _ expected: ProtocolFinding.Verdict
  ) -> ProtocolFinding {
    let results = keys.map {
      Factoring.fermat($0.publicKey.n, steps: 1 << (setting.searchBits - 2))
    }
    let factored = zip(keys, results).count { key, result in
      result.factor.map { (key.publicKey.n % $0).isZero } ?? false
    }
    let steps = results.map(\.steps).max() ?? 0
    let flagged = keys.count { !$0.factorsAreFarApart }
    return ProtocolFinding(
      attack: Self.card.name, variant: variant, adversary: "whoever has the public key",
      metric: "fraction of keys", value: Double(factored) / Double(keys.count), control: nil,
      succeeded: factored == keys.count, expected: expected,
      evidence: "at most \(steps) steps; \(flagged) of \(keys.count) keys have factors told to be "
        + "too near")
  }
}
