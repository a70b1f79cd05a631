public import Components
public import Federation
public import Randomness
internal import Tensors

/// The mean of each coordinate without its f lowest and f highest values.
///
///     trimmedMean(x; f)_j = 1/(n - 2f) Σ_{r = f+1}^{n-f} x_(r)j
///
/// Withstands f < n/2 bad updates: (f, κ)-robust with κ = 6f/(n-2f) (1 + f/(n-2f)) (Allouah et al.
/// 2023, appendix). f = 0 is the unweighted mean. Weights are ignored: they are claims.
///
/// Example: f = 1 on (1, 2), (3, 4), (8, 0), (5, 5) gives (4, 3).
///
/// Source: Yin et al. 2018, *Byzantine-Robust Distributed Learning: Towards Optimal Statistical
/// Rates*, algorithm 1, option II.
public struct TrimmedMean: Aggregator, FaultBounded {
  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "trimmed-mean",
    summary: "The mean of each coordinate without its f lowest and f highest values.",
    formula: "1/(n-2f) Σ_{r=f+1}^{n-f} x_(r)j",
    citation: "Yin et al. 2018, algorithm 1; bound: Allouah et al. 2023, appendix",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .idempotent,
      .inCoordinateHull, .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "values dropped at each end of a coordinate", range: "0 ≤ f < n/2, or 'assumed'")
    ])

  /// The parameters in force.
  public let parameters: FaultParameters

  /// The component with these parameters.
  public init(checked parameters: FaultParameters) { self.parameters = parameters }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// 6f/(n-2f) (1 + f/(n-2f)).
  public func robustnessCoefficient(updates n: Int, faults f: Int) -> Double? {
    guard n > 2 * f else { return nil }
    let share = Double(f) / Double(n - 2 * f)
    return 6 * share * (1 + share)
  }

  /// The trimmed mean. O(n log² n) comparisons a coordinate.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    Aggregation(.vector(view.updates.trimmedMean(trimming: view.faults)))
  }
}
