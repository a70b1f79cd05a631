import CKernels

/// Read-only rows, each a linear combination of the rows of one shared matrix.
///
/// This is what pre-aggregators and aggregation rules see. Selecting, scaling and mixing only change
/// small coefficients, never the d columns: bucketing, clipping and nearest-neighbour mixing are
/// free until somebody asks for coordinates. All geometry, distances between mixed rows included,
/// follows from one Gram matrix of the base rows, computed once and shared by every view of the
/// matrix. Every squared distance has a relative error of at most 1e-6, however close the rows are
/// to each other compared with their norms: whenever the error bound of the fast way exceeds that,
/// a slower one is taken, in the end the coordinates themselves. The bound holds for any rows of less
/// than 65,536 columns; for longer ones, whose products are formed in Float, it takes roundings for
/// independent of each other (see `RowGeometry`), and fails with a chance of 3e-14 for each product.
///
/// Rows must be finite. Check them first with ``finiteRows`` and select those that are: the rest of
/// the matrix is then never touched. A NaN in a row of the view makes its distances
/// NaN, and coordinate-wise rules replace it silently by some other entry of its column.
///
/// ```swift
/// let view = try UpdateView(UpdateMatrix([[0, 0], [3, 4], [0, 2]]))
/// view.squaredDistance(0, 1)                                       // 25
/// view.scaled(by: [1, 0.2, 1]).norm(1)                             // 1
/// view.mixed(by: SmallMatrix([[0.5, 0.5, 0]])).row(0).array        // [1.5, 2]
/// view.median().array                                              // [0, 2]
/// ```
public struct UpdateView: Sendable {
  let matrix: MatrixStorage
  let mixing: RowMixing
  /// The geometry of this view's rows, shared by its copies.
  let geometry: ViewGeometryCache
  /// How many threads an operation may run where it is not told; values never depend on it. Views
  /// made of this one inherit it.
  public let workers: Int

  /// The rows of `matrix` as they are.
  ///
  /// - Parameter workers: How many threads an operation on the view may run, at least 1.
  public init(_ matrix: UpdateMatrix, workers: Int = 1) {
    precondition(workers >= 1, "\(workers) workers can do nothing; give at least 1")
    self.init(
      matrix: matrix.storage, mixing: RowMixing(identity: matrix.rows), workers: workers)
  }

  init(matrix: MatrixStorage, mixing: RowMixing, workers: Int) {
    self.matrix = matrix
    self.mixing = mixing
    self.workers = workers
    geometry = ViewGeometryCache()
  }

  /// The number of rows, m.
  public var count: Int { mixing.rows.count }

  /// The number of columns, d.
  public var dimension: Int { matrix.columns }

  /// The number of rows of the matrix below.
  public var sourceCount: Int { matrix.rows }

  /// How each row is made, m x ``sourceCount``: row_i = sum_k weights[i, k] * source_k.
  public var weights: SmallMatrix {
    var result = SmallMatrix(zeros: count, columns: sourceCount)
    for (i, row) in mixing.rows.enumerated() {
      for (source, coefficient) in zip(row.sources, row.coefficients) {
        result[i, source] = coefficient
      }
    }
    return result
  }

  /// Which rows of `base` have a part in the given rows of this view, ascending; nil unless both are
  /// views of one matrix and every row of `base` is another of its rows as it is.
  package func rows(of base: UpdateView, behind rows: [Int]) -> [Int]? {
    let sources = base.mixing.rows.compactMap(\.copiedSource)
    guard matrix === base.matrix, Set(sources).count == base.count else { return nil }
    let used = Set(rows.flatMap { mixing.rows[$0].sources })
    return sources.indices.filter { used.contains(sources[$0]) }
  }

  /// For each row, whether it is a combination of rows without NaN and infinity.
  ///
  /// - Complexity: O(n d) for the first view of a matrix that uses all of its rows; what is found
  ///   stays with the matrix.
  public var finiteRows: [Bool] { finiteRows(besideDistances: false) }

  /// The same; if the distances between the rows will be needed in any case, they are found in the
  /// same pass over the columns.
  package func finiteRows(besideDistances: Bool) -> [Bool] {
    let used = mixing.usedSources
    let (matrix, columns) = (matrix, dimension)
    var isFinite: [Bool]
    if used.count == sourceCount {
      isFinite = matrix.finiteRows(workers: workers, besideGeometry: besideDistances)
    } else {
      let found = WorkerPool.map(used.count, workers: workers) { index, _ in
        tensors_is_finite(matrix.row(used[index]), columns)
      }
      isFinite = [Bool](repeating: true, count: sourceCount)
      for (source, finite) in zip(used, found) { isFinite[source] = finite }
    }
    return mixing.rows.map { row in
      row.sources.allSatisfy { isFinite[$0] } && row.coefficients.allSatisfy(\.isFinite)
    }
  }

  /// Whether the rows of the matrix below are all known to be finite: somebody has checked them, or an
  /// operation that looks at every entry has found no other.
  package var isKnownFinite: Bool { matrix.isKnownFinite }

  /// An operation has looked at all entries of these base rows, and found them finite.
  func noteFinite(_ sources: [Int]) { matrix.noteFinite(sources) }

  /// How often the Gram matrix below has been computed since its rows last changed hands.
  package var gramComputations: Int { matrix.gramComputations }
}

// MARK: - Making views

extension UpdateView {
  /// The given rows, in the given order; repeats are allowed.
  public func selecting(_ rows: [Int]) -> UpdateView {
    for row in rows { requireRow(row) }
    return UpdateView(matrix: matrix, mixing: mixing.selecting(rows), workers: workers)
  }

  /// Row i multiplied by `factors[i]`.
  ///
  /// - Precondition: There is one factor for each row.
  public func scaled(by factors: [Double]) -> UpdateView {
    precondition(factors.count == count, "\(factors.count) factors for \(count) rows")
    return UpdateView(matrix: matrix, mixing: mixing.scaled(by: factors), workers: workers)
  }

  /// The rows sum_j weights[i, j] * row_j.
  ///
  /// - Parameter sharingSums: Whether rows may be computed from the sum that most of them have in
  ///   common, each adding what it has beside it and taking off what it lacks: several times as fast
  ///   for means of the nearest rows, with errors that Float's rounding hides. Rows much larger than
  ///   the typical one never enter that sum. Who sets it has asked for the distances, or pays for
  ///   them when coordinates are asked for.
  /// - Precondition: `weights` has one column for each row of this view.
  public func mixed(by weights: SmallMatrix, sharingSums: Bool = false) -> UpdateView {
    precondition(
      weights.columns == count, "weights of \(weights.columns) columns for \(count) rows")
    return UpdateView(
      matrix: matrix, mixing: mixing.mixed(by: weights, sharingSums: sharingSums),
      workers: workers)
  }

  func requireRow(_ index: Int) {
    precondition(index >= 0 && index < count, "row \(index) is outside 0..<\(count)")
  }
}
