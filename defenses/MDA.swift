public import Components
public import Federation
public import Randomness
internal import Tensors

/// Minimum diameter averaging: the mean of the n - f updates that lie closest together.
///
///     mda(x; f) = mean of the S with |S| = n - f and least max_{i, j ∈ S} ‖x_i - x_j‖
///
/// Withstands f < n/2: ‖mda - x̄_H‖ ≤ 2f/(n-f) · diam H for any honest set H of n - f updates
/// (Farhadkhani et al. 2022). Every set is considered, but few are looked at: a diameter is possible
/// when f rows can be left out that touch every pair farther apart, and that is decided by branching
/// with pruning, once for each diameter of a binary search. Several sets often
/// share the least diameter, as only two of their rows decide it; the first in lexicographic order of
/// rows is taken, so the order of the rows matters.
///
/// The problem is hard in the worst case, so a search that takes more than `search-limit` branches in
/// a round is refused with an error that says so, never cut short. Updates of independent clients
/// took fewer than a thousand at n = 500, f = 100 and at n = 200, f = 99.
///
/// Example: f = 1 on (0), (3), (4), (6): the pairs of {0, 3, 4} span 4, those of {3, 4, 6} 3, so the
/// result is (13/3).
///
/// Source: El Mhamdi, Guerraoui, Rouault 2018 (as Brute), after Rousseeuw's minimum volume; the name
/// and the bound: Farhadkhani, Guerraoui, Gupta, Pinot, Stephan 2022, *Byzantine Machine Learning
/// Made Easy by Resilient Averaging of Momentums*.
public struct MDA: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Bad updates to withstand.
    public var f = FaultBound.assumed
    /// Branches of the search before it gives up.
    public var searchLimit = 1_000_000
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "mda",
    summary: "The mean of the n-f updates of least diameter, found exactly.",
    formula: "mean of the S, |S| = n-f, of least max_{i,j ∈ S} ‖x_i - x_j‖",
    citation: "El Mhamdi et al. 2018; Farhadkhani et al. 2022",
    needs: [.individualUpdates],
    claims: [
      .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant, .idempotent,
      .inCoordinateHull, .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "updates left out", range: "0 ≤ f < n/2, or 'assumed'"),
      .init("search-limit", "branches of the search before it gives up", range: "1 or more"),
    ])

  /// The `f` of the threat model, a million branches.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// MDA with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    check.oneOrMore("search-limit", parameters.searchLimit)
    try check.finish()
    self.parameters = parameters
  }

  /// MDA that must withstand `f` bad updates: `MDA(f: 3)`.
  public init(f: FaultBound = .assumed, searchLimit: Int = 1_000_000) throws {
    try self.init(Parameters(f: f, searchLimit: searchLimit))
  }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// Finds the set. O(n² log n) beyond the shared Gram matrix and the search.
  ///
  /// - Throws: `FederationError.searchTooLarge` past the limit.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Aggregation {
    let (n, f) = (view.updates.count, view.faults)
    let distances = view.updates.squaredDistances
    let kept: [Int]
    do {
      kept = try leastDiameter(distances, leavingOut: f)
    } catch {
      throw FederationError.searchTooLarge(
        rule: cardName, updates: n, faults: f, limit: parameters.searchLimit)
    }
    let scores = (0..<n).map { i in kept.reduce(0) { max($0, distances[i, $1]) } }
    return .mean(of: kept, count: n, scores: scores, otherwise: "outside the set of least diameter")
  }

  private func leastDiameter(
    _ distances: SmallMatrix, leavingOut f: Int
  ) throws(VertexCover.LimitReached) -> [Int] {
    let n = distances.rows
    if f == 0 { return Array(0..<n) }
    var budget = parameters.searchLimit
    func graph(_ diameter: Double) -> VertexCover {
      VertexCover(count: n, budget: budget) { distances[$0, $1] > diameter }
    }
    // The least squared diameter that f rows less allow; with all distances allowed they do.
    let candidates = Set(distances.entries).sorted()
    var (low, high) = (0, candidates.count - 1)
    while low < high {
      let middle = (low + high) / 2
      var far = graph(candidates[middle])
      let fits = try far.exists(among: far.allVertices, atMost: f)
      budget = far.budget
      if fits { high = middle } else { low = middle + 1 }
    }
    // The first such set: keep every row that leaves enough others to go with it.
    var far = graph(candidates[low])
    var open = far.allVertices
    var (kept, room): ([Int], Int) = ([], f)
    for i in 0..<n where open.contains(i) && kept.count < n - f {
      // Keeping row i leaves out its far partners that are still open.
      let lost = open.countCommon(far.neighbours(of: i))
      var rest = open
      rest.remove(i)
      for j in 0..<n where far.neighbours(of: i).contains(j) { rest.remove(j) }
      if lost <= room, try far.exists(among: rest, atMost: room - lost) {
        kept.append(i)
        room -= lost
        open = rest
      } else {
        open.remove(i)
        room -= 1
      }
    }
    return kept
  }
}
