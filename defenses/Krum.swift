public import Components
public import Federation
public import Randomness
internal import Tensors

/// The one update that is closest to its neighbours.
///
///     s(i) = Σ of the n-f-2 smallest ‖x_i - x_j‖², j ≠ i;   krum(x; f) = x_i of least s(i)
///
/// Proposed for n > 2f + 2 (Blanchard et al. 2017, definition 3.2 and proposition 4.2). It returns
/// a client's own update, so it averages nothing: with differing clients it is biased to whoever
/// sits in the densest corner, and it reveals that client's update to everybody. Equal scores go to
/// the lower row; attackers sit at random rows.
///
/// Example: f = 0 on (0, 0), (1, 0), (5, 0): scores 1, 1, 16; the tie goes to (0, 0).
///
/// Source: Blanchard et al. 2017, *Machine Learning with Adversaries: Byzantine Tolerant Gradient
/// Descent*, section 4.
public struct Krum: Aggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "krum",
    summary: "The single update whose n-f-2 nearest neighbours are closest to it.",
    formula: "argmin_{x_i} Σ_{j ∈ N(i, n-f-2)} ‖x_i - x_j‖²",
    citation: "Blanchard et al. 2017, section 4",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .idempotent,
      .inCoordinateHull, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "bad updates to withstand", range: "0 ≤ f, 2f + 3 ≤ n, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// 2f + 3.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 3 }

  /// Scores every row and keeps the best. O(n² log n) beyond the shared Gram matrix.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let distances = view.updates.squaredDistances
    let n = view.updates.count
    let scores = (0..<n).map { i in
      let others = (0..<n).filter { $0 != i }.map { distances[i, $0] }.sorted()
      return others.prefix(n - view.faults - 2).reduce(0, +)
    }
    let best = scores.indices.reduce(0) { scores[$1] < scores[$0] ? $1 : $0 }
    return .mean(of: [best], count: n, scores: scores)
  }
}
