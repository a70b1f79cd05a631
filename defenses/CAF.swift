public import Components
public import Federation
public import Randomness
internal import Tensors

/// The covariance-bound agnostic filter: lowers the weights of updates that stand out along the
/// direction of greatest variance, and keeps the mean for which that variance was least.
///
///     c = (1, …, 1);  while Σc > n - 2f:
///       μ = Σ c_i x_i / Σc;  (λ, v) = top eigenpair of Σ c_i (x_i - μ)(x_i - μ)ᵀ / Σc
///       τ_i = ⟨x_i - μ, v⟩²;  c_i ← c_i (1 - τ_i / max_{c_k > 0} τ_k)
///     result = the μ of least λ
///
/// For f < n/2. Its error is bounded by the top eigenvalue of the honest covariance, where rules by
/// coordinate pay for its trace, and unlike earlier filters it needs no bound on that eigenvalue to
/// be given (Allouah et al. 2025). It is a polynomial-time substitute for `smea`. f = 0 is the mean.
/// The greatest τ is taken over updates that still have weight: a far update whose weight is 0
/// already would otherwise stop all others from losing any.
///
/// Example: f = 1 on (0), (1), (2), (30): the first μ is 8.25 with λ = 158.2; then 30 has weight 0 and
/// the others about 0.88, so λ is 0.67 and the result (1.02).
///
/// ByzFL's published code takes one power step for the eigenpair and the greatest τ over all updates.
///
/// Source: Allouah, Guerraoui, Stephan 2025, *Towards Trustworthy Federated Learning with Untrusted
/// Participants*, algorithm 2.
public struct CAF: Aggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "caf",
    summary: "Filters along the direction of most variance; keeps the mean where it was least.",
    formula: "c_i ← c_i (1 - τ_i/τ_max), τ_i = ⟨x_i - μ_c, v_1⟩²; μ_c of least λ_1",
    citation: "Allouah et al. 2025, algorithm 2",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .idempotent,
      .inCoordinateHull, .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "bad updates to withstand", range: "0 ≤ f < n/2, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// Filters on inner products alone. O(n³) a pass beyond the shared Gram matrix, at most n passes.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let distances = view.updates.squaredDistances
    let n = view.updates.count
    var weights = [Double](repeating: 1, count: n)
    var best = weights
    var least = Double.infinity
    while let component = distances.principalComponent(weights: weights) {
      if component.variance < least {
        least = component.variance
        best = weights
      }
      let squares = component.projections.map { $0 * $0 }
      let most = zip(squares, weights).reduce(0) { $1.1 > 0 ? max($0, $1.0) : $0 }
      if most == 0 { break }
      for i in 0..<n where weights[i] > 0 { weights[i] *= 1 - min(1, squares[i] / most) }
      if weights.reduce(0, +) <= Double(n - 2 * view.faults) { break }
    }
    var reasons: [Int: String] = [:]
    for row in 0..<n where best[row] == 0 {
      reasons[row] = "filtered out along the direction of most variance"
    }
    return Aggregation(
      .weightedMean(best), kept: best.map { $0 > 0 }, scores: best.map { 1 - $0 }, reasons: reasons)
  }
}
