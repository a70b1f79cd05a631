public import BigIntegers
public import CryptoCore

/// A signed number under encryption: a ciphertext and the public power of 16 its message stands
/// times, as python-paillier's `EncryptedNumber`.
///
/// `EncryptedNumber<Ciphertext>` is hidden and can be sent; arithmetic gives
/// `EncryptedNumber<RawCiphertext>`, which ``rerandomised()`` makes fit to be sent:
///
///     let total = try a + b * 0.5
///     let text = PaillierFiles.text(of: try total.rerandomised())
///
/// Sums align both sides to the lower exponent. Nothing tells an overflow before decryption, and
/// repeated products lower the exponent until numbers no longer fit.
public struct EncryptedNumber<Value: PaillierCiphertext>: Sendable {
  /// Of the mantissa.
  public let ciphertext: Value
  /// The power of 16 the message stands times; public.
  public let exponent: Int

  /// A ciphertext whose message stands times 16^`exponent`.
  ///
  /// - Throws: `PaillierError.exponentOutOfRange`.
  public init(ciphertext: Value, exponent: Int) throws(PaillierError) {
    guard EncodedNumber.exponents.contains(exponent) else { throw .exponentOutOfRange(exponent) }
    self.ciphertext = ciphertext
    self.exponent = exponent
  }

  /// Whose it is.
  public var key: PaillierPublicKey { ciphertext.key }

  // Sums.

  /// Encrypts the sum.
  ///
  /// - Throws: `PaillierError.foreignKey`, or `.valueTooLarge` if the exponents are further apart
  ///   than numbers of this key are long.
  public static func + (
    a: EncryptedNumber, b: EncryptedNumber<some PaillierCiphertext>
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    guard a.key == b.key else { throw .foreignKey }
    let exponent = min(a.exponent, b.exponent)
    // The one already there is taken as it is.
    if a.exponent == exponent, b.exponent == exponent {
      return try EncryptedNumber<RawCiphertext>(
        ciphertext: try a.ciphertext.adding(b.ciphertext), exponent: exponent)
    }
    let x = try a.decreasingExponent(to: exponent)
    let y = try b.decreasingExponent(to: exponent)
    return try EncryptedNumber<RawCiphertext>(
      ciphertext: try x.ciphertext.adding(y.ciphertext), exponent: exponent)
  }

  /// Encrypts the difference: the sum with -1 times `b`.
  ///
  /// - Throws: As the sum.
  public static func - (
    a: EncryptedNumber, b: EncryptedNumber<some PaillierCiphertext>
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    guard a.key == b.key else { throw .foreignKey }
    return try a
      + EncryptedNumber<RawCiphertext>(
        ciphertext: try b.ciphertext.negated(), exponent: b.exponent)
  }

  /// Encrypts the sum with an encoded number, which is not hidden from who sees operand and result.
  ///
  /// - Throws: As the sum of ciphertexts.
  public func adding(
    _ number: EncodedNumber
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    guard key == number.key else { throw .foreignKey }
    let lowest = min(exponent, number.exponent)
    let residue = try number.decreasingExponent(to: lowest).residue
    let sum =
      exponent == lowest
      ? try ciphertext.adding(residue: residue)
      : try decreasingExponent(to: lowest).ciphertext.adding(residue: residue)
    return try EncryptedNumber<RawCiphertext>(ciphertext: sum, exponent: lowest)
  }

  /// Encrypts the sum with a number, encoded as python-paillier does: at its own exponent, or at
  /// this one where that is lower.
  ///
  /// - Throws: As the sum of ciphertexts, `PaillierError.notFinite` or `.valueTooLarge`.
  public static func + (
    a: EncryptedNumber, b: Double
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    try a.adding(EncodedNumber(b, for: a.key, maxExponent: a.exponent))
  }

  /// Encrypts the sum with an integer.
  ///
  /// - Throws: As the sum of ciphertexts, or `PaillierError.valueTooLarge`.
  public static func + (
    a: EncryptedNumber, b: BigInteger
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    try a.adding(EncodedNumber(b, for: a.key, maxExponent: a.exponent))
  }

  /// Encrypts the difference with a number.
  ///
  /// - Throws: As the sum.
  public static func - (
    a: EncryptedNumber, b: Double
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> { try a + -b }

  /// Encrypts the difference with an integer.
  ///
  /// - Throws: As the sum.
  public static func - (
    a: EncryptedNumber, b: BigInteger
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> { try a + -b }

  // Products.

  /// Encrypts the product with an encoded number; exponents add.
  ///
  /// - Throws: `PaillierError.foreignKey`, `.residueOutOfRange` or `.exponentOutOfRange`.
  public func multiplied(
    by number: EncodedNumber
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    guard key == number.key else { throw .foreignKey }
    return try EncryptedNumber<RawCiphertext>(
      ciphertext: try ciphertext.multiplied(byResidue: number.residue),
      exponent: exponent + number.exponent)
  }

  /// Encrypts the product with a number, at its own exponent.
  ///
  /// - Throws: `PaillierError.notFinite`, `.valueTooLarge` or `.exponentOutOfRange`.
  public static func * (
    a: EncryptedNumber, b: Double
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    try a.multiplied(by: EncodedNumber(b, for: a.key))
  }

  /// Encrypts the product with an integer.
  ///
  /// - Throws: `PaillierError.valueTooLarge`.
  public static func * (
    a: EncryptedNumber, b: BigInteger
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    try a.multiplied(by: EncodedNumber(b, for: a.key))
  }

  /// Encrypts the quotient: the product with the reciprocal as a double.
  ///
  /// - Throws: `PaillierError.notFinite` for 0, `.valueTooLarge` or `.exponentOutOfRange`.
  public static func / (
    a: EncryptedNumber, b: Double
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> { try a * (1 / b) }

  /// The same number at a lower exponent: the product with a power of 16.
  ///
  /// - Throws: `PaillierError.exponentWouldRise`, `.exponentOutOfRange`, or `.valueTooLarge` if the
  ///   power is beyond a third of n.
  public func decreasingExponent(
    to lower: Int
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> {
    guard lower <= exponent else { throw .exponentWouldRise(from: exponent, to: lower) }
    guard EncodedNumber.exponents.contains(lower) else { throw .exponentOutOfRange(lower) }
    // Exponents are public, and so is what lies between them.
    let factor = BigInteger(1) << (4 * (exponent - lower))
    guard factor <= key.largestInteger else { throw .valueTooLarge }
    return try EncryptedNumber<RawCiphertext>(
      ciphertext: ciphertext.multiplied(byPublic: factor), exponent: lower)
  }

  // Hiding.

  /// The same number under fresh randomness.
  ///
  /// - Throws: `PaillierError.randomness`.
  public func rerandomised(
    using source: inout some SecretSource
  ) throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    try EncryptedNumber<Ciphertext>(
      ciphertext: try ciphertext.rerandomised(using: &source), exponent: exponent)
  }

  /// The same number under fresh randomness of the operating system.
  ///
  /// - Throws: `PaillierError.randomness`.
  public func rerandomised() throws(PaillierError) -> EncryptedNumber<Ciphertext> {
    var source = SystemRandomness()
    return try rerandomised(using: &source)
  }
}

// Integers of the machine, so that a plain literal is one.
extension EncryptedNumber {
  /// Encrypts the sum with an integer.
  ///
  /// - Throws: As the sum of ciphertexts, or `PaillierError.valueTooLarge`.
  public static func + (
    a: EncryptedNumber, b: Int
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> { try a + BigInteger(b) }

  /// Encrypts the difference with an integer.
  ///
  /// - Throws: As the sum.
  public static func - (
    a: EncryptedNumber, b: Int
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> { try a - BigInteger(b) }

  /// Encrypts the product with an integer.
  ///
  /// - Throws: `PaillierError.valueTooLarge`.
  public static func * (
    a: EncryptedNumber, b: Int
  ) throws(PaillierError) -> EncryptedNumber<RawCiphertext> { try a * BigInteger(b) }
}
