import CKernels

extension UpdateView {
  /// The inner products ⟨row_i - row_p, row_j - row_p⟩ of all pairs, p being one of the rows.
  ///
  /// Unlike a difference of ``innerProducts``, they keep their digits when rows agree in most of
  /// theirs: the error is at most 1e-6 of the product of the two distances to row p. Entries whose
  /// error bound is larger are computed from the coordinates.
  ///
  /// - Complexity: O(m n^2) beyond the Gram matrix; no pass over the columns where rows are not
  ///   much closer to each other than to the typical row.
  public func innerProducts(around row: Int) -> SmallMatrix {
    requireRow(row)
    let (products, isSettled) = products(around: row, in: matrix.rowGeometry(workers: workers))
    return isSettled
      ? products
      : self.products(around: row, in: matrix.exactRowGeometry(workers: workers)).products
  }

  /// These inner products, and whether every error bound is small enough, as an exact geometry
  /// ensures.
  private func products(
    around row: Int, in geometry: RowGeometry
  ) -> (products: SmallMatrix, isSettled: Bool) {
    let rows = mixing.replacingSources(by: geometry.representatives).rows
    let differences = rows.map {
      RowMixing(rows: [$0, rows[row]], sourceCount: sourceCount).combined([1, -1])
    }
    let offsets = differences.map { CenteredCombination($0, in: geometry) }
    var result = SmallMatrix(zeros: count, columns: count)
    for i in 0..<count {
      let products = offsets[i].products(in: geometry)
      for j in i..<count {
        result[i, j] = offsets[j].dot(products)
        result[j, i] = result[i, j]
      }
    }
    let isSettled = correct(&result, fromCoordinates: !geometry.isRounded) {
      geometry.error(offsets[$0], offsets[$1])
    } vector: {
      difference(differences[$0], nil)
    }
    return (result, isSettled)
  }

  /// The inner products ⟨row_i - r, row_j - r⟩ of all pairs, r being any vector.
  ///
  /// The error is at most 1e-6 of the product of the two distances to r; entries whose error bound is
  /// larger are computed from the coordinates.
  ///
  /// - Complexity: O(n d) and O(m n^2) beyond the Gram matrix.
  public func innerProducts(around reference: Vector) -> SmallMatrix {
    requireDimension(reference)
    guard count > 0, dimension > 0 else { return SmallMatrix(zeros: count, columns: count) }
    let geometry = matrix.exactRowGeometry(workers: workers)
    let rows = mixing.replacingSources(by: geometry.representatives).rows
    let center = matrix.row(geometry.center)
    // With q = r - c: row - r = (row - c) - q, where row - c lies in the basis.
    let (matrix, dimension, middle) = (matrix, dimension, geometry.center)
    let (qq, cq) = reference.withUnsafeBufferPointer { reference in
      let r = reference.baseAddress
      return (
        tensors_centered_dot(r, r, center, dimension),
        tensors_dot(center, r, dimension) - tensors_dot(center, center, dimension)
      )
    }
    let zq = sourceValues { source in
      reference.withUnsafeBufferPointer {
        tensors_centered_dot(
          matrix.row(source), $0.baseAddress, matrix.row(middle), dimension)
      }
    }
    let centerNorm = geometry.radius(geometry.center)
    let offsets = rows.map { CenteredCombination($0, subtractingCenter: 1, in: geometry) }
    let alongQ = rows.map { row in
      zip(row.sources, row.coefficients).reduce((row.total - 1) * cq) { $0 + $1.1 * zq[$1.0] }
    }
    var result = SmallMatrix(zeros: count, columns: count)
    for i in 0..<count {
      let products = offsets[i].products(in: geometry)
      for j in i..<count {
        result[i, j] = offsets[j].dot(products) - alongQ[i] - alongQ[j] + qq
        result[j, i] = result[i, j]
      }
    }
    let sizes = offsets.map { $0.size + qq.squareRoot() }
    let slack = rows.map { abs($0.total - 1) * centerNorm * (2 * centerNorm + qq.squareRoot()) }
    let tolerance = geometry.tolerance + Double(dimension / 16) * 0x1p-53
    correct(&result, fromCoordinates: true) { i, j in
      tolerance * (sizes[i] * sizes[j] + slack[i] + slack[j])
    } vector: {
      difference(rows[$0], reference)
    }
    return result
  }

  /// Computes entries from the coordinates where `bound`, that of their error, exceeds 1e-6 of the
  /// product of the norms. `vector(i)` are those.
  ///
  /// - Parameter fromCoordinates: Whether it may; if not, the first such entry ends it.
  /// - Returns: Whether all bounds are kept.
  @discardableResult
  private func correct(
    _ products: inout SmallMatrix, fromCoordinates: Bool, bound: (Int, Int) -> Double,
    vector compute: (Int) -> Vector
  ) -> Bool {
    var coordinates: [Int: Vector] = [:]
    func vector(_ i: Int) -> Vector {
      if let known = coordinates[i] { return known }
      let made = compute(i)
      coordinates[i] = made
      return made
    }
    for i in 0..<count where !(bound(i, i) <= geometricPrecision * products[i, i]) {
      if !fromCoordinates { return false }
      products[i, i] = vector(i).squaredNorm
    }
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) {
        if bound(i, j) <= geometricPrecision * (products[i, i] * products[j, j]).squareRoot() {
          continue
        }
        if !fromCoordinates { return false }
        let value =
          products[i, i] == 0 || products[j, j] == 0 ? 0 : vector(i).dot(vector(j))
        products[i, j] = value
        products[j, i] = value
      }
    }
    return true
  }

  /// A combination of base rows minus `reference`, rounded once.
  private func difference(_ row: RowMixing.Row, _ reference: Vector?) -> Vector {
    var result = Vector(zeros: dimension)
    var rows = row.sources.map { UnsafePointer(matrix.row($0)) as UnsafePointer<Float>? }
    var coefficients = row.coefficients
    result.withUnsafeMutableBufferPointer { out in
      guard let reference else {
        tensors_combine(rows, coefficients, rows.count, 1, 0, dimension, out.baseAddress)
        return
      }
      reference.withUnsafeBufferPointer {
        rows.append($0.baseAddress)
        coefficients.append(-1)
        tensors_combine(rows, coefficients, rows.count, 1, 0, dimension, out.baseAddress)
      }
    }
    return result
  }
}
