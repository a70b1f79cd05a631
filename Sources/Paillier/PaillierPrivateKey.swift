public import BigIntegers
public import CryptoCore
internal import Tensors

/// The key of the owner: it decrypts, and encrypts faster than the public one.
///
/// Decryption works modulo p^2 and q^2 and takes a time that depends on the key's size alone, from
/// the first reduction to the residue; since nothing depends on secrets, ciphertexts need no
/// blinding. Making a key, and turning residues into numbers, takes times that depend on them.
/// Nothing of the key is printed; its memory is zeroed when the last copy goes.
public struct PaillierPrivateKey: Sendable {
  /// The key that belongs to it.
  public let publicKey: PaillierPublicKey
  let context: PrivateContext

  init(context: PrivateContext, publicKey: PaillierPublicKey) {
    self.context = context
    self.publicKey = publicKey
  }

  /// The key of two primes, such as python-paillier gives, in either order.
  ///
  /// Primes of other keys may be near each other or of different sizes, which python-paillier
  /// takes: see ``factorsAreFarApart``.
  ///
  /// - Parameters:
  ///   - p: A prime.
  ///   - q: Another prime.
  ///   - allowsInsecureSize: Takes a modulus that can be factored, for tests and demonstrations.
  /// - Throws: `PaillierError` of the first group; every check of a key is made.
  public init(
    p: BigInteger, q: BigInteger, allowsInsecureSize: Bool = false
  ) throws(PaillierError) {
    let bits = p.magnitudeBitWidth + q.magnitudeBitWidth
    guard p.signum() > 0, q.signum() > 0, bits <= PaillierPublicKey.mostBits else {
      throw .unusableSize(bits: bits)
    }
    let width = max(p.magnitudeWords.count, q.magnitudeWords.count)
    try self.init(
      p: SecretInteger(p, wordCount: width), q: SecretInteger(q, wordCount: width),
      shortRandomnessBase: nil, allowsInsecureSize: allowsInsecureSize)
  }

  /// Two primes of one width, checked; `arePrimes` if they are known to be primes.
  init(
    p: SecretInteger, q: SecretInteger, arePrimes: Bool = false,
    shortRandomnessBase: BigInteger?, allowsInsecureSize: Bool
  ) throws(PaillierError) {
    guard p.lowWord & 1 == 1, q.lowWord & 1 == 1 else { throw .evenModulus }
    guard !p.subtracting(q, modulo: p).isZero else { throw .equalFactors }
    let (p, q) = p.isLess(than: q) ? (p.trimmed, q.trimmed) : (q.trimmed, p.trimmed)
    guard p.bitWidth > 1, arePrimes || p.isPrime else { throw .compositeFactor(.p) }
    guard arePrimes || q.isPrime else { throw .compositeFactor(.q) }
    let one = SecretInteger(small: 1, wordCount: q.wordCount)
    guard !(q - one).remainder(dividingBy: p).isZero else { throw .dependentFactors }
    // p and q have public sizes and their product is public.
    let n = (p * q).revealed()
    try PaillierPublicKey.check(bits: n.magnitudeBitWidth, allowsInsecureSize)
    context = try PrivateContext(p: p, q: q, n: n)
    publicKey = PaillierPublicKey(
      context: PublicContext(n: n, shortBase: shortRandomnessBase))
  }

  /// Whether |p - q| is above 2^(bits / 2 - 100), as NIST SP 800-56B and FIPS 186-5 demand; if not,
  /// Fermat's method may factor the modulus. Keys made here are; take no others for secrets.
  public var factorsAreFarApart: Bool { context.areFarApart(bits: publicKey.bits) }

  /// Whether the factors allow short randomness: both 3 modulo 4, gcd(p - 1, q - 1) = 2.
  public var supportsShortRandomness: Bool { context.supportsShortRandomness }

  /// The residue of a ciphertext, from 0 up to below n.
  ///
  /// - Throws: `PaillierError.foreignKey`.
  public func decrypt(residueOf ciphertext: some PaillierCiphertext) throws(PaillierError)
    -> BigInteger
  {
    guard ciphertext.key == publicKey else { throw .foreignKey }
    let width = publicKey.context.modulus.wordCount
    return context.message(of: SecretInteger(ciphertext.value, wordCount: width)).revealed()
  }

  /// The residues of ciphertexts, in their order, on several threads.
  ///
  /// - Throws: `PaillierError.foreignKey`.
  public func decrypt(
    residuesOf ciphertexts: [some PaillierCiphertext], workers: Int = 1
  ) throws(PaillierError) -> [BigInteger] {
    try WorkerPool.map(ciphertexts.count, workers: workers) { index, _ throws(PaillierError) in
      try decrypt(residueOf: ciphertexts[index])
    }
  }

  /// Encrypts a residue as its owner can: the factor r^n, uniform as the textbook's, from two
  /// powers of half the width.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= residue < n, or `.randomness`.
  public func encrypt(
    residue: BigInteger, using source: inout some SecretSource
  ) throws(PaillierError) -> Ciphertext {
    publicKey.seal(
      try publicKey.context.secret(residue), with: try context.factor(using: &source))
  }

  /// Encrypts a residue with randomness of the operating system.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= residue < n, or `.randomness`.
  public func encrypt(residue: BigInteger) throws(PaillierError) -> Ciphertext {
    var source = SystemRandomness()
    return try encrypt(residue: residue, using: &source)
  }

  /// (1 + m n) r^n modulo n^2 of a given r, by way of the factors: for published values, never for
  /// use.
  package func encrypt(residue: BigInteger, randomness r: BigInteger) throws(PaillierError)
    -> Ciphertext
  {
    publicKey.seal(
      try publicKey.context.secret(residue),
      with: context.factor(of: try publicKey.context.secret(r)))
  }
}

extension PaillierPrivateKey {
  /// h_p, h_q and 1 / p modulo q, which python-paillier names `hp`, `hq` and `p_inverse`: to be
  /// compared with published values, never shown otherwise.
  package var constants: (hp: BigInteger, hq: BigInteger, inverse: BigInteger) {
    (
      context.first.inverse.revealed(), context.second.inverse.revealed(),
      context.messages.inverse.revealed()
    )
  }
}

extension PaillierPrivateKey: CustomStringConvertible, CustomReflectable {
  /// The size, nothing else.
  public var description: String { "a private key of Paillier, \(publicKey.bits) bits" }

  /// Shows the size, nothing else.
  public var customMirror: Mirror { Mirror(self, children: ["bits": publicKey.bits]) }
}
