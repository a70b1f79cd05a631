public import Components
public import Federation
public import Randomness
internal import Tensors

/// Filters updates until their variance in every direction is what honest updates may have.
///
///     c = (1, …, 1);  while λ > expansion · σ² and Σc > n - 2f:
///       τ_i = ⟨x_i - μ_c, v⟩²;  c_i ← c_i (1 - τ_i / max_{c_k > 0} τ_k)
///     result = μ_c,  (λ, v) the top eigenpair of the weighted covariance
///
/// If σ² bounds the top eigenvalue of the honest covariance, the error is O(σ √(f/n)), whatever the
/// dimension, for a small enough share f/n. σ must be given: too large, and the filter never runs; too
/// small, and it eats honest updates; then the mean of least λ before Σc reaches n - 2f is returned,
/// as `caf` does, which needs no σ.
///
/// Example: σ = 1, f = 1 on (0), (1), (2), (30): λ = 158.2 > 20, so 30 loses its weight, the others a
/// little; then λ is 0.67 and the result (1.02). With σ = 3 the bound is 180 and the result the
/// mean, (8.25).
///
/// `squared-eigenvalue` compares λ² with expansion · σ² instead, as published code does (there σ is
/// the eigenvalue's own bound). `no-regret` keeps weights q of sum 1, none above 1/(n-f): each pass
/// multiplies them by 1 - τ_i/(2 max τ) and projects onto that set in relative entropy.
///
/// Sources: Diakonikolas et al. 2017, *Being Robust (in High Dimensions) Can Be Practical*;
/// Steinhardt 2018, *Robust Learning: Information Theory and Algorithms*; no-regret: Hopkins, Li,
/// Zhang 2020, *Robust and Heavy-Tailed Mean Estimation Made Simple, via Regret Minimization*.
public struct FilterL2: Aggregator {
  /// What is compared and how weights fall.
  public enum Variant: String, Codable, Hashable, Sendable, CaseIterable {
    /// λ against expansion · σ²; weights fall by their share of the greatest τ.
    case downweight
    /// The same with λ² in place of λ.
    case squaredEigenvalue = "squared-eigenvalue"
    /// Multiplicative weights, projected so that none exceeds 1/(n-f).
    case noRegret = "no-regret"
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The bad updates to withstand.
    public var f: FaultBound = .assumed
    /// The greatest standard deviation of honest updates in any direction.
    public var sigma = 1.0
    /// How many times σ² the variance may be.
    public var expansion = 20.0
    /// What is compared and how weights fall.
    public var variant = Variant.downweight
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "filter-l2",
    summary: "Filters updates until no direction has more variance than honest ones may.",
    formula: "c_i ← c_i (1 - τ_i/τ_max) while λ_1(Σ_c) > 20 σ²; μ_c",
    citation: "Diakonikolas et al. 2017; Steinhardt 2018; no-regret: Hopkins et al. 2020",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .idempotent, .inCoordinateHull,
      .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "bad updates to withstand", range: "0 ≤ f < n/2, or 'assumed'"),
      .init(
        "sigma", "greatest standard deviation of honest updates in any direction",
        range: "greater than 0"),
      .init("expansion", "how many times sigma² the variance may be", range: "greater than 0"),
      .init(
        "variant", "what is compared and how weights fall",
        range: "'downweight', 'squared-eigenvalue' or 'no-regret'"),
    ])

  /// σ = 1 and an expansion of 20.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A filter with these parameters.
  ///
  /// - Throws: `ParameterError` when one is out of its range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    for (key, value) in [("sigma", parameters.sigma), ("expansion", parameters.expansion)] {
      check.positive(key, value)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// A filter for honest updates of standard deviation at most `sigma` in any direction.
  public init(
    f: FaultBound = .assumed, sigma: Double, variant: Variant = .downweight
  ) throws {
    try self.init(Parameters(f: f, sigma: sigma, variant: variant))
  }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// Filters on inner products alone. O(n³) a pass beyond the shared Gram matrix; at most n passes,
  /// `no-regret` at most 500.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let distances = view.updates.squaredDistances
    let n = view.updates.count
    let bound = parameters.expansion * parameters.sigma * parameters.sigma
    var weights = [Double](repeating: 1, count: n)
    var best = weights
    var least = Double.infinity
    for _ in 0..<max(n, 500) {
      guard let component = distances.principalComponent(weights: weights) else { break }
      if component.variance < least {
        least = component.variance
        best = weights
      }
      let squared = parameters.variant == .squaredEigenvalue
      if (squared ? component.variance * component.variance : component.variance) <= bound { break }
      let squares = component.projections.map { $0 * $0 }
      let most = zip(squares, weights).reduce(0) { $1.1 > 0 ? max($0, $1.0) : $0 }
      if most == 0 || view.faults == 0 { break }
      if parameters.variant == .noRegret {
        for i in 0..<n { weights[i] *= 1 - min(1, squares[i] / most) / 2 }
        weights = Self.capped(weights, at: 1 / Double(n - view.faults))
      } else {
        for i in 0..<n where weights[i] > 0 { weights[i] *= 1 - min(1, squares[i] / most) }
        if weights.reduce(0, +) <= Double(n - 2 * view.faults) { break }
      }
    }
    let most = best.reduce(0) { max($0, $1) }
    var reasons: [Int: String] = [:]
    for row in 0..<n where best[row] == 0 {
      reasons[row] = "filtered out along the direction of most variance"
    }
    return Aggregation(
      .weightedMean(best), kept: best.map { $0 > 0 }, scores: best.map { 1 - $0 / most },
      reasons: reasons)
  }

  /// The distribution of least relative entropy to these weights that gives nothing more than `cap`:
  /// the largest get the cap, the rest keep their proportions.
  private static func capped(_ weights: [Double], at cap: Double) -> [Double] {
    let order = weights.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
    var rest = weights.reduce(0, +)
    for (count, index) in order.enumerated() {
      let scale = (1 - Double(count) * cap) / rest
      if weights[index] * scale <= cap {
        let full = Set(order.prefix(count))
        return weights.indices.map { full.contains($0) ? cap : weights[$0] * scale }
      }
      rest -= weights[index]
    }
    return weights.map { _ in 1 / Double(weights.count) }
  }
}
