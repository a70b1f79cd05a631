import CKernels

extension UpdateView {
  /// The squared Euclidean distance of two rows; relative error at most 1e-6.
  ///
  /// The first geometric question to a view costs O(n^2 d) if no view of the matrix has been asked
  /// before, and O(m n^2) otherwise; then O(1).
  public func squaredDistance(_ i: Int, _ j: Int) -> Double {
    requireRow(i)
    requireRow(j)
    return distances().squared[i, j]
  }

  /// The squared Euclidean distances of all pairs of rows: symmetric, zero on the diagonal.
  public var squaredDistances: SmallMatrix { squaredDistances() }

  /// The squared Euclidean distances of all pairs of rows, with several threads if there is no Gram
  /// matrix yet.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not
  ///   depend on it.
  public func squaredDistances(workers: Int? = nil) -> SmallMatrix {
    distances(workers: workers).squared
  }

  /// The squared Euclidean norm of row `i`; relative error at most 1e-6.
  public func squaredNorm(_ i: Int) -> Double {
    requireRow(i)
    return products.inner[i, i]
  }

  /// The Euclidean norm of row `i`.
  public func norm(_ i: Int) -> Double { squaredNorm(i).squareRoot() }

  /// The squared Euclidean norms of all rows; relative error at most 1e-6.
  ///
  /// Needs no Gram matrix while every row is one base row or a multiple of it.
  ///
  /// - Complexity: O(n d) then, else O(m) beyond the geometry.
  public var squaredNorms: [Double] {
    guard mixing.rows.allSatisfy({ $0.sources.count <= 1 }) else {
      return (0..<count).map { squaredNorm($0) }
    }
    let squares: [Double]
    if mixing.usedSources.count == sourceCount {
      squares = matrix.squaredNorms(workers: workers)
    } else {
      let (matrix, dimension) = (matrix, dimension)
      squares = sourceValues { tensors_dot(matrix.row($0), matrix.row($0), dimension) }
    }
    return mixing.rows.map { row in
      zip(row.sources, row.coefficients).reduce(0) { $0 + $1.1 * $1.1 * squares[$1.0] }
    }
  }

  /// The inner product of two rows; error at most 1e-6 of the product of their norms.
  public func inner(_ i: Int, _ j: Int) -> Double {
    requireRow(i)
    requireRow(j)
    return products.inner[i, j]
  }

  /// The inner products of all pairs of rows; the squared norms are on the diagonal.
  public var innerProducts: SmallMatrix { products.inner }

  /// The inner product of each row with `vector`.
  ///
  /// - Complexity: O(n d).
  public func innerProducts(with vector: Vector) -> [Double] {
    requireDimension(vector)
    let (matrix, dimension) = (matrix, dimension)
    let products = sourceValues { source in
      vector.withUnsafeBufferPointer {
        tensors_dot(matrix.row(source), $0.baseAddress, dimension)
      }
    }
    return mixing.rows.map { row in
      zip(row.sources, row.coefficients).reduce(0) { $0 + $1.1 * products[$1.0] }
    }
  }

  /// The squared Euclidean distance of each row to `reference`; relative error at most 1e-6.
  ///
  /// Needs no Gram matrix while every row is one of the base rows.
  ///
  /// - Complexity: O(n d), for mixed rows beyond the Gram matrix.
  public func squaredDistances(to reference: Vector) -> [Double] {
    requireDimension(reference)
    return reference.withUnsafeBufferPointer { entries in
      copiedSquaredDistances(to: entries)
        ?? squaredDistances(to: reference, at: entries.baseAddress)
    }
  }

  /// The squared Euclidean distance of each row to row `i`; relative error at most 1e-6.
  ///
  /// - Complexity: O(n d), without a Gram matrix, while every row is one of the base rows.
  public func squaredDistances(toRow i: Int) -> [Double] {
    requireRow(i)
    if let source = mixing.rows[i].copiedSource,
      let squares = copiedSquaredDistances(
        to: UnsafeBufferPointer(start: matrix.row(source), count: dimension))
    {
      return squares
    }
    return distances().squared.row(i)
  }

  /// The squared distance of each row to `reference`, from the coordinates; nil where some row is not
  /// a base row.
  private func copiedSquaredDistances(to reference: UnsafeBufferPointer<Float>) -> [Double]? {
    let copied = mixing.rows.compactMap(\.copiedSource)
    guard copied.count == count else { return nil }
    let (matrix, dimension) = (matrix, dimension)
    nonisolated(unsafe) let start = reference.baseAddress
    let squares: [Double]
    if mixing.usedSources.count == sourceCount {
      squares = matrix.squaredDistances(to: start, workers: workers)
    } else {
      squares = sourceValues { tensors_squared_distance(matrix.row($0), start, dimension) }
    }
    return copied.map { squares[$0] }
  }

  /// With q = r - c: y - r = sum_k w_k z_k + (sum_k w_k - 1) c - q, in centred inner products.
  private func squaredDistances(
    to vector: Vector, at reference: UnsafePointer<Float>?
  ) -> [Double] {
    guard let reference, count > 0 else { return mixing.rows.map { _ in 0 } }
    let geometry = matrix.exactRowGeometry(workers: workers)
    let center = matrix.row(geometry.center)
    let qq = tensors_centered_dot(reference, reference, center, dimension)
    let cq =
      tensors_dot(center, reference, dimension) - tensors_dot(center, center, dimension)
    let (matrix, dimension, middle) = (matrix, dimension, geometry.center)
    let zq = sourceValues { source in
      vector.withUnsafeBufferPointer {
        tensors_centered_dot(
          matrix.row(source), $0.baseAddress, matrix.row(middle), dimension)
      }
    }
    let tolerance = geometry.tolerance + Double(dimension / 16) * 0x1p-53
    let centerNorm = geometry.radius(geometry.center)
    return mixing.rows.map { row in
      let shift = row.total - 1
      let offset = CenteredCombination(row, subtractingCenter: 1, in: geometry)
      var value = offset.squaredNorm(in: geometry) + qq - 2 * shift * cq
      for (source, coefficient) in zip(row.sources, row.coefficients) {
        value -= 2 * coefficient * zq[source]
      }
      let size = offset.size + qq.squareRoot()
      let crossError = abs(shift) * centerNorm * (2 * centerNorm + qq.squareRoot())
      if tolerance * (size * size + 2 * crossError) <= 1e-6 * value { return value }
      return combinedSquaredNorm(
        row.sources.map { UnsafePointer(matrix.row($0)) } + [reference],
        row.coefficients + [-1])
    }
  }

  /// sum_k coefficients[k] * rows[k], squared and summed over the columns, in Double.
  func combinedSquaredNorm(_ rows: [UnsafePointer<Float>], _ coefficients: [Double]) -> Double {
    tensors_combined_squared_norm(
      rows.map { $0 as UnsafePointer<Float>? }, coefficients, rows.count, dimension)
  }

  /// The squared norm of a combination of base rows, from the coordinates.
  func combinedSquaredNorm(_ row: RowMixing.Row) -> Double {
    combinedSquaredNorm(row.sources.map { UnsafePointer(matrix.row($0)) }, row.coefficients)
  }

  /// How many distances between rows of this view had to be computed from the coordinates.
  package var recomputedDistances: Int { distances().recomputed }

  private func distances(workers: Int? = nil) -> ViewDistances {
    geometry.distances {
      let workers = workers ?? self.workers
      let found = ViewDistances(of: self, in: matrix.rowGeometry(workers: workers))
      return found.isSettled
        ? found : ViewDistances(of: self, in: matrix.exactRowGeometry(workers: workers))
    }
  }

  private var products: ViewProducts {
    geometry.products {
      let found = ViewProducts(of: self, in: matrix.rowGeometry(workers: workers))
      return found.isSettled
        ? found : ViewProducts(of: self, in: matrix.exactRowGeometry(workers: workers))
    }
  }

  /// `value` of every source that some row uses; 0 for the others.
  func sourceValues(_ value: @Sendable (Int) -> Double) -> [Double] {
    let used = mixing.usedSources
    var values = [Double](repeating: 0, count: sourceCount)
    let found = WorkerPool.map(used.count, workers: workers) { index, _ in value(used[index]) }
    for (source, value) in zip(used, found) { values[source] = value }
    return values
  }

  func requireDimension(_ vector: Vector) {
    precondition(
      vector.count == dimension, "a vector of \(vector.count) entries for \(dimension) columns")
  }
}
