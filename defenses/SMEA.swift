public import Components
public import Federation
public import Randomness
internal import Tensors

/// Smallest maximum eigenvalue averaging: the mean of the n - f updates that vary least in the
/// direction in which they vary most.
///
///     smea(x; f) = mean of the S, |S| = n - f, of least λ_max(1/|S| Σ_{i ∈ S} (x_i - x̄_S)(x_i - x̄_S)ᵀ)
///
/// Withstands f < n/2, with an error bounded by the top eigenvalue of the honest covariance, where
/// rules by coordinate pay for its trace (Allouah et al. 2023). Every set is considered, but few are
/// looked at: variance never falls when a set grows, so a branch ends as soon as its rows alone vary
/// more, along one of a few directions, than the best set found. Sets of equal eigenvalue go to the
/// first in lexicographic order of rows.
///
/// The number of sets grows as C(n, f), so a search that takes more than `search-limit` branches is
/// refused with an error that says so, never cut short. Up to C(n+2, f+1) ≤ `search-limit` none does,
/// whatever the updates are; beyond, it depends on how far apart they are. `caf` has the same order of
/// error and no such limit. f = 0 is the mean.
///
/// Example: f = 1 on (1, 2, 3), (4, 5, 6), (7, 8, 9): {1, 2} and {2, 3} vary equally, the first gives
/// (2.5, 3.5, 4.5).
///
/// ByzFL's published code takes one power step from a random vector for each eigenvalue, and so as a
/// rule another set.
///
/// Source: Allouah, Guerraoui, Gupta, Pinot, Stephan 2023, *On the Privacy-Robustness-Utility
/// Trilemma in Distributed Learning*.
public struct SMEA: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Bad updates to withstand.
    public var f = FaultBound.assumed
    /// Branches of the search before it gives up.
    public var searchLimit = 200_000
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "smea",
    summary: "The mean of the n-f updates of least top covariance eigenvalue, found exactly.",
    formula: "mean of the S, |S| = n-f, of least λ_max(Cov_S)",
    citation: "Allouah et al. 2023, Privacy-Robustness-Utility Trilemma",
    needs: [.individualUpdates],
    claims: [
      .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant, .idempotent,
      .inCoordinateHull, .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "updates left out", range: "0 ≤ f < n/2, or 'assumed'"),
      .init("search-limit", "branches of the search before it gives up", range: "1 or more"),
    ])

  /// The `f` of the threat model, 200 000 branches.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// SMEA with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    check.oneOrMore("search-limit", parameters.searchLimit)
    try check.finish()
    self.parameters = parameters
  }

  /// SMEA that must withstand `f` bad updates: `SMEA(f: 3)`.
  public init(f: FaultBound = .assumed, searchLimit: Int = defaults.searchLimit) throws {
    try self.init(Parameters(f: f, searchLimit: searchLimit))
  }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// Finds the set. O(n³) for each set whose eigenvalue is computed, beyond the shared Gram matrix.
  ///
  /// - Throws: `FederationError.searchTooLarge` past the limit.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Aggregation {
    let (n, f) = (view.updates.count, view.faults)
    let distances = view.updates.squaredDistances
    var search = LeastVariance(distances, leavingOut: f, budget: parameters.searchLimit)
    guard let kept = search.run() else {
      throw FederationError.searchTooLarge(
        rule: cardName, updates: n, faults: f, limit: parameters.searchLimit,
        advice: LeastVariance.advice(
          updates: n, faults: f, limit: parameters.searchLimit))
    }
    let center = distances.centeredInnerProducts(
      weights: (0..<n).map { kept.contains($0) ? 1 : 0 })
    return .mean(
      of: kept, count: n, scores: (0..<n).map { center[$0, $0] },
      otherwise: "outside the set of least variance")
  }
}
