public import Components
public import Federation
public import Randomness
internal import Tensors

/// Nearest-neighbour mixing: every update becomes the mean of the n-f updates nearest to it.
///
///     y_i = 1/(n-f) Σ_{j ∈ N(i, n-f)} x_j, where i itself is one of its neighbours
///
/// Brings honest updates together when clients differ, so that the rule after it reaches the best
/// order of robustness possible: κ ≤ 8f/(n-f) (κ_rule + 1) (Allouah et al. 2023). f = 0
/// replaces every update by the mean. Equal distances go to the lower row.
///
/// Example: f = 1 on (0), (1), (10): nearest two of each are {0,1}, {1,0}, {10,1}, so the mixed
/// updates are (0.5), (0.5), (5.5).
///
/// Source: Allouah et al. 2023, *Fixing by Mixing: A Recipe for Optimal Byzantine ML under
/// Heterogeneity*, algorithm 2.
public struct NNM: PreAggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "nnm",
    summary: "Replaces each update by the mean of its n-f nearest; place it before a rule.",
    formula: "y_i = 1/(n-f) Σ_{j ∈ N(i, n-f)} x_j",
    citation: "Allouah et al. 2023, algorithm 2",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant,
      .idempotent,
    ],
    parameters: [
      .init("f", "farthest updates left out of each mean", range: "0 ≤ f < n/2, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// 8f/(n-f) (κ + 1).
  public func robustnessCoefficient(
    after kappa: Double, updates n: Int, faults f: Int
  ) -> Double? {
    n > 2 * f ? 8 * Double(f) / Double(n - f) * (kappa + 1) : nil
  }

  /// Changes only the mixing matrix. O(n² log n) beyond the shared Gram matrix.
  public func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    let n = view.updates.count
    let distances = view.updates.squaredDistances
    var mixing = SmallMatrix(zeros: n, columns: n)
    for i in 0..<n {
      // Row i first, whatever duplicates it has: a client is always its own neighbour.
      let nearest = (0..<n).sorted { a, b in
        (a == i ? -1 : distances[i, a], a) < (b == i ? -1 : distances[i, b], b)
      }
      for j in nearest.prefix(n - view.faults) { mixing[i, j] = 1 / Double(n - view.faults) }
    }
    return Prepared(view.updates.mixed(by: mixing, sharingSums: true))
  }
}
