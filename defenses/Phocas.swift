public import Components
public import Federation
public import Randomness
internal import Tensors

/// The mean around the trimmed mean: in each coordinate, of the n-f values nearest to it.
///
///     phocas(x; f)_j = 1/(n-f) Σ of the n-f values x_ij of least |x_ij - trimmedMean(x; f)_j|
///
/// Withstands f < n/2 bad updates, also when they are others in every coordinate: the kept values
/// lie no farther from the trimmed mean than the farthest honest one. Equally near values go to the
/// lower row, so an exact tie may fall differently when clients change places. f = 0 is the mean.
///
/// Example: f = 1 on (0), (1), (5), (6), (20): the trimmed mean is 4, the kept values all but 20, the
/// result (3).
///
/// Source: Xie, Koyejo, Gupta 2018, *Phocas: Dimensional Byzantine-resilient Stochastic Gradient
/// Descent*.
public struct Phocas: Aggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "phocas",
    summary: "In each coordinate, the mean of the n-f values nearest to the trimmed mean.",
    formula: "1/(n-f) Σ_{i ∈ N_j(trmean_j, n-f)} x_ij",
    citation: "Xie et al. 2018, Phocas",
    needs: [.individualUpdates],
    claims: [
      .translationEquivariant, .scaleEquivariant, .idempotent, .inCoordinateHull,
      .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init(
        "f", "values trimmed at each end for the centre, then dropped in each coordinate",
        range: "0 ≤ f < n/2, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// The mean around the trimmed mean. O(n log² n) comparisons a coordinate.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let center = ColumnCenter.trimmedMean(trimming: view.faults)
    let kept = view.updates.count - view.faults
    return Aggregation(.vector(view.updates.meanOfNearest(kept, to: center)))
  }
}
