/// The rows of one matrix, writable from several threads at once.
///
/// `@unchecked Sendable`: rows do not overlap, the matrix is unshared while the handle's scope runs,
/// and the one rule left to the caller is that no two threads use the same row. The handle must not
/// outlive the scope it was given in.
public struct DisjointRows: @unchecked Sendable {
  private let storage: MatrixStorage

  init(storage: MatrixStorage) {
    self.storage = storage
  }

  /// The number of rows.
  public var count: Int { storage.rows }

  /// The number of entries in each row.
  public var columns: Int { storage.columns }

  /// The entries of row `index`.
  public func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    precondition(index >= 0 && index < count, "row \(index) is outside 0..<\(count)")
    return UnsafeMutableBufferPointer(start: storage.row(index), count: columns)
  }

  /// Replaces row `index`.
  ///
  /// - Precondition: `row` has ``columns`` entries.
  public func set(_ index: Int, to row: Vector) {
    precondition(index >= 0 && index < count, "row \(index) is outside 0..<\(count)")
    precondition(row.count == columns, "a row of \(row.count) entries for \(columns) columns")
    row.withUnsafeBufferPointer { storage.fill(row: index, from: $0) }
  }
}
