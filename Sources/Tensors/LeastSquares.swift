/// The linear map M of least norm among those that minimise ‖X M - Y‖², for data X and Y whose rows
/// belong together.
///
/// Where there are fewer rows of data than columns, the normal equations of the other side are solved,
/// so that the cost is that of the smaller of the two.
package struct LeastSquares: Sendable {
  /// Xᵀ where M = Xᵀ map; nil where M = map.
  private let spread: SmallMatrix?
  private let map: SmallMatrix

  /// Fits M; nil where the data are not finite.
  ///
  /// - Parameters:
  ///   - inputs: X, in parts of any number of rows.
  ///   - outputs: Y, in parts of as many rows.
  ///   - cutoff: Directions of X whose squared size is below this share of the largest's count as
  ///     none.
  /// - Precondition: There is at least one part, and the parts have equal numbers of columns.
  package init?(inputs: [SmallMatrix], outputs: [SmallMatrix], cutoff: Double = 1e-12) {
    let x = SmallMatrix(stacking: inputs)
    let y = SmallMatrix(stacking: outputs)
    precondition(x.rows == y.rows, "\(x.rows) inputs and \(y.rows) outputs")
    let flipped = x.transposed
    if x.rows < x.columns {
      guard let inverse = Self.pseudoInverse(.product(x, flipped), cutoff) else { return nil }
      spread = flipped
      map = .product(inverse, y)
    } else {
      guard let inverse = Self.pseudoInverse(.product(flipped, x), cutoff) else { return nil }
      spread = nil
      map = .product(inverse, .product(flipped, y))
    }
  }

  /// X M for other rows.
  package func predict(_ x: SmallMatrix) -> SmallMatrix {
    .product(spread.map { .product(x, $0) } ?? x, map)
  }

  private static func pseudoInverse(_ gram: SmallMatrix, _ cutoff: Double) -> SmallMatrix? {
    guard let eigen = gram.symmetricEigen else { return nil }
    let largest = eigen.values.last ?? 0
    let kept = eigen.values.indices.filter { eigen.values[$0] > cutoff * largest }
    guard largest > 0, !kept.isEmpty else {
      return SmallMatrix(zeros: gram.rows, columns: gram.rows)
    }
    let vectors = SmallMatrix(kept.map { eigen.vectors.row($0) })
    let scaled = SmallMatrix(
      kept.map { k in eigen.vectors.row(k).map { $0 / eigen.values[k] } })
    return .product(vectors.transposed, scaled)
  }
}

extension SmallMatrix {
  /// Orthonormal rows that span what the rows of this matrix span, to the rounding of their inner
  /// products; nil where an entry is not finite. For matrices of fewer rows than columns.
  package var rowSpaceBasis: SmallMatrix? {
    guard let eigen = SmallMatrix.product(self, transposed).symmetricEigen else { return nil }
    let noise = Double(rows) * 0x1p-52 * (eigen.values.last ?? 0)
    let kept = eigen.values.indices.filter { eigen.values[$0] > noise }
    let vectors = kept.map { k in
      let length = eigen.values[k].squareRoot()
      return eigen.vectors.row(k).map { $0 / length }
    }
    return vectors.isEmpty ? nil : .product(SmallMatrix(vectors), self)
  }

  /// The rows of all parts, one part after another.
  package init(stacking parts: [SmallMatrix]) {
    self.init(
      rows: parts.reduce(0) { $0 + $1.rows }, columns: parts[0].columns,
      entries: parts.flatMap(\.entries))
  }

  /// The product by BLAS: for matrices of hundreds of rows. Bits depend on the processor family.
  package static func product(_ a: SmallMatrix, _ b: SmallMatrix) -> SmallMatrix {
    precondition(a.columns == b.rows, "no product of \(a.columns) columns and \(b.rows) rows")
    guard a.columns > 0 else { return SmallMatrix(zeros: a.rows, columns: b.columns) }
    var entries = [Double](repeating: 0, count: a.rows * b.columns)
    BLAS.gemm(
      m: a.rows, n: b.columns, k: a.columns, a: a.entries, lda: a.columns, b: b.entries,
      ldb: b.columns, c: &entries, ldc: b.columns)
    return SmallMatrix(rows: a.rows, columns: b.columns, entries: entries)
  }
}
