import Synchronization

/// A combination of base rows in the basis of a ``RowGeometry``.
struct CenteredCombination {
  /// Indices into the basis.
  private var indices: [Int] = []
  private var coefficients: [Double] = []
  /// sum |coefficient| * norm: what rounding errors in Double are relative to.
  let size: Double
  /// sqrt(sum (coefficient * spread)^2) and sum |coefficient| * spread: what those in Float are.
  let (spread, reach): (Double, Double)

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
    let spreads = zip(indices, coefficients).map { abs($1) * (geometry.spreads?[$0] ?? 0) }
    spread = spreads.reduce(0) { $0 + $1 * $1 }.squareRoot()
    reach = spreads.reduce(0, +)
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

  /// The coefficients of all basis vectors.
  func dense(in geometry: RowGeometry) -> [Double] {
    var result = [Double](repeating: 0, count: geometry.gram.rows)
    for (index, coefficient) in zip(indices, coefficients) { result[index] = coefficient }
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

/// What a squared distance, a squared norm or an inner product may be wrong by, relative to itself or
/// to the product of the norms.
let geometricPrecision = 1e-6

/// The squared distances between all pairs of rows of one view.
struct ViewDistances: Sendable {
  let squared: SmallMatrix
  /// How many had to be computed from the coordinates.
  let recomputed: Int
  /// Whether every error bound is small enough; only a rounded geometry may leave some that are not.
  let isSettled: Bool

  /// Four ways to a distance, each taken where the error bound of the one before is too large:
  /// |a|^2 + |b|^2 - 2 <a, b> for a and b relative to the centre; <a - b, a> - <a - b, b>, where terms
  /// that both have are gone from a - b; the norm of that difference by itself; the coordinates. In a
  /// rounded geometry the last two are left to the exact one.
  init(of view: UpdateView, in geometry: RowGeometry) {
    let count = view.count
    let rows = view.mixing.replacingSources(by: geometry.representatives).rows
    let offsets = rows.map { CenteredCombination($0, subtractingCenter: 1, in: geometry) }
    let images = offsets.map { $0.products(in: geometry) }
    let dense = offsets.map { $0.dense(in: geometry) }
    let products = offsets.products(images)
    let own = offsets.map { geometry.error($0, $0) }
    var distances = SmallMatrix(zeros: count, columns: count)
    var recomputed = 0
    var isSettled = true
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) where isSettled {
        let bound = own[i] + own[j] + 2 * geometry.error(offsets[i], offsets[j])
        var distance = products[i, i] + products[j, j] - 2 * products[i, j]
        if !(bound <= geometricPrecision * distance) {
          if let near = geometry.squaredNorm(
            ofDifference: (dense[i], dense[j]), images: (images[i], images[j]),
            sizes: offsets[i].size + offsets[j].size)
          {
            distance = near
          } else if geometry.isRounded {
            isSettled = false
          } else {
            let pair = RowMixing(rows: [rows[i], rows[j]], sourceCount: view.sourceCount)
            let difference = pair.combined([1, -1])
            if let near = Self.squaredNorm(of: difference, in: geometry) {
              distance = near
            } else {
              recomputed += 1
              distance = view.combinedSquaredNorm(difference)
            }
          }
        }
        distances[i, j] = distance
        distances[j, i] = distance
      }
    }
    squared = distances
    self.recomputed = recomputed
    self.isSettled = isSettled
  }

  /// The squared norm in Gram coordinates, or nil where its error bound is too large.
  private static func squaredNorm(
    of difference: RowMixing.Row, in geometry: RowGeometry
  ) -> Double? {
    let combination = CenteredCombination(difference, in: geometry)
    let value = combination.squaredNorm(in: geometry)
    return geometry.error(combination, combination) <= geometricPrecision * value ? value : nil
  }
}

extension RowGeometry {
  /// |a - b|^2 = sum_k (a_k - b_k) (<a, z_k> - <b, z_k>), or nil where the error bound is too large.
  ///
  /// - Parameters:
  ///   - dense: The coefficients a_k and b_k.
  ///   - images: The inner products with the basis.
  ///   - sizes: How large both together are.
  fileprivate func squaredNorm(
    ofDifference dense: ([Double], [Double]), images: ([Double], [Double]), sizes: Double
  ) -> Double? {
    var (value, size, squares, reach) = (0.0, 0.0, 0.0, 0.0)
    for k in dense.0.indices {
      let difference = dense.0[k] - dense.1[k]
      if difference == 0 { continue }
      value += difference * (images.0[k] - images.1[k])
      size += abs(difference) * radius(k)
      let spread = abs(difference) * (spreads?[k] ?? 0)
      squares += spread * spread
      reach += spread
    }
    let spread = squares.squareRoot()
    let bound = error(
      sizes: (size, size + sizes), spreads: (spread, spread), reaches: (reach, reach))
    return bound <= geometricPrecision * value ? value : nil
  }
}

/// The inner products of all pairs of rows of one view.
struct ViewProducts: Sendable {
  let inner: SmallMatrix
  /// Whether every error bound is small enough; only a rounded geometry may leave some that are not.
  let isSettled: Bool

  /// From the geometry, or from the coordinates where its error bound is too large; in a rounded
  /// geometry these are left to the exact one.
  init(of view: UpdateView, in geometry: RowGeometry) {
    let count = view.count
    let rows = view.mixing.replacingSources(by: geometry.representatives).rows
    let combinations = rows.map { CenteredCombination($0, in: geometry) }
    var inner = combinations.products(combinations.map { $0.products(in: geometry) })
    var isSettled = true
    func value(_ computed: () -> Double) -> Double {
      if !geometry.isRounded { return computed() }
      isSettled = false
      return 0
    }
    for (i, row) in combinations.enumerated() where isSettled {
      if !(geometry.error(row, row) <= geometricPrecision * inner[i, i]) {
        inner[i, i] = value { view.combinedSquaredNorm(rows[i]) }
      }
    }
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) where isSettled {
        let bound = geometry.error(combinations[i], combinations[j])
        if !(bound <= geometricPrecision * (inner[i, i] * inner[j, j]).squareRoot()) {
          let product = value { view.row(i).dot(view.row(j)) }
          inner[i, j] = product
          inner[j, i] = product
        }
      }
    }
    self.inner = inner
    self.isSettled = isSettled
  }
}

extension [CenteredCombination] {
  /// The inner products of all pairs, given those with the basis.
  func products(_ images: [[Double]]) -> SmallMatrix {
    var result = SmallMatrix(zeros: count, columns: count)
    for i in indices {
      for j in i..<count {
        let value = self[j].dot(images[i])
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }
}

/// The geometry of one view as far as somebody has asked.
final class ViewGeometryCache: Sendable {
  private let distances = Mutex<ViewDistances?>(nil)
  private let products = Mutex<ViewProducts?>(nil)

  func distances(_ compute: () -> ViewDistances) -> ViewDistances {
    distances.withLock { known in
      if let known { return known }
      let computed = compute()
      known = computed
      return computed
    }
  }

  func products(_ compute: () -> ViewProducts) -> ViewProducts {
    products.withLock { known in
      if let known { return known }
      let computed = compute()
      known = computed
      return computed
    }
  }
}
