/// A value as SQLite stores it.
public enum SQLValue: Sendable, Hashable {
  /// Nothing.
  case null
  /// A whole number of 64 bits.
  case integer(Int)
  /// A number; SQLite stores a NaN as null.
  case double(Double)
  /// A text in UTF-8, of any content.
  case text(String)
  /// Bytes.
  case blob([UInt8])

  /// The value, or null for nil.
  public static func optional<Wrapped>(_ value: Wrapped?, _ make: (Wrapped) -> SQLValue) -> SQLValue
  {
    value.map(make) ?? .null
  }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByNilLiteral
{
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// Null.
  public init(nilLiteral: ()) { self = .null }
}

/// One row of a result. Readers name the kind they expect; a file that holds something else was
/// not written by this package, and the error says which column.
public struct SQLRow: Sendable {
  /// The names of the columns.
  public let columns: [String]
  /// The values, one for each column.
  public let values: [SQLValue]
  let path: String

  /// The value in a column, counted from 0.
  public subscript(column: Int) -> SQLValue { values[column] }

  /// The value in the first column of this name; nil if there is none.
  public subscript(name: String) -> SQLValue? {
    columns.firstIndex(of: name).map { values[$0] }
  }

  /// The whole number in `column`.
  public func integer(_ column: Int) throws(DatabaseError) -> Int {
    if case .integer(let number) = values[column] { return number }
    throw unexpected(column, "a whole number")
  }

  /// The number in `column`, whole or not.
  public func double(_ column: Int) throws(DatabaseError) -> Double {
    switch values[column] {
    case .double(let number): return number
    case .integer(let number): return Double(number)
    default: throw unexpected(column, "a number")
    }
  }

  /// The text in `column`.
  public func text(_ column: Int) throws(DatabaseError) -> String {
    if case .text(let text) = values[column] { return text }
    throw unexpected(column, "text")
  }

  /// The bytes in `column`.
  public func blob(_ column: Int) throws(DatabaseError) -> [UInt8] {
    if case .blob(let bytes) = values[column] { return bytes }
    throw unexpected(column, "bytes")
  }

  /// Whether `column` is null.
  public func isNull(_ column: Int) -> Bool { values[column] == .null }

  private func unexpected(_ column: Int, _ wanted: String) -> DatabaseError {
    let got =
      switch values[column] {
      case .null: "nothing"
      case .integer, .double: "a number"
      case .text: "text"
      case .blob: "bytes"
      }
    return DatabaseError(
      path: path, code: 20,
      explanation: "the column \(columns[column]) holds \(got) where \(wanted) belongs; "
        + "the file was not written by this program, or is damaged",
      action: "reading the column \(columns[column])")
  }
}
