public import Components
public import Federation
public import Randomness
internal import Tensors

/// Krum's best updates, then in each coordinate the mean of the values nearest to their median.
///
///     S: θ = n - 2f times, the update of least Krum score among those that remain moves into S
///     bulyan(x; f)_j = mean of the θ - 2f values of S nearest to the median of S, coordinate j
///
/// Krum alone lets one coordinate of a chosen update be far off while its distance stays small; the
/// second stage confines every coordinate to honest values. Needs n ≥ 4f + 3, and the many rows it
/// drops cost accuracy when clients differ. Each score sums the squared distances to the r - f - 2
/// nearest of the r that remain. Equal scores and equally near values go to the lower row; the last
/// picks of all have f - 1 neighbours, so for f ≤ 2 they are ties and the order of the rows matters.
///
/// `one-shot` takes the θ best of one scoring of all updates, as some published code does: cheaper,
/// but another set nine times out of ten.
///
/// Example: f = 0 on (0), (1), (5), (6): every update is picked, and the mean is (3).
///
/// Source: El Mhamdi, Guerraoui, Rouault 2018, *The Hidden Vulnerability of Distributed Learning in
/// Byzantium*, section 4.
public struct Bulyan: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Bad updates to withstand.
    public var f = FaultBound.assumed
    /// How the first stage picks.
    public var variant = Variant.iterated
  }

  /// How the first stage picks.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// One at a time, scored anew among those that remain.
    case iterated
    /// The best of one scoring.
    case oneShot = "one-shot"
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "bulyan",
    summary: "n-2f picks of Krum, then per coordinate the mean of the values near their median.",
    formula: "mean of the n-4f values nearest to med, over n-2f picks by repeated Krum",
    citation: "El Mhamdi, Guerraoui, Rouault 2018, section 4",
    needs: [.individualUpdates],
    claims: [
      .translationEquivariant, .scaleEquivariant, .idempotent, .inCoordinateHull,
      .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "bad updates to withstand", range: "0 ≤ f, 4f + 3 ≤ n, or 'assumed'"),
      .init("variant", "whether each pick is scored anew", range: "iterated or one-shot"),
    ])

  /// The paper's rule with the `f` of the threat model.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Bulyan with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    try check.finish()
    self.parameters = parameters
  }

  /// Bulyan that must withstand `f` bad updates: `Bulyan(f: 3)`.
  public init(f: FaultBound = .assumed, variant: Variant = .iterated) throws {
    try self.init(Parameters(f: f, variant: variant))
  }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 4f + 3.
  public func minimumUpdates(faults: Int) -> Int { 4 * faults + 3 }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// Picks rows, then values. O(n³) beyond the shared Gram matrix, and one pass.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let (n, f) = (view.updates.count, view.faults)
    let distances = view.updates.squaredDistances
    let scores = distances.sumsOfNearest(n - f - 2)
    let theta = n - 2 * f
    let picks =
      switch parameters.variant {
      case .iterated: distances.repeatedPicks(theta) { $0 - f - 2 }.picks
      case .oneShot: scores.leastFirst(theta)
      }
    let chosen = view.updates.selecting(picks.sorted())
    var result = Aggregation.mean(
      of: picks, count: n, scores: scores, otherwise: "not picked by Krum")
    result.output = .vector(chosen.meanOfNearest(theta - 2 * f, to: .median))
    return result
  }
}
