extension UpdateView {
  /// 1 - cos of all pairs of rows, from 0 to 2: symmetric, zero on the diagonal; 1 with a row of
  /// zeros.
  ///
  /// Rows of similar direction and size have cosines that differ from 1 by less than an inner
  /// product's rounding error. Their distance knows the difference:
  /// 2 |a| |b| (1 - cos) = |a - b|^2 - (|a| - |b|)^2. What is below the error of either way is 0, so
  /// multiples of one row are never told apart by rounding.
  ///
  /// - Complexity: O(m^2) beyond the Gram matrix.
  public var cosineDistances: SmallMatrix {
    let (inner, distances) = (innerProducts, squaredDistances)
    let norms = (0..<count).map { max(0, inner[$0, $0]).squareRoot() }
    var result = SmallMatrix(zeros: count, columns: count)
    for i in 0..<count {
      for j in 0..<count where i != j {
        let product = norms[i] * norms[j]
        let squared = distances[i, j]
        let gap = norms[i] - norms[j]
        if product == 0 {
          result[i, j] = 1
        } else if squared <= 2 * product {
          let apart = squared - gap * gap
          result[i, j] = apart > 4e-6 * squared ? apart / (2 * product) : 0
        } else {
          let angle = 1 - inner[i, j] / product
          result[i, j] = angle > 4e-6 ? min(2, angle) : 0
        }
      }
    }
    return result
  }
}
