internal import BigIntegers
public import Components
internal import CryptoCore
internal import Paillier
internal import Randomness

/// Somebody who times encryptions and decryptions.
///
///     exponents of few ones against random ones of as many bits: does the mean time differ?
///
/// GMP's `mpz_powm` slides a window over the exponent and multiplies where there are ones, so that
/// its time tells how many; decryption has the key for an exponent, and the textbook's (1 + n)^m
/// the message. Here powers are OpenSSL's constant-time ones, and (1 + n)^m is a product.
///
/// Times are no secret of the seed: they, and |t|, differ from run to run; the verdict does not.
///
/// Source: Reparaz, Balasch, Verbauwhede, *Dude, is my code constant time?* (DATE 2017).
public struct ExponentTiming: PaillierAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "exponent-timing",
    summary: "Times of powers tell sparse exponents from random ones: bits of keys and messages.",
    formula: "|t| > 4.5 between two classes of exponents",
    citation: "Reparaz, Balasch, Verbauwhede 2017")

  /// Bits of the numbers timed: what leaks does not depend on them, how long it takes does.
  private static let bits = 512

  /// The attack.
  public init() {}

  /// Key bits and messages, under GMP's powers and under this library's.
  public func run(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding] {
    var source = setting.secrets("timing")
    let keys = try PaillierKeyPair(
      bits: Self.bits, allowsInsecureSize: true, using: &source)
    let key = keys.publicKey
    let n = key.n
    var draw = setting.generator("timing")
    let count = setting.timings
    let top = BigInteger(1) << (Self.bits - 2)
    // A one at both ends, or random bits in between; both of bits - 1 bits and below n.
    func exponent(_ kind: Int) -> BigInteger {
      let low = BigInteger.random(below: top, using: &draw)
      return top + (kind == 0 ? BigInteger(1) : low)
    }
    let words = Self.bits / 64

    let modulus = Montgomery.Modulus(n)
    let base = BigInteger.random(below: n, using: &draw)
    let secretBase = SecretInteger(base, wordCount: words)
    let generator = n + 1
    let square = n * n
    var order = setting.generator("order of timings")
    func cell<Input>(
      _ variant: String, _ expected: ProtocolFinding.Verdict, _ make: (Int) -> Input,
      _ body: (Input) -> Void
    ) -> ProtocolFinding {
      finding(
        variant, count, TimingTest.run(count: count, order: &order, make: make, body), expected)
    }
    return [
      cell("key bits, mpz_powm", .succeeds, exponent) {
        _ = base.power($0, modulo: n)
      },
      cell("key bits, this library", .fails) {
        SecretInteger(exponent($0), wordCount: words)
      } _: {
        _ = modulus.power(secretBase, $0)
      },
      cell("messages, (1 + n)^m by mpz_powm", .succeeds, exponent) {
        _ = generator.power($0, modulo: square)
      },
      cell("messages, this library", .fails, exponent) {
        _ = try? key.encrypt(residue: $0, randomness: base)
      },
    ]
  }

  private func finding(
    _ variant: String, _ count: Int, _ result: TimingTest.Result,
    _ expected: ProtocolFinding.Verdict
  ) -> ProtocolFinding {
    func short(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
    let statistics = zip(TimingTest.crops, result.statistics)
      .map { "\(short($1)) of the fastest \(Int($0 * 100))%" }.joined(separator: ", ")
    return ProtocolFinding(
      attack: Self.card.name, variant: variant + ", N \(count)",
      adversary: "whoever sees how long operations take", metric: "|t| of sparse and random",
      value: result.largest, control: TimingTest.threshold,
      succeeded: result.largest > TimingTest.threshold, expected: expected,
      evidence: "|t| \(statistics); means \(short(result.means.0 * 1e6)) and "
        + "\(short(result.means.1 * 1e6)) us")
  }
}
