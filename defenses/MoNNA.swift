public import Components
public import Federation
public import Randomness
internal import Tensors

/// The mean of the n - f updates nearest to that of one trusted client.
///
///     monna(x; f, p) = 1/(n-f) Σ of the n - f updates of least ‖x_i - x_p‖, x_p among them
///
/// Made for peers, each of which trusts itself: with an honest pivot p a bad update gets in only if
/// it is nearer to the pivot than some honest one. On a server it is as good as the choice of p; a
/// bad pivot decides everything, so f bad updates are withstood only when p is none of them. When p
/// sent nothing usable the model is held. Equal distances go to the lower row.
///
/// Example: f = 1, p = 1 on (1, 2, 3), (4, 5, 6), (7, 8, 9): both others are equally far, and the
/// mean of the first two is (2.5, 3.5, 4.5).
///
/// Source: Farhadkhani, Guerraoui, Gupta, Hoang, Pinot, Stephan 2023, *Robust Collaborative Learning
/// with Linear Gradient Overhead*.
public struct MoNNA: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Bad updates to withstand.
    public var f = FaultBound.assumed
    /// The client that is trusted, from 0.
    public var pivot = 0
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "monna",
    summary: "The mean of the n-f updates nearest to that of one trusted client.",
    formula: "1/(n-f) Σ of the n-f x_i of least ‖x_i - x_p‖",
    citation: "Farhadkhani et al. 2023",
    needs: [.individualUpdates, .clientIdentity],
    claims: [
      .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant, .idempotent,
      .inCoordinateHull, .meanWithoutFaults,
    ],
    parameters: [
      .init("f", "farthest updates left out", range: "0 ≤ f < n/2, or 'assumed'"),
      .init("pivot", "the trusted client", range: "0 or more"),
    ])

  /// Client 0 is trusted.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// MoNNA with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    check("pivot", parameters.pivot >= 0, "must be 0 or more", got: parameters.pivot)
    try check.finish()
    self.parameters = parameters
  }

  /// MoNNA around client `pivot`: `MoNNA(f: 3, pivot: 0)`.
  public init(f: FaultBound = .assumed, pivot: Int = 0) throws {
    try self.init(Parameters(f: f, pivot: pivot))
  }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// Keeps the rows nearest to the pivot's. O(n d), two passes over the updates.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    guard let pivot = view.clients.firstIndex(of: parameters.pivot) else {
      return Aggregation(.hold("has no update of client \(parameters.pivot), which it trusts"))
    }
    let n = view.updates.count
    var distances = view.updates.squaredDistances(toRow: pivot)
    // The pivot stays first, whatever duplicates it has.
    distances[pivot] = -1
    let nearest = distances.leastFirst(n - view.faults)
    distances[pivot] = 0
    return .mean(
      of: nearest, count: n, scores: distances, otherwise: "far from client \(parameters.pivot)")
  }
}
