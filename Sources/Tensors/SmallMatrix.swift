/// A dense Double matrix, row-major, with up to about a thousand rows: distances, mixing weights.
///
/// ```swift
/// let average = SmallMatrix([[0.5, 0.5], [0, 1]])
/// (average * average)[0, 1]    // 0.75
/// ```
public struct SmallMatrix: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The entries, row after row.
  public private(set) var entries: [Double]

  /// A matrix of zeros.
  public init(zeros rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    entries = [Double](repeating: 0, count: rows * columns)
  }

  /// A matrix with the given entries, row after row.
  ///
  /// - Precondition: There are `rows * columns` entries.
  public init(rows: Int, columns: Int, entries: [Double]) {
    precondition(
      entries.count == rows * columns,
      "\(entries.count) entries do not fill a \(rows) x \(columns) matrix")
    self.rows = rows
    self.columns = columns
    self.entries = entries
  }

  /// A matrix with the given rows.
  ///
  /// - Precondition: All rows have the same length.
  public init(_ rows: [[Double]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows of different lengths")
    self.init(rows: rows.count, columns: columns, entries: Array(rows.joined()))
  }

  /// The identity matrix.
  public static func identity(_ count: Int) -> SmallMatrix {
    var result = SmallMatrix(zeros: count, columns: count)
    for i in 0..<count { result[i, i] = 1 }
    return result
  }

  /// The entry in row `i` and column `j`.
  public subscript(i: Int, j: Int) -> Double {
    get {
      precondition(i >= 0 && i < rows && j >= 0 && j < columns, "(\(i), \(j)) is outside")
      return entries[i * columns + j]
    }
    set {
      precondition(i >= 0 && i < rows && j >= 0 && j < columns, "(\(i), \(j)) is outside")
      entries[i * columns + j] = newValue
    }
  }

  /// Row `i`.
  public func row(_ i: Int) -> [Double] {
    precondition(i >= 0 && i < rows, "row \(i) is outside 0..<\(rows)")
    return Array(entries[i * columns..<(i + 1) * columns])
  }

  /// The transposed matrix.
  public var transposed: SmallMatrix {
    var result = SmallMatrix(zeros: columns, columns: rows)
    for i in 0..<rows {
      for j in 0..<columns {
        result.entries[j * rows + i] = entries[i * columns + j]
      }
    }
    return result
  }

  /// The matrix product; zeros on the left cost nothing.
  ///
  /// - Precondition: The left matrix has as many columns as the right has rows.
  /// - Complexity: O(rows * inner * columns).
  public static func * (a: SmallMatrix, b: SmallMatrix) -> SmallMatrix {
    precondition(
      a.columns == b.rows,
      "no product of \(a.rows) x \(a.columns) and \(b.rows) x \(b.columns) matrices")
    var result = SmallMatrix(zeros: a.rows, columns: b.columns)
    let width = b.columns
    result.entries.withUnsafeMutableBufferPointer { out in
      b.entries.withUnsafeBufferPointer { right in
        for i in 0..<a.rows {
          for k in 0..<a.columns {
            let factor = a.entries[i * a.columns + k]
            guard factor != 0 else { continue }
            for j in 0..<width {
              out[i * width + j] += factor * right[k * width + j]
            }
          }
        }
      }
    }
    return result
  }
}
