public import Components
public import Federation
public import Randomness
internal import Tensors

/// Adaptive robust clipping: the longest updates are shortened to the norm of the next longest.
///
///     k = ⌊2 (f/n) (n - f)⌋;   x_i · min(1, C/‖x_i‖),   C = the (n-k)-th smallest norm
///
/// Clipping whose norm follows the honest updates, so it hurts no learning that static clipping
/// would, and a rule keeps its robustness: κ grows by at most 2f/(n-2f) (as Allouah et al. state;
/// held in random search). f = 0 changes nothing. Not translation equivariant.
///
/// Example: f = 1, n = 4: k = 1, so of norms 1, 2, 3, 9 the last becomes 3.
///
/// Source: Allouah, Guerraoui, Gupta, Jellouli, Rizk, Stephan 2024, *Adaptive Gradient Clipping for
/// Robust Federated Learning*.
public struct ARC: PreAggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "arc",
    summary: "Clips the 2f(n-f)/n longest updates to the norm of the next; place it before a rule.",
    formula: "x_i · min(1, C/‖x_i‖), C = (n-k)-th smallest norm, k = ⌊2(f/n)(n-f)⌋",
    citation: "Allouah et al. 2024",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .scaleEquivariant, .orthogonallyEquivariant, .idempotent,
    ],
    parameters: [
      .init("f", "bad updates to withstand", range: "0 ≤ f < n/2, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// κ + 2f/(n-2f).
  public func robustnessCoefficient(after kappa: Double, updates n: Int, faults f: Int) -> Double? {
    n > 2 * f ? kappa + 2 * Double(f) / Double(n - 2 * f) : nil
  }

  /// Scales the longest rows. O(n log n) beyond the norms.
  public func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    let n = view.updates.count
    let norms = view.updates.squaredNorms.map { $0.squareRoot() }
    let clipped = 2 * view.faults * (n - view.faults) / n
    let threshold = norms.sorted()[n - clipped - 1]
    return Prepared(
      view.updates.scaled(by: norms.map { $0 > threshold ? threshold / $0 : 1 }))
  }
}
