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
