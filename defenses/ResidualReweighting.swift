public import Components
public import Federation
public import Randomness
internal import Tensors

/// Trusts a client by how close its values lie to a robust line through everybody's, coordinate by
/// coordinate.
///
///     y_(0) ≤ … ≤ y_(n-1) the values of one coordinate, line through (rank, value):
///     slope = med_i med_{k≠i} (y_(i) - y_(k))/(i - k),  through median(y) at the middle rank
///     e_i = r_i/τ,  τ = 1.4826 (1 + 5/(n-1)) med|r| + 10⁻⁷,  r_i the residuals
///     w_i = min(1, λ √(2/n) √(1 - h_i) / |e_i|),  h_i the leverage of the rank
///     values with w_i < threshold become the line's;  s_i = Σ_j w_ij std_j(w);
///     result = Σ s_i² y_i / Σ s_i²
///
/// One reweighting step of iteratively reweighted least squares around a repeated-median line, whose
/// breakdown point is one half. There is no bound on the result: a bad client keeps a small weight,
/// and its values become those of the line at their rank, which may lie outside the honest ones.
/// Coordinates in which everybody is trusted alike have std 0 and do not count; if no coordinate
/// counts, all clients weigh the same (the published code then divides 0 by 0). Equal values share
/// the mean of their ranks, so that equal clients weigh the same; in the published code the sort
/// decides.
///
/// Example: λ = 2, threshold 0.1 on 1, 2.1, 2.9, 4.2, 4.9, 6.1, 100: the line rises by 1.04 a rank
/// and the last value becomes 7.33; its client weighs almost nothing, the result is 3.53.
///
/// Source: Fu, Xie, Li, Chen 2019, *Attack-Resistant Federated Learning with Residual-based
/// Reweighting*; constants as in the authors' published code.
public struct ResidualReweighting: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The bad updates to withstand; only checked against their number.
    public var f: FaultBound = .assumed
    /// How far from the line, relative to the scale of the residuals, confidence stays whole.
    public var lambda = 2.0
    /// The least confidence to keep a value.
    public var threshold = 0.1
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "residual-reweighting",
    summary: "Weights clients by their residuals from a repeated-median line in each coordinate.",
    formula: "Σ s_i² y_i / Σ s_i², s_i = Σ_j w_ij std_j(w), w = min(1, λ√(2/n)√(1-h)/|e|)",
    citation: "Fu et al. 2019",
    needs: [.individualUpdates],
    claims: [.permutationInvariant, .translationEquivariant, .idempotent],
    parameters: [
      .init("f", "bad updates to withstand, checked against n", range: "0 ≤ f < n/2, or 'assumed'"),
      .init("lambda", "residual, in scales, from which confidence falls", range: "greater than 0"),
      .init("threshold", "least confidence to keep a value", range: "in [0, 1]"),
    ])

  /// λ = 2 and a threshold of 0.1, the authors' values.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A rule with these parameters.
  ///
  /// - Throws: `ParameterError` when one is out of its range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    check.positive("lambda", parameters.lambda)
    check(
      "threshold", parameters.threshold >= 0 && parameters.threshold <= 1, "must be in [0, 1]",
      got: parameters.threshold)
    try check.finish()
    self.parameters = parameters
  }

  /// A rule with this λ and threshold.
  public init(
    f: FaultBound = .assumed, lambda: Double = defaults.lambda,
    threshold: Double = defaults.threshold
  ) throws {
    try self.init(Parameters(f: f, lambda: lambda, threshold: threshold))
  }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// Fits, replaces, weighs. O(n² log² n) comparisons a coordinate and a second matrix of updates.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let regressed = view.updates.regressedOnRanks(
      lambda: parameters.lambda, threshold: parameters.threshold, floor: 1e-7)
    let most = regressed.confidences.reduce(0) { max($0, $1) }
    let trust = regressed.confidences.map { most > 0 ? $0 / most : 1 }
    return Aggregation(
      .vector(regressed.updates.weightedMean(trust.map { $0 * $0 })),
      scores: trust.map { 1 - $0 })
  }
}
