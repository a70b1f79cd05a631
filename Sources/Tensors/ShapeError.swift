/// Rows that do not fit into one matrix.
public enum ShapeError: Error, Hashable, CustomStringConvertible {
  /// A matrix needs at least one row.
  case noRows
  /// Row `row` has `count` entries where `expected` are needed.
  case rowLength(row: Int, count: Int, expected: Int)

  /// What is wrong and what would work.
  public var description: String {
    switch self {
    case .noRows:
      "a matrix needs at least one row; got none"
    case .rowLength(let row, let count, let expected):
      "row \(row) has \(count) entries; every row must have \(expected), as row 0 has"
    }
  }
}
