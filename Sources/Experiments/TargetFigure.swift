/// What the runs of an entry took to reach a test accuracy, honest about those that never did.
///
/// A run that did not reach the target only shows that it takes more than the run had: its cost is
/// censored. So costs are medians over all seeds, which exist where more than half of them reached
/// the target; mean differences exist only where every seed of both entries did; and a seed is won
/// where one run reached the target before the other reached it or ended.
public struct TargetFigure: Sendable {
  /// The test accuracy, as a fraction of 1.
  public var target: Double
  /// How many runs finished.
  public var runs: Int
  /// How many of them reached it.
  public var reached: Int
  /// The rounds of the runs that did not, where they are all the same.
  public var missedAfter: Int?
  /// What it took, by kind of cost; a kind that was not kept is missing.
  public var costs: [Cost: Spent]

  /// What reaching a target takes.
  public enum Cost: String, CaseIterable, Sendable, Hashable {
    /// Rounds of aggregation.
    case rounds
    /// Virtual time.
    case time
    /// Bytes from clients to server.
    case bytesUp
    /// Bytes from server to clients.
    case bytesDown

    /// The cost up to a point of the curve.
    public func value(_ point: RunMetrics.Point) -> Double? {
      switch self {
      case .rounds: Double(point.round)
      case .time: point.time
      case .bytesUp: point.bytesUp.map(Double.init)
      case .bytesDown: point.bytesDown.map(Double.init)
      }
    }
  }

  /// A cost over the seeds.
  public struct Spent: Sendable, Hashable {
    /// The median over all finished runs; nil where too few reached the target.
    public var median: Double?
    /// This minus the baseline's, paired by seed; nil unless both reached the target in every seed.
    public var difference: Estimate?
    /// Seeds in which this was cheaper than the baseline.
    public var won = 0
    /// Seeds in which the baseline was cheaper.
    public var lost = 0
    /// Seeds in which both cost the same.
    public var tied = 0
    /// Seeds in which nobody knows: neither reached the target, or one did at a cost at which the
    /// other's run had ended.
    public var undecided = 0
  }

  init(_ target: Double, runs: [RunMetrics], pairs: [(RunMetrics, RunMetrics)]?) {
    self.target = target
    self.runs = runs.count
    let missing = runs.filter { $0.reach(target) == nil }
    reached = runs.count - missing.count
    let ends = Set(missing.compactMap { $0.curve.last?.round })
    missedAfter = ends.count == 1 ? ends.first : nil
    costs = [:]
    for cost in Cost.allCases {
      let isKept = runs.allSatisfy { run in run.curve.allSatisfy { cost.value($0) != nil } }
      guard isKept, !runs.isEmpty else { continue }
      let spent = runs.map { $0.reach(target).flatMap(cost.value) ?? .infinity }
      costs[cost] = Spent(median: Self.median(spent), pairs: pairs ?? []) { run in
        (run.reach(target).flatMap(cost.value), run.curve.last.flatMap(cost.value) ?? 0)
      }
    }
  }

  private static func median(_ values: [Double]) -> Double? {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    let median =
      sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    return median.isFinite ? median : nil
  }
}

extension TargetFigure.Spent {
  /// `cost` gives what a run spent to reach the target, if it did, and what it spent in all.
  init(
    median: Double?, pairs: [(RunMetrics, RunMetrics)],
    cost: (RunMetrics) -> (reached: Double?, total: Double)
  ) {
    self.median = median
    var differences: [Double] = []
    for (run, base) in pairs {
      let (own, other) = (cost(run), cost(base))
      switch (own.reached, other.reached) {
      case (let mine?, let theirs?):
        differences.append(mine - theirs)
        if mine < theirs { won += 1 } else if mine > theirs { lost += 1 } else { tied += 1 }
      case (let mine?, nil): if mine <= other.total { won += 1 } else { undecided += 1 }
      case (nil, let theirs?): if theirs <= own.total { lost += 1 } else { undecided += 1 }
      case (nil, nil): undecided += 1
      }
    }
    difference = differences.count == pairs.count ? Estimate(differences) : nil
  }
}
