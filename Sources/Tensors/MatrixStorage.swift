import CKernels
import Synchronization

/// What an ``UpdateMatrix`` owns: its floats, and the geometry of its rows once somebody has asked.
///
/// `@unchecked Sendable`: the floats change only under ``UpdateMatrix``'s rules; the rest is locked.
final class MatrixStorage: @unchecked Sendable {
  let rows: Int
  let columns: Int
  /// The distance between rows, a multiple of 16 floats.
  let stride: Int
  private let floats: FloatStorage
  private let rounded = Mutex<RowGeometry?>(nil)
  private let exact = Mutex<RowGeometry?>(nil)
  private let gramCount = Atomic<Int>(0)
  private let norms = Mutex<[Double]?>(nil)
  private let finite = Mutex<[Bool]?>(nil)

  init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix cannot be \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    stride = (columns + 15) / 16 * 16
    floats = FloatStorage(zeros: rows * stride)
  }

  init(copying other: MatrixStorage) {
    rows = other.rows
    columns = other.columns
    stride = other.stride
    floats = FloatStorage(copying: other.floats)
  }

  /// The first entry of a row; `stride` floats are readable.
  func row(_ index: Int) -> UnsafeMutablePointer<Float> {
    floats.base + index * stride
  }

  func fill(row index: Int, from source: UnsafeBufferPointer<Float>) {
    if let start = source.baseAddress {
      row(index).update(from: start, count: columns)
    }
  }

  /// The geometry of the rows, computed by the first who asks while others wait; rounded where the
  /// rows are long.
  func rowGeometry(workers: Int) -> RowGeometry {
    if columns < RowGeometry.roundedFrom { return exactRowGeometry(workers: workers) }
    return rounded.withLock { known in
      if let known { return known }
      gramCount.add(1, ordering: .relaxed)
      let computed =
        RowGeometry(rounding: self, workers: workers) ?? exactRowGeometry(workers: workers)
      known = computed
      return computed
    }
  }

  /// The geometry with all its products in Double, for what the rounded one does not settle.
  func exactRowGeometry(workers: Int) -> RowGeometry {
    exact.withLock { known in
      if let known { return known }
      gramCount.add(1, ordering: .relaxed)
      let computed = RowGeometry(of: self, workers: workers)
      known = computed
      return computed
    }
  }

  /// For each row, whether it holds neither NaN nor infinity; looked at by the first who asks, or
  /// found on the way to the geometry.
  func finiteRows(workers: Int, besideGeometry: Bool = false) -> [Bool] {
    finite.withLock { known in
      if let known { return known }
      let found =
        besideGeometry ? rowGeometry(workers: workers).finiteRows : scannedRows(workers: workers)
      known = found
      return found
    }
  }

  /// The squared norm of each row, computed by the first who asks; infinite or NaN for a row that is
  /// not finite, and for no other.
  func squaredNorms(workers: Int) -> [Double] {
    if let known = norms.withLock({ $0 }) { return known }
    let found = WorkerPool.map(rows, workers: workers) { index, _ in
      tensors_dot(self.row(index), self.row(index), self.columns)
    }
    note(norms: found)
    return found
  }

  /// The squared distance of each row to a point of as many entries; the norms are found in passing.
  func squaredDistances(to point: UnsafePointer<Float>?, workers: Int) -> [Double] {
    nonisolated(unsafe) let point = point
    let found = WorkerPool.map(rows, workers: workers) { index, _ in
      var norm = 0.0
      let distance = tensors_squared_distance_and_norm(
        self.row(index), point, self.columns, &norm)
      return (distance: distance, norm: norm)
    }
    note(norms: found.map(\.norm))
    return found.map(\.distance)
  }

  private func note(norms found: [Double]) {
    norms.withLock { $0 = found }
    finite.withLock { $0 = found.map(\.isFinite) }
  }

  /// Whether all rows are known to hold neither NaN nor infinity.
  var isKnownFinite: Bool {
    finite.withLock { known in known?.allSatisfy { $0 } ?? false }
  }

  /// Somebody has looked at all entries of these rows, and found them finite.
  func noteFinite(_ looked: [Int]) {
    if Set(looked).count == rows {
      finite.withLock { $0 = [Bool](repeating: true, count: rows) }
    }
  }

  /// For each row, whether it holds neither NaN nor infinity.
  func scannedRows(workers: Int) -> [Bool] {
    WorkerPool.map(rows, workers: workers) { index, _ in
      tensors_is_finite(self.row(index), self.columns)
    }
  }

  /// To be called before the floats change.
  func forgetGram() {
    rounded.withLock { $0 = nil }
    exact.withLock { $0 = nil }
    norms.withLock { $0 = nil }
    finite.withLock { $0 = nil }
  }

  /// How often the Gram matrix of these rows has been computed.
  var gramComputations: Int { gramCount.load(ordering: .relaxed) }
}
