public import Components
public import Federation
public import Randomness
internal import Tensors

/// Comparative gradient elimination: the mean of the n - f updates of least norm.
///
///     cge(x; f) = 1/(n-f) Σ of the n - f updates of least ‖x_i‖
///
/// O(n) beyond the norms, and no update longer than the honest ones gets in, but a bad one that is
/// short does: withstands large attacks only, unless the costs of the clients are redundant (the
/// paper's assumption). Equal norms go to the lower row. Not translation equivariant: it knows no
/// other centre than zero.
///
/// Example: f = 1 on (3, 4), (1, 0), (0, 2) gives (0.5, 1).
///
/// Source: Gupta, Liu, Vaidya 2020, *Byzantine Fault-Tolerant Distributed Machine Learning using
/// Stochastic Gradient Descent (SGD) and Norm-Based Comparative Gradient Elimination (CGE)*. The
/// paper sums the n - f gradients; the mean differs by a constant step.
public struct CGE: Aggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "cge",
    summary: "The mean of the n-f updates of least norm.",
    formula: "1/(n-f) Σ of the n-f x_i of least ‖x_i‖",
    citation: "Gupta, Liu, Vaidya 2020",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .scaleEquivariant, .orthogonallyEquivariant, .idempotent,
      .inCoordinateHull, .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "longest updates left out", range: "0 ≤ f < n/2, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// Leaves out the longest rows. O(n log n) beyond the norms.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let n = view.updates.count
    let norms = view.updates.squaredNorms.map { $0.squareRoot() }
    return .mean(
      of: norms.leastFirst(n - view.faults), count: n, scores: norms,
      otherwise: "among the \(view.faults) longest")
  }
}
