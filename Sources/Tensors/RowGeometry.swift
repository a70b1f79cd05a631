import CKernels
import Glibc

/// All inner products of the rows of a matrix, relative to one typical row.
///
/// Rows of a late round agree in most digits, so the plain Gram matrix would lose their differences.
/// With the centre c, a row of median norm, the basis is z_k = x_k - c for every other row, and c
/// itself in its own place. A median cannot be moved far by a minority of huge rows, as a mean can.
/// Any combination sum_k w_k x_k equals sum_{k != center} w_k z_k + (sum_k w_k) c, so its geometry
/// follows from the one matrix of inner products of the basis, kept in Double.
///
/// There are two of them. The exact one forms every product in Double. The rounded one, twice as
/// fast, subtracts, multiplies and adds K = 32 columns at a time in Float and only then goes on in
/// Double; it bounds its own error by the probabilistic analysis of rounding (Higham, Mary 2019, *A
/// New Approach to Probabilistic Rounding Error Analysis*: roundings as independent variables of mean
/// zero, here with the factor λ = 8, a chance of 3e-14 for each product), and what that does not
/// settle is asked of the exact one. With u = 2^-24, and Q_a the sum of the squares of the sums that
/// add up to |a|²:
///
///     |computed - <a, b>| <= λ u (√K + 2) (Q_a Q_b)^(1/4)
///
/// A row whose length sits in few columns has a large Q, and so the exact products.
struct RowGeometry: Sendable {
  /// The index of the centre row.
  let center: Int
  /// The inner products of the basis, of order n.
  let gram: SmallMatrix
  /// The norm of each basis vector.
  private let radii: [Double]
  /// An upper bound of the relative rounding error of Double: at most error * |a| |b|.
  let error: Double
  /// Q^(1/4) of each basis vector; nil where every product is in Double.
  let spreads: [Double]?
  /// For every row the first one with the same bits; identical updates are common among colluders.
  let representatives: [Int]
  /// For every row, whether it holds neither NaN nor infinity.
  let finiteRows: [Bool]

  /// From how many columns on the rounded products are worth their bounds.
  static let roundedFrom = 65_536
  /// Columns per partial sum. Fixed, so that bits do not depend on the number of workers.
  private static let chunk = 32_768

  /// The exact geometry.
  init(of matrix: MatrixStorage, workers: Int) {
    let products = Products(of: matrix, rounded: false, workers: workers)
    let gram = products.gram
    self.init(
      matrix, products, spreads: nil, finiteRows: (0..<matrix.rows).map { gram[$0, $0].isFinite })
  }

  /// The rounded geometry; nil where Float's range does not hold the products.
  init?(rounding matrix: MatrixStorage, workers: Int) {
    guard matrix.rows > 0 else { return nil }
    let products = Products(of: matrix, rounded: true, workers: workers)
    var finiteRows = [Bool](repeating: true, count: matrix.rows)
    for row in 0..<matrix.rows where !products.gram[row, row].isFinite {
      finiteRows[row] = tensors_is_finite(matrix.row(row), matrix.columns)
      if finiteRows[row] { return nil }
    }
    self.init(
      matrix, products, spreads: products.spreads.map { $0.squareRoot().squareRoot() },
      finiteRows: finiteRows)
    // Far above what underflow may take off, or the centre itself once more.
    let isSafe = (0..<matrix.rows).allSatisfy { row in
      !finiteRows[row] || products.gram[row, row] >= 0x1p-60
        || representatives[row] == representatives[center]
    }
    if !isSafe { return nil }
  }

  private init(
    _ matrix: MatrixStorage, _ products: Products, spreads: [Double]?, finiteRows: [Bool]
  ) {
    center = products.center
    gram = products.gram
    radii = (0..<matrix.rows).map { products.gram[$0, $0].squareRoot() }
    error =
      Double(min(matrix.columns, Self.chunk) / Int(TENSORS_GRAM_LANES) + products.parts + 8)
      * 0x1p-53
    self.spreads = spreads
    self.finiteRows = finiteRows
    representatives = Self.representatives(of: matrix, center: center, gram: gram)
  }

  /// The matrix of products around a centre.
  private struct Products {
    var center: Int
    var gram: SmallMatrix
    /// For each row the sum of the squares of the sums in Float that add up to its norm's.
    var spreads: [Double]
    /// The number of partial sums.
    var parts: Int

    init(of matrix: MatrixStorage, rounded: Bool, workers: Int) {
      let rows = Array(0..<matrix.rows)
      self.init(
        of: matrix, center: RowGeometry.rowOfMedianNorm(matrix, among: rows, workers: workers),
        rounded: rounded, workers: workers)
      // Not every column was looked at for the centre: a NaN in one of the others spoils all.
      if !rows.isEmpty, !gram[center, center].isFinite {
        let isFinite = matrix.scannedRows(workers: workers)
        let usable = rows.filter { isFinite[$0] }
        if usable.isEmpty || isFinite[center] { return }
        self.init(
          of: matrix,
          center: RowGeometry.rowOfMedianNorm(matrix, among: usable, workers: workers),
          rounded: rounded, workers: workers)
      }
    }

    private init(of matrix: MatrixStorage, center: Int, rounded: Bool, workers: Int) {
      let (count, columns) = (matrix.rows, matrix.columns)
      let padded = tensors_gram_padded_rows(count)
      let lanes = Int(TENSORS_GRAM_LANES)
      let chunks = count == 0 ? 0 : (columns + chunk - 1) / chunk
      let found = WorkerPool.map(chunks, workers: workers) { part, _ in
        let begin = part * chunk
        let end = min(columns, begin + chunk)
        let sums = DoubleStorage(zeros: padded * padded * lanes)
        let pack = DoubleStorage(zeros: tensors_gram_pack_size(count))
        let spreads = DoubleStorage(zeros: padded * lanes)
        let rows = (0..<count).map { UnsafePointer(matrix.row($0)) as UnsafePointer<Float>? }
        if rounded {
          tensors_gram_add_rounded(
            rows, count, center, begin, end, sums.base, spreads.base, pack.base)
        } else {
          tensors_gram_add(rows, count, center, begin, end, sums.base, pack.base)
        }
        func folded(_ s: UnsafeMutablePointer<Double>) -> Double {
          ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
        }
        var gram = SmallMatrix(zeros: count, columns: count)
        for i in 0..<count {
          for k in i..<count {
            let sum = folded(sums.base + (i * padded + k) * lanes)
            gram[i, k] = sum
            gram[k, i] = sum
          }
        }
        return (gram: gram, spreads: (0..<count).map { folded(spreads.base + $0 * lanes) })
      }
      var total = [Double](repeating: 0, count: count * count)
      spreads = [Double](repeating: 0, count: count)
      for part in found {
        for (i, value) in part.gram.entries.enumerated() { total[i] += value }
        for (i, value) in part.spreads.enumerated() { spreads[i] += value }
      }
      gram = SmallMatrix(rows: count, columns: count, entries: total)
      parts = found.count
      self.center = center
    }
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

  /// Of the given rows the one whose norm has the middle rank, the lower one of two, ties to the
  /// lower index. Of many columns an eighth is looked at, spread evenly: any typical row will do. A
  /// row seen not to be finite never serves.
  private static func rowOfMedianNorm(
    _ matrix: MatrixStorage, among rows: [Int], workers: Int
  ) -> Int {
    let block = 256
    let step = matrix.columns > 16_384 ? 8 * block : block
    let squares = WorkerPool.map(rows.count, workers: workers) { index, _ in
      stride(from: 0, to: matrix.columns, by: step).reduce(0.0) { sum, begin in
        let part = matrix.row(rows[index]) + begin
        return sum + tensors_dot(part, part, min(block, matrix.columns - begin))
      }
    }
    let order = rows.indices.filter { squares[$0].isFinite }
      .sorted { (squares[$0], $0) < (squares[$1], $1) }
    return order.isEmpty ? 0 : rows[order[(order.count - 1) / 2]]
  }
}

// MARK: - Error bounds

extension RowGeometry {
  /// Whether products were formed in Float.
  var isRounded: Bool { spreads != nil }

  /// The norm of a basis vector.
  func radius(_ index: Int) -> Double { radii[index] }

  /// A bound of the error of the inner product of two combinations.
  ///
  /// The roundings of different products are independent, so they add up as squares; those of a row's
  /// own subtraction meet all of the other combination at once.
  func error(_ a: CenteredCombination, _ b: CenteredCombination) -> Double {
    error(sizes: (a.size, b.size), spreads: (a.spread, b.spread), reaches: (a.reach, b.reach))
  }

  /// The same of combinations whose coefficients add up to these.
  func error(
    sizes: (Double, Double), spreads: (Double, Double), reaches: (Double, Double)
  ) -> Double {
    let inDouble = tolerance * sizes.0 * sizes.1
    if !isRounded { return inDouble }
    let sums = (2 * Double(TENSORS_GRAM_TERMS)).squareRoot() * spreads.0 * spreads.1
    return inDouble + 8 * 0x1p-24 * (sums + spreads.0 * reaches.1 + reaches.0 * spreads.1)
  }

  /// ``error`` and the rounding of sums over the rows.
  var tolerance: Double { error + Double(2 * gram.rows + 8) * 0x1p-53 }

  /// For each row, whether it is no more than a thousand times as large as the median row.
  var nearRows: [Bool] {
    let middle = radius(center)
    let sizes = (0..<gram.rows).map { $0 == center ? middle : radius($0) + middle }
    let ordered = sizes.filter(\.isFinite).sorted()
    let limit = ordered.isEmpty ? 0 : 1024 * ordered[ordered.count / 2]
    return sizes.map { $0 <= limit }
  }
}
