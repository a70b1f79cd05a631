internal import Tensors

/// The search for the n - f points whose covariance has the least top eigenvalue, by branch and bound
/// on their squared distances.
///
/// The scatter matrix Σ (x_i - x̄)(x_i - x̄)ᵀ of a set never shrinks when a point joins, so its sum of
/// squares along any direction bounds the top eigenvalue of every larger set from below.
struct LeastVariance {
  private let distances: SmallMatrix
  private let faults: Int
  private var budget: Int
  /// Points in the order of branching: the likely outsiders first, to fill branches that end early.
  private var order: [Int] = []
  /// Coordinates of all points along directions that filled sets varied in.
  private var directions: [[Double]] = []
  private var best: (set: [Int], variance: Double) = ([], .infinity)

  /// Eigenvalues as near as this count as equal.
  private static let tolerance = 1e-10
  private static let directionCount = 12

  /// A search among the points of these squared distances.
  init(_ distances: SmallMatrix, leavingOut faults: Int, budget: Int) {
    self.distances = distances
    self.faults = faults
    self.budget = budget
  }

  /// The branches that suffice for `faults` of `updates` points wherever these are.
  ///
  /// A branch is a number of points chosen and a number left out, at most n - f and f, in some order:
  /// Σ_{a ≤ n-f} Σ_{b ≤ f} C(a+b, b) = C(n+2, f+1) - 1.
  static func sufficientBudget(updates n: Int, faults f: Int) -> Double {
    var sets = 1.0
    for left in 0...f { sets *= Double(n + 2 - left) / Double(left + 1) }
    return sets.rounded() - 1
  }

  /// What would work where `limit` branches were too few.
  static func advice(updates n: Int, faults f: Int, limit: Int) -> String {
    func fits(_ updates: Int, _ faults: Int) -> Bool {
      sufficientBudget(updates: updates, faults: faults) <= Double(limit)
    }
    let faults = (0..<f).last { fits(n, $0) }
    let updates = (2 * f + 1..<max(n, 2 * f + 1)).last { fits($0, f) }
    let sure = [faults.map { "f = \($0)" }, updates.map { "f = \(f) of \($0) updates" }]
      .compactMap { $0 }
    let fitting =
      sure.isEmpty
      ? "" : "\(sure.joined(separator: " and ")) always fit\(sure.count > 1 ? "" : "s"), and "
    let needed = sufficientBudget(updates: n, faults: f)
    let text = needed < 1e15 ? "\(Int(needed))" : "\(needed)"
    return """
      how many it takes depends on the updates: \(fitting)a search-limit of \(text) always suffices; \
      fewer often do. Or take caf, or multi-krum after nnm, which do not search
      """
  }

  /// The points to keep, ascending; nil where the budget of branches did not suffice.
  mutating func run() -> [Int]? {
    let n = distances.rows
    guard faults > 0 else { return Array(0..<n) }
    // A first set: leave out, one after another, who stands out most.
    var kept = Array(0..<n)
    for _ in 0..<faults {
      guard let component = component(of: kept) else { return nil }
      let farthest = kept.max { abs(component.projections[$0]) < abs(component.projections[$1]) }
      kept.removeAll { $0 == farthest }
    }
    consider(kept)
    let center = distances.centeredInnerProducts(
      weights: (0..<n).map { kept.contains($0) ? 1 : 0 })
    order = (0..<n).sorted { (center[$1, $1], $0) < (center[$0, $0], $1) }
    let start = [Spread](repeating: Spread(), count: Self.directionCount)
    return branch(at: 0, chosen: [], leftOut: 0, spreads: start) ? best.set : nil
  }

  /// Mean and sum of squares of the chosen points along one direction.
  private struct Spread {
    var count = 0.0
    var mean = 0.0
    var squares = 0.0

    mutating func add(_ value: Double) {
      count += 1
      let offset = value - mean
      mean += offset / count
      squares += offset * (value - mean)
    }
  }

  /// Tries all ways to go on; false when the budget is spent.
  private mutating func branch(
    at position: Int, chosen: [Int], leftOut: Int, spreads: [Spread]
  ) -> Bool {
    budget -= 1
    if budget < 0 { return false }
    if chosen.count == distances.rows - faults {
      consider(chosen.sorted())
      return true
    }
    let point = order[position]
    if leftOut < faults {
      let done = branch(
        at: position + 1, chosen: chosen, leftOut: leftOut + 1, spreads: spreads)
      if !done { return false }
    }
    let chosen = chosen + [point]
    var spreads = spreads
    for (index, direction) in directions.enumerated() {
      if spreads[index].count == Double(chosen.count - 1) {
        spreads[index].add(direction[point])
      } else {
        // A direction found since: from the start.
        spreads[index] = Spread()
        for other in chosen { spreads[index].add(direction[other]) }
      }
    }
    // Variances of full sets are sums of squares over their number of points.
    let limit = best.variance * Double(distances.rows - faults) * (1 + Self.tolerance)
    if spreads.prefix(directions.count).contains(where: { $0.squares > limit }) { return true }
    return branch(at: position + 1, chosen: chosen, leftOut: leftOut, spreads: spreads)
  }

  private func component(of set: [Int]) -> PrincipalComponent? {
    var weights = [Double](repeating: 0, count: distances.rows)
    for point in set { weights[point] = 1 }
    return distances.principalComponent(weights: weights)
  }

  /// Takes the set if it is better than the best, or equal and before it.
  private mutating func consider(_ set: [Int]) {
    guard let component = component(of: set) else { return }
    let isNew = directions.count < Self.directionCount
    if isNew { directions.append(component.projections) }
    let margin = best.variance * Self.tolerance
    if component.variance < best.variance - margin || best.set.isEmpty {
      best = (set, component.variance)
    } else if component.variance <= best.variance + margin, set.lexicographicallyPrecedes(best.set)
    {
      best = (set, min(best.variance, component.variance))
    }
  }
}
