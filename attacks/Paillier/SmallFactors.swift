internal import BigIntegers
public import Components
internal import Paillier
internal import Randomness

/// Somebody who has the public key only and looks for a factor that is small.
///
///     rho: x -> x^2 + 1 modulo n repeats modulo p after about sqrt(p) steps
///
/// Textbook keys of a few dozen bits fall to it, and so does a modulus of any size with one small
/// factor, which its public key does not show. Balanced keys of 2048 bits take 2^512 steps this
/// way; smaller ones are refused unless they are asked for (`allowsInsecureSize`).
///
/// Source: Pollard, BIT 15, 1975; Brent, BIT 20, 1980; sizes: NIST SP 800-57, part 1, table 2.
public struct SmallFactors: PaillierAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "small-factors",
    summary: "Pollard's rho finds small factors, of small moduli and of large ones.",
    formula: "about 2 sqrt(p) steps for the smaller factor p",
    citation: "Pollard 1975; Brent 1980")

  /// How many moduli a cell tries.
  private static let moduli = 4

  /// The attack.
  public init() {}

  /// Factors on both sides of what the steps reach, one small factor of a large modulus, new keys.
  public func run(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding] {
    var draw = setting.generator("small factors")
    // 2 sqrt(p) is a sixteenth of the steps, and 512 times as many.
    let small = 2 * (setting.searchBits - 5)
    let large = 2 * (setting.searchBits + 8)
    let sides = [(small, small), (large, large), (small, setting.bits - small)].map { p, q in
      (0..<Self.moduli).map { _ in
        let first = prime(bits: p, &draw)
        var second = first
        while second == first { second = prime(bits: q, &draw) }
        return first * second
      }
    }
    let own = try (0..<Self.moduli).map { try setting.keys("small factors \($0)").publicKey.n }
    return [
      finding("\(2 * small) bits", sides[0], setting, .succeeds),
      finding("\(2 * large) bits", sides[1], setting, .fails),
      finding("\(setting.bits) bits, a factor of \(small)", sides[2], setting, .succeeds),
      finding("keys of this library, \(setting.bits) bits", own, setting, .fails),
    ]
  }

  private func prime(bits: Int, _ draw: inout Generator) -> BigInteger {
    let start = BigInteger.random(below: BigInteger(1) << (bits - 2), using: &draw)
    return Factoring.prime(from: (BigInteger(3) << (bits - 2)) + start)
  }

  private func finding(
    _ variant: String, _ moduli: [BigInteger], _ setting: PaillierAttackSetting,
    _ expected: ProtocolFinding.Verdict
  ) -> ProtocolFinding {
    let results = moduli.map { Factoring.rho($0, steps: 1 << setting.searchBits) }
    let factored = zip(moduli, results).count { n, result in
      result.factor.map { (n % $0).isZero } ?? false
    }
    var evidence = "at most \(results.map(\.steps).max() ?? 0) steps"
    if let refusal = Self.refusal(moduli[0]) { evidence += "; without leave: \(refusal)" }
    return ProtocolFinding(
      attack: Self.card.name, variant: variant, adversary: "whoever has the public key",
      metric: "fraction of keys", value: Double(factored) / Double(moduli.count), control: nil,
      succeeded: factored == moduli.count, expected: expected, evidence: evidence)
  }

  /// What making a public key of a modulus says.
  private static func refusal(_ n: BigInteger) -> String? {
    do throws(PaillierError) {
      _ = try PaillierPublicKey(n: n)
      return nil
    } catch { return error.description }
  }
}
