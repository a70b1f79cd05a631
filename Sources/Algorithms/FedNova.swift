public import Components
public import Federation
public import Randomness
internal import Tensors

/// Undoes what unequal numbers of local steps do to an average: FedNova.
///
///     Δ = τ Σ_k p_k Δ_k / a_k,   τ = Σ_k p_k a_k,   p_k = n_k / Σ n
///
/// FedAvg of clients that take unequal steps converges to the minimum of another objective, in which
/// who works more counts more. Here every update is divided by its effective steps `a_k` first: the
/// number of steps for SGD, `(s - ρ (1 - ρ^s) / (1 - ρ)) / (1 - ρ)` after `s` steps with momentum ρ,
/// `(1 - (1 - ημ)^s) / (ημ)` under FedProx's pull of strength μ at learning rate η.
/// Named beside a trainer; any rule may follow, and the plain mean gives the paper's update.
///
/// Clients claim their steps as they claim their weights: a colluder that claims few is weighed up.
///
/// Source: Wang, Liu, Liang, Joshi, Poor 2020, *Tackling the Objective Inconsistency Problem in
/// Heterogeneous Federated Optimization*, section 4.
public struct FedNova: PreAggregator {
  /// Name, meaning and source.
  public static let card = Card(
    name: "fednova",
    summary: "Updates are divided by their clients' effective steps before they are averaged.",
    formula: "Δ = τ Σ p_k Δ_k / a_k, τ = Σ p_k a_k",
    citation: "Wang et al. 2020, section 4", needs: [.individualUpdates, .claims])

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Scales row k by τ / a_k; a row whose steps nobody knows, or that took none, stays as it is.
  public func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    let total = view.weights.reduce(0, +)
    var mean = 0.0
    var known = 0.0
    for (weight, steps) in zip(view.weights, view.steps) {
      guard let steps, steps > 0, steps.isFinite else { continue }
      mean += weight / total * steps
      known += weight / total
    }
    if known > 0 { mean /= known }
    return Prepared(
      view.updates.scaled(
        by: view.steps.map { steps in
          guard let steps, steps > 0, steps.isFinite else { return 1 }
          return mean / steps
        }))
  }
}
