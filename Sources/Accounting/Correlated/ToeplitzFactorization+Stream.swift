extension ToeplitzFactorization {
  /// The noise C^-1 Z, one step after another.
  ///
  /// With n_s the norm by which column s of C is divided (1 unless columns are scaled) and
  /// x_t = n_t y_t:
  ///
  ///     c_0 y_t = z_t - sum over j = 1 ..< bands of c_j y_(t-j)
  ///
  /// so a step needs the last bands - 1 vectors y, and nothing of C but its coefficients.
  ///
  /// Example: coefficients 1 and 1/2, not scaled, z = 1 in each of three steps: x = 1, 1/2, 3/4.
  ///
  /// Source: arXiv 2306.08153, algorithm 9.
  public struct Stream: Sendable, Hashable, Codable {
    /// How many steps were made: the number, from 0, of the next.
    public private(set) var made = 0
    /// y of the last steps, the latest last.
    private var past: [[Double]] = []

    /// Before the first step.
    public init() {}

    /// The noise of the next step: row `made` of C^-1 Z, of any length.
    ///
    /// - Parameters:
    ///   - independent: Z's row, as long as in the steps before.
    ///   - factorization: C, the same in every step.
    /// - Precondition: Steps are left, and rows are equally long.
    /// - Complexity: O(bands d) for rows of d entries; memory for (bands - 1) d.
    public mutating func next(
      from independent: [Double], of factorization: ToeplitzFactorization
    ) -> [Double] {
      let coefficients = factorization.coefficients
      precondition(made < factorization.steps, "the factorisation has no more steps")
      precondition(past.allSatisfy { $0.count == independent.count }, "rows are equally long")
      var row = independent
      for (earlier, c) in zip(past.reversed(), coefficients.dropFirst()) {
        for place in row.indices { row[place] -= c * earlier[place] }
      }
      if coefficients[0] != 1 {
        for place in row.indices { row[place] /= coefficients[0] }
      }
      let norm = factorization.columnNorm(made)
      made += 1
      if coefficients.count > 1 {
        if past.count == coefficients.count - 1 { past.removeFirst() }
        past.append(row)
      }
      if norm != 1 {
        for place in row.indices { row[place] *= norm }
      }
      return row
    }
  }

  /// What column `step` of C was divided by. O(bands).
  private func columnNorm(_ step: Int) -> Double {
    guard isNormalized else { return 1 }
    return coefficients.prefix(steps - step).reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
