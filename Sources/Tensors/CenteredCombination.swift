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
