import CKernels
import Glibc

/// All inner products of the rows of a matrix, relative to one typical row.
///
/// Rows of a late round agree in most digits, so the plain Gram matrix would lose their differences.
/// With the centre c, the row of median norm, and z_k = x_k - c, all of
///
///     <z_i, z_k>,   <z_i, c>,   <c, c>
///
/// are kept, in Double. A median cannot be moved far by a minority of huge rows, as a mean can. Any
/// combination y = sum_k w_k x_k is sum_k w_k z_k + (sum_k w_k) c, so its geometry follows from
/// this one matrix of order n + 1, whose last row and column belong to c.
struct RowGeometry: Sendable {
  /// The index of the centre row.
  let center: Int
  /// The inner products, of order n + 1.
  let gram: SmallMatrix
  /// An upper bound of the relative rounding error: |computed - <a, b>| <= error * |a| |b|.
  let error: Double
  /// For every row the first one with the same bits; identical updates are common among colluders.
  let representatives: [Int]

  /// Columns per partial sum. Fixed, so that bits do not depend on the number of workers.
  private static let chunk = 32_768

  init(of matrix: MatrixStorage, workers: Int) {
    let count = matrix.rows
    let columns = matrix.columns
    guard count > 0 else {
      (center, gram, error, representatives) = (0, SmallMatrix(zeros: 1, columns: 1), 0, [])
      return
    }
    let center = Self.rowOfMedianNorm(matrix, workers: workers)
    let padded = tensors_gram_padded_rows(count)
    let lanes = Int(TENSORS_GRAM_LANES)
    let parts = WorkerPool.map((columns + Self.chunk - 1) / Self.chunk, workers: workers) {
      part, _ in
      let begin = part * Self.chunk
      let sums = DoubleStorage(zeros: padded * padded * lanes)
      let pack = DoubleStorage(zeros: tensors_gram_pack_size(count))
      let rows = (0..<count).map { UnsafePointer(matrix.row($0)) as UnsafePointer<Float>? }
      tensors_gram_add(
        rows, count, matrix.row(center), begin, min(columns, begin + Self.chunk), sums.base,
        pack.base)
      var gram = SmallMatrix(zeros: count + 1, columns: count + 1)
      for i in 0...count {
        for k in i...count {
          let s = sums.base + (i * padded + k) * lanes
          let sum = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
          gram[i, k] = sum
          gram[k, i] = sum
        }
      }
      return gram
    }
    var total = [Double](repeating: 0, count: (count + 1) * (count + 1))
    for part in parts {
      for (i, value) in part.entries.enumerated() { total[i] += value }
    }
    self.center = center
    gram = SmallMatrix(rows: count + 1, columns: count + 1, entries: total)
    error = Double(min(columns, Self.chunk) / lanes + parts.count + 8) * 0x1p-53
    representatives = Self.representatives(of: matrix, gram: gram)
  }

  /// Compares the bits of rows whose Gram entries hardly differ.
  private static func representatives(of matrix: MatrixStorage, gram: SmallMatrix) -> [Int] {
    var first: [Int] = []
    for i in 0..<matrix.rows {
      let twin = first.indices.first { k in
        first[k] == k
          && abs(gram[i, i] + gram[k, k] - 2 * gram[i, k]) <= 1e-9 * (gram[i, i] + gram[k, k])
          && memcmp(
            matrix.row(i), matrix.row(k), matrix.columns * MemoryLayout<Float>.stride) == 0
      }
      first.append(twin ?? i)
    }
    return first
  }

  /// The row whose norm has rank (n - 1) / 2, ties to the lower index.
  private static func rowOfMedianNorm(_ matrix: MatrixStorage, workers: Int) -> Int {
    let squares = WorkerPool.map(matrix.rows, workers: workers) { i, _ in
      tensors_dot(matrix.row(i), matrix.row(i), matrix.columns)
    }
    let order = squares.indices.sorted { (squares[$0], $0) < (squares[$1], $1) }
    return order[(order.count - 1) / 2]
  }
}
