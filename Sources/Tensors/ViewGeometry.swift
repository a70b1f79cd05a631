import Synchronization

/// A combination of base rows in the basis of a ``RowGeometry``.
struct CenteredCombination {
  /// Indices into the basis.
  private var indices: [Int] = []
  private var coefficients: [Double] = []
  /// sum |coefficient| * norm: what rounding errors are relative to.
  let size: Double

  /// The combination `row` minus `multiple` times the centre.
  init(_ row: RowMixing.Row, subtractingCenter multiple: Double = 0, in geometry: RowGeometry) {
    for (source, coefficient) in zip(row.sources, row.coefficients) where source != geometry.center
    {
      indices.append(source)
      coefficients.append(coefficient)
    }
    let shift = row.total - multiple
    if shift != 0 {
      indices.append(geometry.center)
      coefficients.append(shift)
    }
    size = zip(indices, coefficients).reduce(0) { $0 + abs($1.1) * geometry.radius($1.0) }
  }

  /// The inner product with every basis vector.
  func products(in geometry: RowGeometry) -> [Double] {
    let order = geometry.gram.rows
    var result = [Double](repeating: 0, count: order)
    let gram = geometry.gram.entries
    for (index, coefficient) in zip(indices, coefficients) {
      for k in 0..<order { result[k] += coefficient * gram[index * order + k] }
    }
    return result
  }

  /// The inner product with the combination whose ``products(in:)`` are given.
  func dot(_ products: [Double]) -> Double {
    zip(indices, coefficients).reduce(0) { $0 + $1.1 * products[$1.0] }
  }

  func squaredNorm(in geometry: RowGeometry) -> Double {
    var sum = 0.0
    for (i, a) in zip(indices, coefficients) {
      var inner = 0.0
      for (k, b) in zip(indices, coefficients) { inner += b * geometry.gram[i, k] }
      sum += a * inner
    }
    return sum
  }
}

/// Inner products and squared distances between all pairs of rows of one view.
struct ViewGeometry: Sendable {
  let inner: SmallMatrix
  let squaredDistances: SmallMatrix
  /// How many distances had to be computed from the coordinates.
  let recomputedDistances: Int

  /// What a squared distance or norm may be wrong by, relative to itself.
  private static let precision = 1e-6

  /// Three ways to a distance, each taken where the error bound of the one before is too large:
  /// |a|^2 + |b|^2 - 2 <a, b> for a and b relative to the centre; the norm of the difference of the
  /// coefficients; the coordinates themselves.
  init(of view: UpdateView, in geometry: RowGeometry) {
    let count = view.count
    let mixing = view.mixing.replacingSources(by: geometry.representatives)
    let rows = mixing.rows
    let combinations = rows.map { CenteredCombination($0, in: geometry) }
    let offsets = rows.map { CenteredCombination($0, subtractingCenter: 1, in: geometry) }
    var inner = Self.products(combinations, in: geometry)
    let offsetProducts = Self.products(offsets, in: geometry)

    var recomputed = 0
    var distances = SmallMatrix(zeros: count, columns: count)
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) {
        let size = offsets[i].size + offsets[j].size
        var value = offsetProducts[i, i] + offsetProducts[j, j] - 2 * offsetProducts[i, j]
        if !(geometry.tolerance * size * size <= Self.precision * value) {
          let pair = RowMixing(rows: [rows[i], rows[j]], sourceCount: view.sourceCount)
          let difference = pair.combined([1, -1])
          if let near = Self.squaredNorm(of: difference, in: geometry) {
            value = near
          } else {
            recomputed += 1
            value = view.combinedSquaredNorm(difference)
          }
        }
        distances[i, j] = value
        distances[j, i] = value
      }
    }

    for i in 0..<count {
      let size = combinations[i].size
      if !(geometry.tolerance * size * size <= Self.precision * inner[i, i]) {
        inner[i, i] = view.combinedSquaredNorm(rows[i])
      }
    }
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) {
        let bound = geometry.tolerance * combinations[i].size * combinations[j].size
        if !(bound <= Self.precision * (inner[i, i] * inner[j, j]).squareRoot()) {
          let value = view.row(i).dot(view.row(j))
          inner[i, j] = value
          inner[j, i] = value
        }
      }
    }
    self.inner = inner
    squaredDistances = distances
    recomputedDistances = recomputed
  }

  /// The inner products of all pairs.
  private static func products(
    _ combinations: [CenteredCombination], in geometry: RowGeometry
  ) -> SmallMatrix {
    var result = SmallMatrix(zeros: combinations.count, columns: combinations.count)
    for i in combinations.indices {
      let products = combinations[i].products(in: geometry)
      for j in i..<combinations.count {
        let value = combinations[j].dot(products)
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }

  /// The squared norm in Gram coordinates, or nil where its error bound is too large.
  private static func squaredNorm(
    of difference: RowMixing.Row, in geometry: RowGeometry
  ) -> Double? {
    let combination = CenteredCombination(difference, in: geometry)
    let value = combination.squaredNorm(in: geometry)
    let bound = geometry.tolerance * combination.size * combination.size
    return bound <= precision * value ? value : nil
  }
}

extension RowGeometry {
  /// The norm of a basis vector.
  func radius(_ index: Int) -> Double { gram[index, index].squareRoot() }

  /// ``error`` and the rounding of sums over the rows.
  var tolerance: Double { error + Double(2 * gram.rows + 8) * 0x1p-53 }
}

/// The geometry of one view once somebody has asked.
final class ViewGeometryCache: Sendable {
  private let known = Mutex<ViewGeometry?>(nil)

  func value(_ compute: () -> ViewGeometry) -> ViewGeometry {
    known.withLock { known in
      if let known { return known }
      let computed = compute()
      known = computed
      return computed
    }
  }
}
