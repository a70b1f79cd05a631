public import Components
public import Federation
public import Randomness
internal import Tensors

/// Scores every update by three distances to the others at once, and keeps the most central ones.
///
///     t_i = (Σ_j (1 - cos(x_i, x_j))², Σ_j ‖x_i - x_j‖₁, Σ_j |‖x_i‖ - ‖x_j‖|),   j ≠ i
///     s_i = t_iᵀ Σ⁻¹ t_i, Σ the covariance of the t_i;   mean of the ⌊p n⌋ updates of least s_i
///
/// Whitening by the covariance lets the metric that sets the attackers apart speak loudest, whichever
/// it is; p n must not exceed the honest updates. No guarantee: nothing bounds what a small crafted
/// update may do, most honest updates are thrown away, and colluders in the middle of the honest ones
/// are preferred to honest clients that differ. Where Σ is singular (n ≤ 3, equal updates) its
/// pseudo-inverse in units of each metric's deviation stands for Σ⁻¹, where published code fails.
/// Equal scores go to the lower row. At least one update is kept.
///
/// Weights are ignored: they are claims. Published code applies the three distances to whole local
/// models rather than updates, where every cosine is near 1.
///
/// Example: p = 0.5 on (1, 0), (1, 0), (1, 0), (-9, 0): three equal updates have equal scores, far
/// below the fourth's; the result is (1, 0).
///
/// Source: Huang et al. 2023, *Multi-metrics Adaptively Identifies Backdoors in Federated Learning*,
/// the distances as in its published code.
public struct MultiMetrics: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// p: the share of the updates to keep.
    public var keep = 0.3
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "multi-metrics",
    summary:
      "The mean of the 30% of updates most central in cosine, L1 distance and norm together.",
    formula: "mean of the ⌊pn⌋ least t_iᵀ Σ⁻¹ t_i, t = summed cosine, L1 and norm distances",
    citation: "Huang et al. 2023",
    needs: [.individualUpdates],
    claims: [.permutationInvariant, .scaleEquivariant, .idempotent, .inCoordinateHull],
    parameters: [.init("keep", "share of the updates to keep", range: "greater than 0, at most 1")])

  /// The paper's 30%.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The rule with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "keep", parameters.keep > 0 && parameters.keep <= 1, "must be greater than 0 and at most 1",
      got: parameters.keep)
    try check.finish()
    self.parameters = parameters
  }

  /// The rule that keeps this share.
  public init(keep: Double = 0.3) throws {
    try self.init(Parameters(keep: keep))
  }

  /// Scores and keeps. O(n² d) for the absolute distances, beyond the shared Gram matrix.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let n = view.updates.count
    let scores = Self.scores(of: Self.metrics(of: view.updates))
    // 0.3 · 10 must be 3, whatever 0.3 is in binary.
    let kept = max(1, Int((parameters.keep * Double(n) * (1 + 1e-12)).rounded(.down)))
    let order = (0..<n).sorted { (scores[$0], $0) < (scores[$1], $1) }
    var aggregation = Aggregation.mean(
      of: order.prefix(kept).sorted(), count: n, scores: scores)
    for row in order.dropFirst(kept) {
      aggregation.reasons[row] = "not among the \(kept) most central updates"
    }
    return aggregation
  }

  /// The three summed distances of each row, in units in which each metric's deviation is 1; a metric
  /// that does not vary is 0.
  private static func metrics(of updates: UpdateView) -> [[Double]] {
    let n = updates.count
    let absolute = updates.absoluteDistances()
    let angles = updates.cosineDistances
    let norms = updates.squaredNorms.map { $0.squareRoot() }
    var columns = [[Double]](repeating: [Double](repeating: 0, count: n), count: 3)
    for i in 0..<n {
      for j in 0..<n where i != j {
        columns[0][i] += angles[i, j] * angles[i, j]
        columns[1][i] += absolute[i, j]
        columns[2][i] += abs(norms[i] - norms[j])
      }
    }
    for (index, column) in columns.enumerated() {
      let mean = column.reduce(0, +) / Double(n)
      let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(max(1, n - 1))).squareRoot()
      // Equal values differ by rounding.
      columns[index] =
        deviation > 1e-9 * mean ? column.map { $0 / deviation } : column.map { _ in 0 }
    }
    return (0..<n).map { i in columns.map { $0[i] } }
  }

  /// tᵀ Σ⁺ t of each row.
  private static func scores(of metrics: [[Double]]) -> [Double] {
    let n = metrics.count
    let means = (0..<3).map { k in metrics.reduce(0) { $0 + $1[k] } / Double(n) }
    var covariance = SmallMatrix(zeros: 3, columns: 3)
    for a in 0..<3 {
      for b in 0..<3 {
        covariance[a, b] =
          metrics.reduce(0) { $0 + ($1[a] - means[a]) * ($1[b] - means[b]) }
          / Double(max(1, n - 1))
      }
    }
    guard let eigen = covariance.symmetricEigen, let largest = eigen.values.last, largest > 0
    else { return metrics.map { _ in 0 } }
    let directions = (0..<3).filter { eigen.values[$0] > 1e-10 * largest }
    return metrics.map { t in
      directions.reduce(0) { sum, k in
        let along = zip(eigen.vectors.row(k), t).reduce(0) { $0 + $1.0 * $1.1 }
        return sum + along * along / eigen.values[k]
      }
    }
  }
}
