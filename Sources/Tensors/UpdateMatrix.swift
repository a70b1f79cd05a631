import CKernels
import Synchronization

/// The updates of a round: one row for each client, one column for each parameter, in Float.
///
/// A value with copy on write. Rows lie one after another, their distance padded to 16 floats, the
/// first on a 64-byte boundary. Aggregation rules see a matrix through an ``UpdateView``.
public struct UpdateMatrix: Sendable {
  private(set) var storage: MatrixStorage

  /// A matrix of zeros.
  public init(zeros rows: Int, columns: Int) {
    storage = MatrixStorage(rows: rows, columns: columns)
  }

  /// A matrix with the given rows.
  ///
  /// - Throws: ``ShapeError`` if there is no row or the lengths differ.
  public init(rows: [Vector]) throws(ShapeError) {
    guard let first = rows.first else { throw .noRows }
    self.init(zeros: rows.count, columns: first.count)
    for (i, row) in rows.enumerated() {
      guard row.count == columns else {
        throw .rowLength(row: i, count: row.count, expected: columns)
      }
      row.withUnsafeBufferPointer { storage.fill(row: i, from: $0) }
    }
  }

  /// A matrix with the given rows.
  ///
  /// - Throws: ``ShapeError`` if there is no row or the lengths differ.
  public init(_ rows: [[Float]]) throws(ShapeError) {
    guard let first = rows.first else { throw .noRows }
    self.init(zeros: rows.count, columns: first.count)
    for (i, row) in rows.enumerated() {
      guard row.count == columns else {
        throw .rowLength(row: i, count: row.count, expected: columns)
      }
      row.withUnsafeBufferPointer { storage.fill(row: i, from: $0) }
    }
  }

  /// The number of rows, n.
  public var rows: Int { storage.rows }

  /// The number of columns, d.
  public var columns: Int { storage.columns }

  /// Row `index`, copied.
  public func row(_ index: Int) -> Vector {
    withUnsafeRow(index) { Vector($0) }
  }

  /// Replaces row `index`.
  ///
  /// - Precondition: `row` has ``columns`` entries.
  public mutating func setRow(_ index: Int, _ row: Vector) {
    withUnsafeDisjointRows { $0.set(index, to: row) }
  }

  /// Whether no entry of row `index` is NaN or infinite.
  public func isFinite(row index: Int) -> Bool {
    withUnsafeRow(index) { tensors_is_finite($0.baseAddress, columns) }
  }

  /// Calls `body` with the entries of row `index`.
  public func withUnsafeRow<Result, Failure: Error>(
    _ index: Int, _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(index >= 0 && index < rows, "row \(index) is outside 0..<\(rows)")
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.row(index), count: columns))
  }

  /// Calls `body` with a handle through which worker threads may write rows, each row at most one
  /// thread at a time.
  public mutating func withUnsafeDisjointRows<Result, Failure: Error>(
    _ body: (DisjointRows) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      storage = MatrixStorage(copying: storage)
    }
    storage.forgetGram()
    defer { withExtendedLifetime(storage) {} }
    return try body(DisjointRows(storage: storage))
  }
}

extension UpdateMatrix: Equatable {
  /// Whether the shapes and all entries are equal as numbers: 0 equals -0, NaN equals nothing.
  public static func == (a: UpdateMatrix, b: UpdateMatrix) -> Bool {
    a.rows == b.rows && a.columns == b.columns
      && (0..<a.rows).allSatisfy {
        tensors_equal(a.storage.row($0), b.storage.row($0), a.columns)
      }
  }
}
