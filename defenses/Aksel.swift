public import Components
public import Federation
public import Randomness
internal import Tensors

/// The mean of the updates nearest to the median of each coordinate.
///
///     aksel(x) = mean of the c updates of least ‖x_i - median(x)‖,   c = n - f, or ⌈n/2⌉
///
/// Linear in n, unlike the rules on pairs; withstands f < n/2, as fewer bad updates than good ones
/// are near the median. `keep: half` needs no f to choose, and is more cautious. Equal distances go
/// to the lower row.
///
/// Example: f = 1 on (0, 0), (1, 2), (2, 1), (50, 50): the median is (1.5, 1.5), and the mean of the
/// three nearest (1, 1).
///
/// Source: Boussetta, El Mhamdi, Guerraoui, Maurer, Rouault 2021, *AKSEL: Fast Byzantine SGD*.
public struct Aksel: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Bad updates to withstand.
    public var f = FaultBound.assumed
    /// How many updates to average.
    public var keep = KeepCount.allButFaults
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "aksel",
    summary: "The mean of the n-f (or half of the) updates nearest to the coordinate-wise median.",
    formula: "mean of the c x_i of least ‖x_i - median(x)‖",
    citation: "Boussetta et al. 2021",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .idempotent,
      .inCoordinateHull, .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "bad updates to withstand", range: "0 ≤ f < n/2, or 'assumed'"),
      .init("keep", "how many updates to average", range: "1 ≤ keep ≤ n, 'n-f' or 'half'"),
    ])

  /// The n - f nearest.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Aksel with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    parameters.keep.check("keep", &check)
    try check.finish()
    self.parameters = parameters
  }

  /// Aksel that must withstand `f` bad updates: `Aksel(f: 3)`.
  public init(f: FaultBound = .assumed, keep: KeepCount = .allButFaults) throws {
    try self.init(Parameters(f: f, keep: keep))
  }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// 2f + 1; the number to keep where that is more.
  public func minimumUpdates(faults: Int) -> Int {
    max(2 * faults + 1, parameters.keep.minimumUpdates)
  }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// Keeps the nearest rows. One median and one pass.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let n = view.updates.count
    let distances = view.updates.squaredDistances(to: view.updates.median())
    let keep = parameters.keep.resolved(updates: n, faults: view.faults)
    return .mean(
      of: distances.leastFirst(keep), count: n, scores: distances, otherwise: "far from the median")
  }
}
