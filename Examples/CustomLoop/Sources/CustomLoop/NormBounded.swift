import Rampart

/// A defense of our own: the mean of the updates no longer than twice the median length.
///
/// Everything the laboratory needs to know is here, so it also works in a `rampart matrix` once its
/// name stands in the catalogue.
struct NormBounded: Aggregator {
  static let card = Card(
    name: "norm-bounded",
    summary: "The mean of the updates no longer than twice the median length.",
    formula: "mean of {x_i : ‖x_i‖ ≤ 2 med ‖x‖}",
    needs: [.individualUpdates], claims: [.permutationInvariant, .scaleEquivariant])

  init(_ parameters: NoParameters = NoParameters()) {}

  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let n = view.updates.count
    let norms = (0..<n).map { view.updates.squaredNorm($0).squareRoot() }
    let bound = 2 * norms.sorted()[n / 2]
    return .mean(of: (0..<n).filter { norms[$0] <= bound }, count: n, scores: norms)
  }
}
