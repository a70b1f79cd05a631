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
