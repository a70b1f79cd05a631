public import BigIntegers
public import CryptoCore

/// Paillier's scheme with longer messages (Damgard and Jurik, PKC 2001): messages modulo n^s,
/// ciphertexts modulo n^(s+1), so that a ciphertext is (s + 1) / s times as long as its message
/// instead of twice.
///
///     let long = try DamgardJurik(keys.publicKey, s: 2)
///     let ciphertext = try long.encrypt(message)
///     let decryptor = try DamgardJurik.PrivateKey(keys.privateKey, s: 2)
///     try decryptor.decrypt(ciphertext) == message
///
/// c = (1 + n)^m r^(n^s); s = 1 is Paillier's. Messages and randomness take a time that depends on
/// sizes alone.
public struct DamgardJurik: Sendable {
  /// Whose modulus it is.
  public let key: PaillierPublicKey
  /// How many times n long messages are: 1, 2 or 3.
  public let s: Int
  /// n^s: messages are below it.
  public let messageModulus: BigInteger
  /// n^(s+1): ciphertexts are below it.
  public let ciphertextModulus: BigInteger
  private let modulus: Montgomery.Modulus

  /// The scheme of a key for messages of `s` times its length.
  ///
  /// - Throws: `PaillierError.unusableSize` unless s is 1, 2 or 3 and the factors are above s, as
  ///   far as n tells.
  public init(_ key: PaillierPublicKey, s: Int) throws(PaillierError) {
    guard (1...3).contains(s), key.n % 3 != 0 else { throw .unusableSize(bits: s * key.bits) }
    self.key = key
    self.s = s
    messageModulus = key.n.power(s)
    ciphertextModulus = messageModulus * key.n
    modulus = Montgomery.Modulus(ciphertextModulus)
  }

  /// Encrypts a message.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= message < n^s, or `.randomness`.
  public func encrypt(
    _ message: BigInteger, using source: inout some SecretSource
  ) throws(PaillierError) -> Ciphertext {
    guard message.signum() >= 0, message < messageModulus else { throw .residueOutOfRange }
    let number = power(SecretInteger(message, wordCount: modulus.wordCount))
      .multiplied(by: try factor(using: &source), modulo: modulus.number)
    return Ciphertext(key: key, s: s, number: number.revealed())
  }

  /// Encrypts a message with randomness of the operating system.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= message < n^s, or `.randomness`.
  public func encrypt(_ message: BigInteger) throws(PaillierError) -> Ciphertext {
    var source = SystemRandomness()
    return try encrypt(message, using: &source)
  }

  /// A factor that hides: r^(n^s) modulo n^(s+1).
  private func factor(using source: inout some SecretSource) throws(PaillierError) -> SecretInteger
  {
    let r = try SecretInteger.randomUnit(modulo: key.context.words, using: &source)
    let exponent = SecretInteger(messageModulus, wordCount: messageModulus.magnitudeWords.count)
    return modulus.power(r.resized(to: modulus.wordCount), exponent)
  }

  /// (1 + n)^m: the sum of binomial(m, k) n^k for k up to s, for higher powers of n are zero.
  private func power(_ message: SecretInteger) -> SecretInteger {
    let whole = modulus.number
    let width = whole.wordCount
    var term = SecretInteger(small: 1, wordCount: width)
    var sum = term
    for k in 1...s {
      let factor = message.subtracting(
        SecretInteger(small: UInt64(k - 1), wordCount: width), modulo: whole)
      // n / k modulo n^(s+1), public.
      let inverse = BigInteger(k).inverse(modulo: ciphertextModulus) ?? 1
      let scale = SecretInteger(key.n * inverse % ciphertextModulus, wordCount: width)
      term = term.multiplied(by: factor, modulo: whole).multiplied(by: scale, modulo: whole)
      sum = sum.adding(term, modulo: whole)
    }
    return sum
  }

  /// A ciphertext that came from elsewhere.
  ///
  /// - Throws: `PaillierError.invalidCiphertext` unless it is from 1 up to below n^(s+1) and
  ///   invertible.
  public func ciphertext(received number: BigInteger) throws(PaillierError) -> Ciphertext {
    guard number.signum() > 0, number < ciphertextModulus, BigInteger.gcd(number, key.n) == 1
    else { throw .invalidCiphertext }
    return Ciphertext(key: key, s: s, number: number)
  }

  /// Encrypts the sum of both messages modulo n^s.
  ///
  /// - Throws: `PaillierError.foreignKey` unless both are of this scheme.
  public func sum(
    _ a: some DamgardJurikCiphertext, _ b: some DamgardJurikCiphertext
  ) throws(PaillierError) -> RawCiphertext {
    guard a.key == key, b.key == key, a.s == s, b.s == s else { throw .foreignKey }
    let product = a.secretNumber.value * b.secretNumber.value % ciphertextModulus
    return RawCiphertext(
      key: key, s: s, secretNumber: SecretCiphertextNumber(value: product))
  }

  /// The same message under fresh randomness.
  ///
  /// - Throws: `PaillierError.foreignKey` or `.randomness`.
  public func rerandomise(
    _ ciphertext: some DamgardJurikCiphertext, using source: inout some SecretSource
  ) throws(PaillierError) -> Ciphertext {
    guard ciphertext.key == key, ciphertext.s == s else { throw .foreignKey }
    let number = SecretInteger(ciphertext.secretNumber.value, wordCount: modulus.wordCount)
    let product = modulus.product(number, try factor(using: &source))
    return Ciphertext(key: key, s: s, number: product.revealed())
  }

  /// The same message under fresh randomness of the operating system.
  ///
  /// - Throws: `PaillierError.foreignKey` or `.randomness`.
  public func rerandomise(
    _ ciphertext: some DamgardJurikCiphertext
  ) throws(PaillierError) -> Ciphertext {
    var source = SystemRandomness()
    return try rerandomise(ciphertext, using: &source)
  }
}
