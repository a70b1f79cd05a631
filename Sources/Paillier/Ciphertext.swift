public import BigIntegers
public import CryptoCore

/// A ciphertext, hidden or not.
public protocol PaillierCiphertext: Sendable {
  /// Whose it is.
  var key: PaillierPublicKey { get }
  /// The number below n^2, for computing: a raw one must not be shown to others.
  var secretNumber: SecretCiphertextNumber { get }
}

/// The number of a ciphertext where it may not be shown: only this package opens it.
public struct SecretCiphertextNumber: Sendable, Hashable, CustomStringConvertible {
  package let value: BigInteger

  /// Tells nothing.
  public var description: String { "a number below n^2" }
}

/// A ciphertext that hides its message, fit to be sent.
///
/// Encryption and ``PaillierCiphertext/rerandomised()`` give one; computing on it gives
/// ``RawCiphertext``, since whoever knows the operands could tell how the result came about.
public struct Ciphertext: PaillierCiphertext, Hashable {
  /// Whose it is.
  public let key: PaillierPublicKey
  /// The number, from 1 up to below n^2.
  public let number: BigInteger

  /// The number, wrapped.
  public var secretNumber: SecretCiphertextNumber { SecretCiphertextNumber(value: number) }

  init(unchecked number: BigInteger, key: PaillierPublicKey) {
    self.key = key
    self.number = number
  }

  /// A ciphertext that came from elsewhere. That it hides its message is its sender's matter.
  ///
  /// - Throws: `PaillierError.invalidCiphertext` unless it is from 1 up to below n^2 and
  ///   invertible.
  public init(received number: BigInteger, key: PaillierPublicKey) throws(PaillierError) {
    guard number.signum() > 0, number < key.context.square, BigInteger.gcd(number, key.n) == 1
    else {
      throw .invalidCiphertext
    }
    self.init(unchecked: number, key: key)
  }

  /// The number in ``PaillierPublicKey/ciphertextByteCount`` bytes, most significant first.
  public var bytes: [UInt8] {
    let bytes = number.magnitudeBytes
    return [UInt8](repeating: 0, count: key.ciphertextByteCount - bytes.count) + bytes
  }

  /// A ciphertext of received bytes.
  ///
  /// - Throws: `PaillierError.wrongLength` or `.invalidCiphertext`.
  public init(received bytes: [UInt8], key: PaillierPublicKey) throws(PaillierError) {
    guard bytes.count == key.ciphertextByteCount else {
      throw .wrongLength(expected: key.ciphertextByteCount, actual: bytes.count)
    }
    try self.init(received: BigInteger(bytes: bytes), key: key)
  }
}

/// What computing on ciphertexts gives: whoever knows the operands could recognise the operation
/// and its plain operands, so that it has no text and no bytes.
/// ``PaillierCiphertext/rerandomised()`` makes it fit to be sent.
public struct RawCiphertext: PaillierCiphertext, Hashable {
  /// Whose it is.
  public let key: PaillierPublicKey
  /// The number, which is not to be shown.
  public let secretNumber: SecretCiphertextNumber

  init(_ number: BigInteger, key: PaillierPublicKey) {
    self.key = key
    secretNumber = SecretCiphertextNumber(value: number)
  }

  /// The ciphertext 1 + m n, which hides nothing: a start for sums.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= m < n.
  public init(unhidden residue: BigInteger, key: PaillierPublicKey) throws(PaillierError) {
    _ = try key.context.secret(residue)
    self.init(1 + residue * key.n, key: key)
  }
}

extension PaillierCiphertext {
  package var value: BigInteger { secretNumber.value }

  /// Encrypts the sum of both messages modulo n: one product modulo n^2.
  ///
  /// - Throws: `PaillierError.foreignKey`.
  public func adding(_ other: some PaillierCiphertext) throws(PaillierError) -> RawCiphertext {
    guard key == other.key else { throw .foreignKey }
    return RawCiphertext(value * other.value % key.context.square, key: key)
  }

  /// Encrypts the difference of both messages modulo n: an inverse and a product.
  ///
  /// - Throws: `PaillierError.foreignKey`.
  public func subtracting(_ other: some PaillierCiphertext) throws(PaillierError) -> RawCiphertext {
    guard key == other.key else { throw .foreignKey }
    return try adding(other.negated())
  }

  /// Encrypts the negative of the message modulo n.
  ///
  /// - Throws: `PaillierError.invalidCiphertext` if the number has no inverse.
  public func negated() throws(PaillierError) -> RawCiphertext {
    guard let inverse = value.inverse(modulo: key.context.square) else {
      throw .invalidCiphertext
    }
    return RawCiphertext(inverse, key: key)
  }

  /// Encrypts the sum of the message and `residue` modulo n, in a time that does not depend on it.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= residue < n.
  public func adding(residue: BigInteger) throws(PaillierError) -> RawCiphertext {
    let context = key.context
    let number = SecretInteger(value, wordCount: context.modulus.wordCount)
    let sum = context.shift(number, by: try context.secret(residue))
    return RawCiphertext(sum.revealed(), key: key)
  }

  /// Encrypts the product of the message and `residue` modulo n; a residue within a third of n
  /// below n counts as a negative number and costs what its magnitude does.
  ///
  /// The time depends on the sign and on how many 64-bit words the magnitude has, on nothing else.
  ///
  /// - Throws: `PaillierError.residueOutOfRange` unless 0 <= residue < n.
  public func multiplied(byResidue residue: BigInteger) throws(PaillierError) -> RawCiphertext {
    let context = key.context
    _ = try context.secret(residue)
    let isNegative = residue >= context.n - context.largest
    let base = isNegative ? try negated().value : value
    let factor = isNegative ? context.n - residue : residue
    let power = context.modulus.power(
      SecretInteger(base, wordCount: context.modulus.wordCount),
      SecretInteger(factor, wordCount: max(1, factor.magnitudeWords.count)))
    return RawCiphertext(power.revealed(), key: key)
  }

  /// The same for a factor that is public and not negative, at the cost of its bits.
  func multiplied(byPublic factor: BigInteger) -> RawCiphertext {
    RawCiphertext(value.power(factor, modulo: key.context.square), key: key)
  }

  /// The same message under fresh randomness.
  ///
  /// - Throws: `PaillierError.randomness`.
  public func rerandomised(using source: inout some SecretSource) throws(PaillierError)
    -> Ciphertext
  {
    rerandomised(with: try key.context.factor(using: &source))
  }

  /// The same message under fresh randomness of the operating system.
  ///
  /// - Throws: `PaillierError.randomness`.
  public func rerandomised() throws(PaillierError) -> Ciphertext {
    var source = SystemRandomness()
    return try rerandomised(using: &source)
  }

  func rerandomised(with factor: SecretInteger) -> Ciphertext {
    let modulus = key.context.modulus
    let product = modulus.product(SecretInteger(value, wordCount: modulus.wordCount), factor)
    return Ciphertext(unchecked: product.revealed(), key: key)
  }
}
