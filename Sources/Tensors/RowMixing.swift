/// Sparse coefficients: each row of a view as a combination of the rows of the matrix below it.
struct RowMixing: Sendable {
  /// One row: distinct sources in increasing order, none of them with coefficient 0.
  struct Row: Sendable {
    var sources: [Int]
    var coefficients: [Double]

    /// The source of which this row is an unchanged copy.
    var copiedSource: Int? {
      sources.count == 1 && coefficients[0] == 1 ? sources[0] : nil
    }

    /// The sum of the coefficients.
    var total: Double { coefficients.reduce(0, +) }
  }

  let rows: [Row]
  /// The number of rows of the matrix below.
  let sourceCount: Int
  /// Whether rows may be computed from the sum that most of them have in common.
  let sharesSums: Bool

  init(rows: [Row], sourceCount: Int, sharesSums: Bool = false) {
    self.rows = rows
    self.sourceCount = sourceCount
    self.sharesSums = sharesSums
  }

  /// Every row as it is.
  init(identity count: Int) {
    self.init(
      rows: (0..<count).map { Row(sources: [$0], coefficients: [1]) }, sourceCount: count)
  }

  /// The sources that some row uses, in increasing order.
  var usedSources: [Int] {
    var used = [Bool](repeating: false, count: sourceCount)
    for row in rows {
      for source in row.sources { used[source] = true }
    }
    return used.indices.filter { used[$0] }
  }

  func selecting(_ indices: [Int]) -> RowMixing {
    RowMixing(
      rows: indices.map { rows[$0] }, sourceCount: sourceCount, sharesSums: sharesSums)
  }

  func scaled(by factors: [Double]) -> RowMixing {
    let scaled = zip(rows, factors).map { row, factor in
      factor == 0
        ? Row(sources: [], coefficients: [])
        : Row(sources: row.sources, coefficients: row.coefficients.map { $0 * factor })
    }
    return RowMixing(rows: scaled, sourceCount: sourceCount)
  }

  func mixed(by weights: SmallMatrix, sharingSums: Bool) -> RowMixing {
    RowMixing(
      rows: (0..<weights.rows).map { combined(weights.row($0)) }, sourceCount: sourceCount,
      sharesSums: sharingSums)
  }

  /// The same rows with every source replaced by its representative.
  func replacingSources(by representatives: [Int]) -> RowMixing {
    guard representatives.enumerated().contains(where: { $0.offset != $0.element }) else {
      return self
    }
    let replaced = rows.map { row in
      var dense: [Int: Double] = [:]
      for (source, coefficient) in zip(row.sources, row.coefficients) {
        dense[representatives[source], default: 0] += coefficient
      }
      let sources = dense.keys.sorted().filter { dense[$0] != 0 }
      return Row(sources: sources, coefficients: sources.compactMap { dense[$0] })
    }
    return RowMixing(rows: replaced, sourceCount: sourceCount)
  }

  /// sum_i coefficients[i] * row_i.
  func combined(_ coefficients: [Double]) -> Row {
    var dense = [Double](repeating: 0, count: sourceCount)
    for (coefficient, row) in zip(coefficients, rows) where coefficient != 0 {
      for (source, inner) in zip(row.sources, row.coefficients) {
        dense[source] += coefficient * inner
      }
    }
    let sources = dense.indices.filter { dense[$0] != 0 }
    return Row(sources: sources, coefficients: sources.map { dense[$0] })
  }
}
