public import Components
public import Federation
public import Randomness
internal import Tensors

/// The mean around the median: in each coordinate, of the n-f values nearest to its median.
///
///     meamed(x; f)_j = 1/(n-f) Σ of the n-f values x_ij of least |x_ij - med_j|
///
/// Withstands f < n/2 bad updates: the kept values lie no farther from the median than the farthest
/// honest one. It uses more values than the trimmed mean does, and pays for it: a bad value beside
/// the median is never dropped for its side. Equally near values go to the lower row, so an exact tie
/// may fall differently when clients change places. f = 0 is the unweighted mean.
///
/// Example: f = 1 on (0), (1), (2), (9): the median is 1.5, the kept values 0, 1, 2, the result (1).
///
/// Source: Xie, Koyejo, Gupta 2018, *Generalized Byzantine-tolerant SGD*, mean around median.
public struct MeaMed: Aggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "mea-med",
    summary: "In each coordinate, the mean of the n-f values nearest to the median.",
    formula: "1/(n-f) Σ_{i ∈ N_j(med_j, n-f)} x_ij",
    citation: "Xie et al. 2018, Generalized Byzantine-tolerant SGD",
    needs: [.individualUpdates],
    claims: [
      .translationEquivariant, .scaleEquivariant, .idempotent, .inCoordinateHull,
      .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "values dropped in each coordinate", range: "0 ≤ f < n/2, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// The mean around the median. O(n log² n) comparisons a coordinate.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let kept = view.updates.count - view.faults
    return Aggregation(.vector(view.updates.meanOfNearest(kept, to: .median)))
  }
}
