public import BigIntegers

/// A decrypted number, as python-paillier gives it: an integer where the exponent is not negative,
/// the nearest double otherwise.
public enum PlainNumber: Sendable, Hashable, CustomStringConvertible {
  /// An exact integer.
  case integer(BigInteger)
  /// The double nearest to the fraction.
  case real(Double)

  /// The nearest double; infinite for integers beyond them.
  public var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    }
  }

  /// The number if it is whole.
  public var integer: BigInteger? {
    switch self {
    case .integer(let value): value
    case .real(let value): BigInteger(exactly: value)
    }
  }

  /// Decimal digits.
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    }
  }
}
