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

  /// A ciphertext.
  public struct Ciphertext: Sendable, Hashable {
    /// Whose it is.
    public let key: PaillierPublicKey
    /// How many times n its message is long.
    public let s: Int
    /// The number, from 1 up to below n^(s+1).
    public let number: BigInteger
  }

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
    let r = try SecretInteger.randomUnit(modulo: key.context.words, using: &source)
    return encrypt(SecretInteger(message, wordCount: modulus.wordCount), r)
  }

  /// Encrypts a message with randomness of the operating system.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= message < n^s, or `.randomness`.
  public func encrypt(_ message: BigInteger) throws(PaillierError) -> Ciphertext {
    var source = SystemRandomness()
    return try encrypt(message, using: &source)
  }

  /// (1 + n)^message r^(n^s), both as wide as ciphertexts and n.
  private func encrypt(_ message: SecretInteger, _ r: SecretInteger) -> Ciphertext {
    let exponent = SecretInteger(messageModulus, wordCount: messageModulus.magnitudeWords.count)
    let factor = modulus.power(r.resized(to: modulus.wordCount), exponent)
    let number = power(message).multiplied(by: factor, modulo: modulus.number)
    return Ciphertext(key: key, s: s, number: number.revealed())
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
    guard number.signum() > 0, number < ciphertextModulus, BigInteger.gcd(number, key.n) == 1 else {
      throw .invalidCiphertext
    }
    return Ciphertext(key: key, s: s, number: number)
  }

  /// Encrypts the sum of both messages modulo n^s.
  ///
  /// - Throws: `PaillierError.foreignKey` unless both are of this scheme.
  public func sum(_ a: Ciphertext, _ b: Ciphertext) throws(PaillierError) -> Ciphertext {
    guard a.key == key, b.key == key, a.s == s, b.s == s else { throw .foreignKey }
    return Ciphertext(key: key, s: s, number: a.number * b.number % ciphertextModulus)
  }

  /// What decrypts messages of `s` times a key's length.
  public struct PrivateKey: Sendable, CustomStringConvertible {
    private let key: PaillierPublicKey
    private let s: Int
    private let first: PrimePower
    private let second: PrimePower
    private let messages: ChineseRemainder

    /// The scheme of a private key, for messages of `s` times its length.
    ///
    /// - Throws: `PaillierError.unusableSize` unless s is 1, 2 or 3 and both factors are above it.
    public init(_ privateKey: PaillierPrivateKey, s: Int) throws(PaillierError) {
      key = privateKey.publicKey
      guard (1...3).contains(s), key.n % 3 != 0 else { throw .unusableSize(bits: s * key.bits) }
      self.s = s
      let n = key.context.words
      first = try PrimePower(privateKey.context.p, s: s, n: n)
      second = try PrimePower(privateKey.context.q, s: s, n: n)
      messages = try ChineseRemainder(first.messageModulus, second.messageModulus)
    }

    /// The message of a ciphertext, in a time that depends on the key's size alone.
    ///
    /// - Throws: `PaillierError.foreignKey`.
    public func decrypt(_ ciphertext: Ciphertext) throws(PaillierError) -> BigInteger {
      guard ciphertext.key == key, ciphertext.s == s else { throw .foreignKey }
      let width = (s + 1) * key.context.words.wordCount
      let number = SecretInteger(ciphertext.number, wordCount: width)
      return messages(first.message(of: number), second.message(of: number)).revealed()
    }

    /// The size, nothing else.
    public var description: String {
      "a private key of Damgard and Jurik, \(key.bits) bits, s = \(s)"
    }
  }
}
