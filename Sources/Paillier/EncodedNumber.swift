public import BigIntegers
internal import Glibc

/// A signed number as a residue and a power of 16, exactly as python-paillier encodes it
/// (phe.encoding.EncodedNumber, version 1.5).
///
/// The number is residue * 16^exponent, where residues up to n / 3 are positive, those within a
/// third of n below n negative, and those between tell an overflow. The exponent is public: one
/// that follows from the number tells its magnitude, so that numbers to be kept secret take a fixed
/// one:
///
///     try EncodedNumber(0.1, for: key, exponent: -8)
///
/// Encoding and decoding take a time that depends on the number.
public struct EncodedNumber: Sendable, Hashable {
  /// Whose residues these are.
  public let key: PaillierPublicKey
  /// From 0 up to below n, unless the number is corrupt.
  public let residue: BigInteger
  /// The power of 16 the residue stands times.
  public let exponent: Int

  /// The exponents numbers may have; the natural ones of doubles are within -283 ... 242.
  public static let exponents = -16_384...16_384

  private static let digitBits = 4

  /// A residue as it is: nothing but the exponent is checked before ``decoded()``.
  ///
  /// - Throws: `PaillierError.exponentOutOfRange`.
  public init(
    residue: BigInteger, exponent: Int, key: PaillierPublicKey
  ) throws(PaillierError) {
    guard Self.exponents.contains(exponent) else { throw .exponentOutOfRange(exponent) }
    self.key = key
    self.residue = residue
    self.exponent = exponent
  }

  /// The encoding of an integer: exponent 0, or lower.
  ///
  /// - Parameters:
  ///   - value: The number.
  ///   - key: Whose residues to encode to.
  ///   - precision: The exponent is the largest at which this is not rounded to zero.
  ///   - maxExponent: The exponent is at most this.
  /// - Throws: `PaillierError.valueTooLarge`, `.invalidPrecision` or `.exponentOutOfRange`.
  public init(
    _ value: BigInteger, for key: PaillierPublicKey, precision: Double? = nil,
    maxExponent: Int? = nil
  ) throws(PaillierError) {
    let natural = try precision.map(Self.exponent(precision:)) ?? 0
    try self.init(
      Rational(value), for: key, exponent: min(natural, maxExponent ?? natural))
  }

  /// The encoding of a double: of itself without loss, or as precise as said.
  ///
  /// - Parameters:
  ///   - value: The number.
  ///   - key: Whose residues to encode to.
  ///   - precision: The exponent is the largest at which this is not rounded to zero.
  ///   - maxExponent: The exponent is at most this.
  /// - Throws: `PaillierError.valueTooLarge`, `.notFinite`, `.invalidPrecision` or
  ///   `.exponentOutOfRange`.
  public init(
    _ value: Double, for key: PaillierPublicKey, precision: Double? = nil, maxExponent: Int? = nil
  ) throws(PaillierError) {
    guard let exact = Rational(exactly: value) else { throw .notFinite }
    // The place of the last of 53 binary digits, rounded down to a power of 16.
    let lastPlace = value == 0 ? -53 : Int(value.exponent) + 1 - 53
    let natural = try precision.map(Self.exponent(precision:)) ?? (lastPlace >> 2)
    try self.init(exact, for: key, exponent: min(natural, maxExponent ?? natural))
  }

  /// The encoding of a double at an exponent that tells nothing about it, rounded to nearest, ties
  /// to even.
  ///
  /// - Throws: `PaillierError.valueTooLarge`, `.notFinite` or `.exponentOutOfRange`.
  public init(
    _ value: Double, for key: PaillierPublicKey, exponent: Int
  ) throws(PaillierError) {
    guard let exact = Rational(exactly: value) else { throw .notFinite }
    try self.init(exact, for: key, exponent: exponent)
  }

  /// The encoding of a fraction at an exponent, rounded to nearest, ties to even.
  ///
  /// - Throws: `PaillierError.valueTooLarge` or `.exponentOutOfRange`.
  public init(
    _ value: Rational, for key: PaillierPublicKey, exponent: Int
  ) throws(PaillierError) {
    guard Self.exponents.contains(exponent) else { throw .exponentOutOfRange(exponent) }
    let mantissa = Self.rounded(value * Rational(16).power(-exponent))
    guard mantissa.magnitude <= key.largestInteger else { throw .valueTooLarge }
    self.key = key
    self.exponent = exponent
    residue = mantissa.signum() < 0 ? mantissa + key.n : mantissa
  }

  private static func exponent(precision: Double) throws(PaillierError) -> Int {
    guard precision > 0, precision.isFinite else { throw .invalidPrecision(precision) }
    return Int((log(precision) / log(16)).rounded(.down))
  }

  private static func rounded(_ value: Rational) -> BigInteger {
    let half = value + Rational(1, 2)
    let result = half.floor
    // A tie went up: to an odd number it should have gone down.
    let isTie = value.denominator == 2
    return isTie && result.magnitudeWords.first.map { $0 & 1 == 1 } ?? false ? result - 1 : result
  }

  /// The number.
  ///
  /// - Throws: `PaillierError.corruptNumber` unless 0 <= residue < n, `.overflow` if it is neither
  ///   positive nor negative, `.tooLargeForDouble` for fractions beyond doubles.
  public func decoded() throws(PaillierError) -> PlainNumber {
    let mantissa = try mantissa()
    guard exponent < 0 else { return .integer(mantissa << (Self.digitBits * exponent)) }
    let value = Double(Rational(mantissa, BigInteger(1) << (Self.digitBits * -exponent)))
    guard value.isFinite else { throw .tooLargeForDouble }
    return .real(value)
  }

  private func mantissa() throws(PaillierError) -> BigInteger {
    guard residue.signum() >= 0, residue < key.n else { throw .corruptNumber }
    if residue <= key.largestInteger { return residue }
    guard residue >= key.n - key.largestInteger else { throw .overflow }
    return residue - key.n
  }

  /// The same number at a lower exponent; wraps around unnoticed where it becomes too large.
  ///
  /// - Throws: `PaillierError.exponentWouldRise` or `.exponentOutOfRange`.
  public func decreasingExponent(to lower: Int) throws(PaillierError) -> EncodedNumber {
    guard lower <= exponent else { throw .exponentWouldRise(from: exponent, to: lower) }
    guard Self.exponents.contains(lower) else { throw .exponentOutOfRange(lower) }
    return try EncodedNumber(
      residue: (residue << (Self.digitBits * (exponent - lower))) % key.n, exponent: lower, key: key
    )
  }
}
