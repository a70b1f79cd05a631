internal import Tensors

/// Rows of `a x = b`, each of unit length.
struct RGAPEquations {
  var rows: [[Double]] = []
  var right: [Double] = []

  mutating func append(_ row: [Double], _ value: Double) {
    let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 0 else { return }
    rows.append(row.map { $0 / norm })
    right.append(value / norm)
  }

  /// The solution of least norm, and what the rows determine.
  func solved(unknowns: Int) -> (solution: [Double], rank: RGAP.LayerRank) {
    let a = SmallMatrix(rows)
    let transposed = a.transposed
    let normal = SmallMatrix.product(transposed, a)
    guard !rows.isEmpty, let eigen = normal.symmetricEigen, let largest = eigen.values.last else {
      return (
        [Double](repeating: 0, count: unknowns),
        RGAP.LayerRank(unknowns: unknowns, rank: 0, residual: .infinity)
      )
    }
    let b = SmallMatrix(rows: right.count, columns: 1, entries: right)
    let projected = SmallMatrix.product(transposed, b).entries
    var solution = [Double](repeating: 0, count: unknowns)
    var rank = 0
    for (index, value) in eigen.values.enumerated() where value > 1e-13 * largest {
      rank += 1
      let vector = eigen.vectors.row(index)
      let share = zip(vector, projected).reduce(0) { $0 + $1.0 * $1.1 } / value
      for place in solution.indices { solution[place] += share * vector[place] }
    }
    let left = SmallMatrix.product(
      a, SmallMatrix(rows: unknowns, columns: 1, entries: solution)
    ).entries
    let squares = zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (
      solution,
      RGAP.LayerRank(
        unknowns: unknowns, rank: rank, residual: (squares / Double(rows.count)).squareRoot())
    )
  }
}
