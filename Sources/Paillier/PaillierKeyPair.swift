internal import BigIntegers
public import CryptoCore

/// A private key and its public one, with short randomness.
///
///     let keys = try PaillierKeyPair(bits: 3072)
///     let ciphertext = try keys.publicKey.encrypt(-2.5)
///     try keys.privateKey.decrypt(ciphertext).double   // -2.5
public struct PaillierKeyPair: Sendable, CustomStringConvertible {
  /// Decrypts.
  public let privateKey: PaillierPrivateKey
  /// Encrypts.
  public var publicKey: PaillierPublicKey { privateKey.publicKey }

  /// A new key of the operating system's randomness.
  ///
  /// - Throws: `PaillierError.insecureSize`, `.unusableSize` or `.randomness`.
  public init(
    bits: Int = PaillierPublicKey.standardBits, allowsInsecureSize: Bool = false
  ) throws(PaillierError) {
    var source = SystemRandomness()
    try self.init(bits: bits, allowsInsecureSize: allowsInsecureSize, using: &source)
  }

  /// A new key: primes of half the bits each, both 3 modulo 4 with gcd(p - 1, q - 1) = 2 (which
  /// short randomness needs) and more than 2^(bits / 2 - 100) apart, their product of exactly
  /// `bits` bits.
  ///
  /// About a third of a second for 3072 bits; it depends on how many candidates were no primes.
  ///
  /// - Parameters:
  ///   - bits: Of the modulus, even.
  ///   - allowsInsecureSize: Takes sizes that can be factored, for tests and demonstrations.
  ///   - source: Gives the primes.
  /// - Throws: `PaillierError.insecureSize`, `.unusableSize` or `.randomness`.
  public init(
    bits: Int, allowsInsecureSize: Bool = false, using source: inout some SecretSource
  ) throws(PaillierError) {
    try PaillierPublicKey.check(bits: bits, allowsInsecureSize)
    guard bits % 2 == 0, bits >= 16 else { throw .unusableSize(bits: bits) }
    while true {
      let p = try Self.prime(bits: bits / 2, using: &source)
      let q = try Self.prime(bits: bits / 2, using: &source)
      guard PrivateContext.supportShortRandomness(p, q),
        PrivateContext.areFarApart(p, q, bits: bits), !p.subtracting(q, modulo: p).isZero
      else { continue }
      let base = try Self.shortRandomnessBase(n: (p * q).revealed(), using: &source)
      do throws(PaillierError) {
        privateKey = try PaillierPrivateKey(
          p: p, q: q, arePrimes: true, shortRandomnessBase: base,
          allowsInsecureSize: allowsInsecureSize)
        return
      } catch .dependentFactors {
        // Possible for a few small primes only.
        continue
      }
    }
  }

  /// The pair of a private key from elsewhere, with short randomness if its factors allow that.
  ///
  /// - Throws: `PaillierError.shortRandomnessUnsupported` if they do not: use the key's own public
  ///   key, whose randomness is r^n. `.randomness`.
  public init(
    addingShortRandomnessTo key: PaillierPrivateKey, using source: inout some SecretSource
  ) throws(PaillierError) {
    guard key.supportsShortRandomness else { throw .shortRandomnessUnsupported }
    let base = try Self.shortRandomnessBase(n: key.publicKey.n, using: &source)
    privateKey = PaillierPrivateKey(
      context: key.context,
      publicKey: PaillierPublicKey(
        context: PublicContext(n: key.publicKey.n, shortBase: base)))
  }

  /// A random prime that is 3 modulo 4, its two highest bits set.
  private static func prime(
    bits: Int, using source: inout some SecretSource
  ) throws(PaillierError) -> SecretInteger {
    while true {
      let candidate = try SecretInteger.primeCandidate(bits: bits, using: &source)
      if candidate.isPrime { return candidate }
    }
  }

  /// hs = h^n modulo n^2 with h = -y^2 modulo n for a random y.
  private static func shortRandomnessBase(
    n: BigInteger, using source: inout some SecretSource
  ) throws(PaillierError) -> BigInteger {
    let width = n.magnitudeWords.count
    let unit = try SecretInteger.randomUnit(
      modulo: SecretInteger(n, wordCount: width), using: &source)
    let y = unit.revealed()
    return (n - y * y % n).power(n, modulo: n * n)
  }

  /// The size, nothing else.
  public var description: String { "keys of Paillier, \(publicKey.bits) bits" }
}
