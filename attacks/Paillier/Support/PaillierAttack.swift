internal import BigIntegers
public import Components
internal import CryptoCore
internal import Paillier
internal import Randomness

/// An attack on Paillier's encryption as it is often used: somebody without the key who wants
/// messages, the key itself, or to bend a sum.
///
/// It runs once for each cell of its sheet: against the weak form and against this library's. What
/// theory says of a cell stands beside what was measured, and neither is computed from the other.
///
///     let findings = try ReusedRandomness().run(PaillierAttackSetting(seed: 1))
///     findings.allSatisfy(\.isAsExpected)
public protocol PaillierAttack: Sendable {
  /// Name, meaning and source.
  static var card: Card { get }

  /// The attack; it has no parameters.
  init()

  /// All cells of its sheet.
  ///
  /// - Throws: What encryption throws where it should not.
  func run(_ setting: PaillierAttackSetting) throws -> [ProtocolFinding]
}

/// Under what circumstances attacks are tried.
public struct PaillierAttackSetting: Sendable, Hashable {
  /// Bits of the moduli that are not weak by their size, a multiple of 64.
  public var bits: Int
  /// Of messages, keys and randomness: the same seed gives the same measurements, but of times.
  /// Never use keys that come from a seed for anything but trying attacks.
  public var seed: UInt64
  /// How many times of each class are measured.
  public var timings: Int
  /// The logarithm to the base 2 of how many steps a search for factors may take.
  public var searchBits: Int

  /// What is left out is what `rampart paillier attack` takes.
  ///
  /// - Precondition: 256 bits or more, a multiple of 64; at least 100 timings; 16...24 bits.
  public init(bits: Int = 2048, seed: UInt64 = 1, timings: Int = 2000, searchBits: Int = 18) {
    precondition(bits >= 256 && bits % 64 == 0, "a modulus of \(bits) bits")
    precondition(timings >= 100, "\(timings) timings tell nothing")
    precondition((16...24).contains(searchBits), "a search of 2^\(searchBits) steps")
    self.bits = bits
    self.seed = seed
    self.timings = timings
    self.searchBits = searchBits
  }
}

extension PaillierAttackSetting {
  /// Random numbers for one use.
  func generator(_ purpose: Purpose) -> Generator { Generator(seed: seed).fork(purpose) }

  /// Secrets for one use.
  func secrets(_ purpose: String) -> InsecureSeededSecrets {
    InsecureSeededSecrets(seed: seed).fork(purpose)
  }

  /// Keys as this library makes them.
  func keys(_ purpose: String) throws -> PaillierKeyPair {
    var source = secrets(purpose)
    return try PaillierKeyPair(bits: bits, allowsInsecureSize: true, using: &source)
  }

  /// Codes of 16 bits.
  func messages(_ purpose: Purpose, count: Int = 32) -> [BigInteger] {
    var own = generator(purpose)
    return (0..<count).map { _ in BigInteger(own.uniform(below: 1 << 16)) }
  }
}

/// What a guess at a code of 16 bits is worth.
let guessedCode = 1 / 65_536.0

/// The fraction of messages that were read.
func fraction(of messages: [BigInteger], in read: [BigInteger?]) -> Double {
  Double(zip(messages, read).count { $0 == $1 }) / Double(max(1, messages.count))
}

/// m of 1 + m n modulo n^2, which takes no key; nil for any other number.
func unhidden(_ number: BigInteger, _ key: PaillierPublicKey) -> BigInteger? {
  let (quotient, remainder) = (number - 1).quotientAndRemainder(dividingBy: key.n)
  return remainder.isZero && quotient.signum() >= 0 && quotient < key.n ? quotient : nil
}

/// a / b modulo n^2.
func ratio(_ a: BigInteger, _ b: BigInteger, _ key: PaillierPublicKey) -> BigInteger? {
  let square = key.n * key.n
  return b.inverse(modulo: square).map { a * $0 % square }
}
