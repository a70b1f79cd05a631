public import BigIntegers
internal import CryptoCore

/// The key everybody may have: it encrypts and computes on ciphertexts (Paillier, EUROCRYPT 1999,
/// with g = n + 1).
///
///     let keys = try PaillierKeyPair(bits: 3072)
///     let sum = try keys.publicKey.encrypt(1.5) + keys.publicKey.encrypt(2)
///     try keys.privateKey.decrypt(sum).double   // 3.5
///
/// A ciphertext is (1 + m n) times a factor that hides. With a key that ``PaillierKeyPair`` made
/// the factor is hs^a with a of half the modulus' bits (Damgard, Jurik, Nielsen, International
/// Journal of Information Security 9, 2010, section 4.2), from tables after the first few; with
/// another's key it is r^n. Messages and randomness take a time that depends on the key's size
/// alone.
public struct PaillierPublicKey: Sendable, Hashable, CustomStringConvertible {
  let context: PublicContext

  /// Bits of the least modulus that is safe: 112 bits of strength (NIST SP 800-57, part 1, table
  /// 2).
  public static let leastBits = 2048
  /// Bits of the modulus of a new key: 128 bits of strength.
  public static let standardBits = 3072
  /// Bits of the largest modulus.
  public static let mostBits = 16_384

  init(context: PublicContext) { self.context = context }

  /// The key of a modulus, such as python-paillier gives.
  ///
  /// - Parameters:
  ///   - n: The product of two odd primes that nobody but the owner knows; that it is neither even
  ///     nor a prime nor a square is checked, more cannot be.
  ///   - shortRandomnessBase: hs, if the owner publishes one.
  ///   - allowsInsecureSize: Takes a modulus that can be factored, for tests and demonstrations.
  /// - Throws: `PaillierError` of the first group.
  public init(
    n: BigInteger, shortRandomnessBase: BigInteger? = nil, allowsInsecureSize: Bool = false
  ) throws(PaillierError) {
    try Self.check(bits: n.signum() > 0 ? n.magnitudeBitWidth : 0, allowsInsecureSize)
    guard n.trailingZeroBitCount == 0 else { throw .evenModulus }
    let root = n.squareRoot()
    guard root * root != n else { throw .equalFactors }
    guard !Self.isPrime(n) else { throw .primeModulus }
    if let base = shortRandomnessBase {
      guard base > 1, base < n * n - 1, BigInteger.gcd(base, n) == 1 else {
        throw .mismatchedKeys
      }
    }
    context = PublicContext(n: n, shortBase: shortRandomnessBase)
  }

  /// Whether a modulus is a prime. Fermat's test with base 2 says no for products of two random
  /// primes, at the cost of one power; what passes and is too long to be tested well in a
  /// reasonable time is taken for a prime.
  private static func isPrime(_ n: BigInteger) -> Bool {
    guard n <= 3 || BigInteger(2).power(n - 1, modulo: n) == 1 else { return false }
    return n.magnitudeBitWidth > 1024
      || SecretInteger(n, wordCount: n.magnitudeWords.count).isPrime
  }

  static func check(bits: Int, _ allowsInsecureSize: Bool) throws(PaillierError) {
    guard (6...mostBits).contains(bits) else { throw .unusableSize(bits: bits) }
    guard bits >= leastBits || allowsInsecureSize else {
      throw .insecureSize(bits: bits, minimum: leastBits)
    }
  }

  /// The modulus.
  public var n: BigInteger { context.n }

  /// Bits of the modulus.
  public var bits: Int { context.bits }

  /// The base of short randomness, hs = (-y^2)^n modulo n^2, if the key has one.
  public var shortRandomnessBase: BigInteger? { context.shortBase }

  /// The largest number that is positive when decrypted, n / 3 - 1 rounded down; python-paillier's
  /// `max_int`.
  public var largestInteger: BigInteger { context.largest }

  /// How many bytes ``Ciphertext/bytes`` has.
  public var ciphertextByteCount: Int { (context.square.magnitudeBitWidth + 7) / 8 }

  /// Makes the tables of short randomness now, instead of while encrypting: about 70 ms and 6 MB
  /// for 2048 bits, 250 ms and 13 MB for 3072. Does nothing without a base.
  public func prepare() { _ = context.table(forUses: PublicContext.usesBeforeTables) }

  /// Whether both have one modulus.
  public static func == (a: PaillierPublicKey, b: PaillierPublicKey) -> Bool {
    a.context === b.context || a.n == b.n
  }

  /// Hashes the modulus.
  public func hash(into hasher: inout Hasher) { hasher.combine(n) }

  /// The size, and the modulus' first digits.
  public var description: String {
    "a public key of Paillier, \(bits) bits, n = 0x\(String(n, radix: 16).prefix(16))..."
  }
}
