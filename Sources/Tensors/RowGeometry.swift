import CKernels
import Glibc

/// All inner products of the rows of a matrix, relative to one typical row.
///
/// Rows of a late round agree in most digits, so the plain Gram matrix would lose their differences.
/// With the centre c, a row of median norm, the basis is z_k = x_k - c for every other row, and c
/// itself in its own place. A median cannot be moved far by a minority of huge rows, as a mean can.
/// Any combination sum_k w_k x_k equals sum_{k != center} w_k z_k + (sum_k w_k) c, so its geometry
/// follows from the one matrix of inner products of the basis, kept in Double.
struct RowGeometry: Sendable {
  /// The index of the centre row.
  let center: Int
  /// The inner products of the basis, of order n.
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
      (center, gram, error, representatives) = (0, SmallMatrix(zeros: 0, columns: 0), 0, [])
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
        rows, count, center, begin, min(columns, begin + Self.chunk), sums.base,
        pack.base)
      var gram = SmallMatrix(zeros: count, columns: count)
      for i in 0..<count {
        for k in i..<count {
          let s = sums.base + (i * padded + k) * lanes
          let sum = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
          gram[i, k] = sum
          gram[k, i] = sum
        }
      }
      return gram
    }
    var total = [Double](repeating: 0, count: count * count)
    for part in parts {
      for (i, value) in part.entries.enumerated() { total[i] += value }
    }
    self.center = center
    gram = SmallMatrix(rows: count, columns: count, entries: total)
    error = Double(min(columns, Self.chunk) / lanes + parts.count + 8) * 0x1p-53
    representatives = Self.representatives(of: matrix, center: center, gram: gram)
  }

  /// Compares the bits of rows whose Gram entries hardly differ.
  private static func representatives(
    of matrix: MatrixStorage, center: Int, gram: SmallMatrix
  ) -> [Int] {
    // |z_i|^2, |z_k|^2 and <z_i, z_k>, where the centre's own z is 0.
    func offset(_ i: Int, _ k: Int) -> Double { i == center || k == center ? 0 : gram[i, k] }
    var first: [Int] = []
    for i in 0..<matrix.rows {
      let twin = first.indices.first { k in
        let sizes = offset(i, i) + offset(k, k)
        return first[k] == k && abs(sizes - 2 * offset(i, k)) <= 1e-9 * sizes
          && memcmp(
            matrix.row(i), matrix.row(k), matrix.columns * MemoryLayout<Float>.stride) == 0
      }
      first.append(twin ?? i)
    }
    return first
  }

  /// The row whose norm has rank (n - 1) / 2, ties to the lower index. Of many columns an eighth is
  /// looked at, spread evenly: any typical row will do. A row that is not finite never serves.
  private static func rowOfMedianNorm(_ matrix: MatrixStorage, workers: Int) -> Int {
    let block = 256
    let step = matrix.columns > 16_384 ? 8 * block : block
    let squares = WorkerPool.map(matrix.rows, workers: workers) { i, _ in
      stride(from: 0, to: matrix.columns, by: step).reduce(0.0) { sum, begin in
        let part = matrix.row(i) + begin
        return sum + tensors_dot(part, part, min(block, matrix.columns - begin))
      }
    }
    let order = squares.indices.filter { squares[$0].isFinite }
      .sorted { (squares[$0], $0) < (squares[$1], $1) }
    return order.isEmpty ? 0 : order[(order.count - 1) / 2]
  }
}
