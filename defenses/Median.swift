public import Components
public import Federation
public import Randomness
internal import Tensors

/// The median of each coordinate.
///
///     median(x)_j = middle value of x_1j … x_nj; the mean of the two middle ones for even n
///
/// Withstands f < n/2 bad updates: every coordinate then lies between two honest values. It ignores
/// how coordinates belong together and all but the middle values, which costs accuracy when honest
/// clients differ (Karimireddy et al. 2022, section 3).
///
/// Example: (1, 2), (3, 4), (8, 0) give (3, 2).
///
/// Source: Yin et al. 2018, *Byzantine-Robust Distributed Learning: Towards Optimal Statistical
/// Rates*, algorithm 1, option I.
public struct Median: Aggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "median",
    summary: "The median of each coordinate; even n takes the mean of the two middle values.",
    formula: "median_j = med(x_1j, …, x_nj)",
    citation: "Yin et al. 2018, algorithm 1",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .idempotent,
      .inCoordinateHull, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "bad updates to withstand, checked against n", range: "0 ≤ f < n/2, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// 4 (1 + f/(n-2f))² (Allouah et al. 2023, *Fixing by Mixing*).
  public func robustnessCoefficient(updates n: Int, faults f: Int) -> Double? {
    guard n > 2 * f else { return nil }
    let factor = 1 + Double(f) / Double(n - 2 * f)
    return 4 * factor * factor
  }

  /// The coordinate-wise median. O(n log² n) comparisons a coordinate.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    Aggregation(.vector(view.updates.median()))
  }
}
