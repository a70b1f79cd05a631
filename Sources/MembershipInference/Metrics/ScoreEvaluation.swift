internal import Accounting
internal import Glibc
internal import Randomness

/// An estimate with two intervals of the same confidence.
public struct IntervalEstimate: Sendable, Hashable {
  /// What was measured.
  public let value: Double
  /// As if all scores were independent: Clopper and Pearson's for shares, DeLong's for areas.
  public let independent: ClosedRange<Double>
  /// From resampling targets whole, or examples if there is one target.
  public let clustered: ClosedRange<Double>
}

/// What a score achieves: area, balanced accuracy, true positives at low rates of false ones.
///
/// - The area under the curve counts ties half.
/// - Balanced accuracy is cross-fitted: thresholds are chosen on the other half of the targets, or
///   of the examples of one target; choosing and measuring on the same scores flatters.
/// - The true-positive rate at a rate a of false positives is that of the last threshold with at
///   most a of the non-members above: no drawing between thresholds. The interval is of that
///   threshold's true-positive rate; the threshold is itself an estimate, which the clustered
///   interval includes.
/// - With fewer than 10/a non-members the rate is not resolved: fewer than 10 of them decide.
/// - Intervals of several attacks or rates hold one by one. `comparisons` widens all of them so
///   that they hold together (Bonferroni).
public struct ScoreEvaluation: Sendable {
  /// The true-positive rate at one rate of false positives.
  public struct Rate: Sendable, Hashable {
    /// The rate of false positives that is allowed.
    public let falsePositiveRate: Double
    /// The rate of true positives.
    public let truePositiveRate: IntervalEstimate
    /// The threshold.
    public let threshold: Double
    /// Members that pass.
    public let truePositives: Int
    /// Non-members that pass.
    public let falsePositives: Int
    /// An upper bound of the threshold's true rate of false positives (Clopper, Pearson).
    public let falsePositiveUpper: Double
    /// Whether there are at least 10/a non-members; for a = 0 always, see `falsePositiveUpper`.
    public let isResolved: Bool
    /// How many non-members would resolve it.
    public let neededOthers: Int
  }

  /// How intervals are made.
  public struct Options: Sendable, Hashable {
    /// How often an interval may miss.
    public var significance: Double
    /// How many intervals are to hold together.
    public var comparisons: Int
    /// How many resamples.
    public var resamples: Int
    /// Seeds the resampling.
    public var seed: UInt64
    /// Rates of false positives.
    public var rates: [Double]
    /// Up to how many targets areas are measured by a matrix of pairs of targets; for a test.
    package var matrixTargets = 256

    /// 95%, one by one, 1,000 resamples, rates 1%, 0.1% and 0.
    public init(
      significance: Double = 0.05, comparisons: Int = 1, resamples: Int = 1000, seed: UInt64 = 0,
      rates: [Double] = [0.01, 0.001, 0]
    ) {
      self.significance = significance
      self.comparisons = comparisons
      self.resamples = resamples
      self.seed = seed
      self.rates = rates
    }
  }

  /// The chance that a member scores above a non-member.
  public let areaUnderCurve: IntervalEstimate
  /// Cross-fitted balanced accuracy.
  public let balancedAccuracy: IntervalEstimate
  /// True-positive rates, as asked.
  public let rates: [Rate]
  /// The curve.
  public let curve: ROC
  /// How many members were judged.
  public let members: Int
  /// How many non-members.
  public let others: Int
  /// How many targets they belong to.
  public let targets: Int
  /// How often an interval may miss, after sharing among comparisons.
  public let significance: Double

  /// Judges scores.
  ///
  /// - Throws: `MembershipError.invalid` for options out of range.
  /// - Complexity: O(n log n), and for each resample O(n) or, with many scores of at most 256
  ///   targets, O(targets^2 + scores above the greatest rate).
  public init(
    _ judged: JudgedScores, options: Options = Options()
  ) throws(MembershipError) {
    let range = 0.0..<0.5
    guard options.significance > 0, range.contains(options.significance), options.comparisons >= 1
    else {
      throw .invalid(
        what: "the significance", got: "\(options.significance) for \(options.comparisons)",
        requirement: "must be above 0 and below 1/2, for at least one comparison")
    }
    if let bad = options.rates.first(where: { !($0 >= 0 && $0 < 1) }) {
      throw .invalid(
        what: "a rate of false positives", got: "\(bad)", requirement: "must be from 0 to below 1")
    }
    guard options.resamples >= 0 else {
      throw .invalid(
        what: "the number of resamples", got: "\(options.resamples)",
        requirement: "must not be negative")
    }
    let level = options.significance / Double(options.comparisons)
    let curve = ROC(judged)
    let (members, others) = (judged.members, judged.others)
    let fitted = CrossFit(judged)
    let bootstrap = ClusterBootstrap(
      judged, right: fitted.isRight, rates: options.rates, matrixTargets: options.matrixTargets)
    let draws = bootstrap.draws(options.resamples, generator: Generator(seed: options.seed))
    let interval = { (value: Double, column: Int) -> ClosedRange<Double> in
      bootstrap.interval(draws.map { $0[column] }, around: value, significance: level)
    }
    areaUnderCurve = IntervalEstimate(
      value: curve.areaUnderCurve,
      independent: DeLong.interval(curve, significance: level),
      clustered: interval(curve.areaUnderCurve, 0))
    balancedAccuracy = IntervalEstimate(
      value: fitted.accuracy(members, others),
      independent: fitted.interval(members, others, significance: level),
      clustered: interval(fitted.accuracy(members, others), 1))
    rates = options.rates.enumerated().map { index, rate in
      let point = curve.point(falsePositiveRate: rate)
      let share = Double(point.truePositives) / Double(members)
      let needed = rate > 0 ? Int((10 / rate - 1e-9).rounded(.up)) : 1
      return Rate(
        falsePositiveRate: rate,
        truePositiveRate: IntervalEstimate(
          value: share,
          independent: Self.clopperPearson(point.truePositives, members, level),
          clustered: interval(share, 2 + index)),
        threshold: point.threshold, truePositives: point.truePositives,
        falsePositives: point.falsePositives,
        falsePositiveUpper: ClopperPearson.upper(
          successes: point.falsePositives, trials: others, significance: level),
        isResolved: others >= needed, neededOthers: needed)
    }
    self.curve = curve
    self.members = members
    self.others = others
    targets = Set(judged.clusters).count
    significance = level
  }

  /// Two-sided bounds of a share.
  static func clopperPearson(
    _ successes: Int, _ trials: Int, _ significance: Double
  ) -> ClosedRange<Double> {
    let lower = ClopperPearson.lower(
      successes: successes, trials: trials, significance: significance / 2)
    let upper = ClopperPearson.upper(
      successes: successes, trials: trials, significance: significance / 2)
    return lower...max(lower, upper)
  }
}

/// Whether each score is on its side of a threshold that other scores have chosen.
struct CrossFit {
  let isRight: [Bool]
  private let found: Int
  private let spared: Int

  init(_ judged: JudgedScores) {
    // Halves: of the targets by number, or of one target's members and others by turns.
    let isOne = judged.clusters.allSatisfy { $0 == judged.clusters[0] }
    var turns = [0, 0]
    let half = judged.scores.indices.map { index -> Bool in
      guard isOne else { return judged.clusters[index] % 2 == 0 }
      let kind = judged.isMember[index] ? 0 : 1
      turns[kind] += 1
      return turns[kind] % 2 == 0
    }
    var isRight = [Bool](repeating: false, count: judged.scores.count)
    for side in [false, true] {
      let teachers = judged.scores.indices.filter { half[$0] != side }
      let members = teachers.count { judged.isMember[$0] }
      var threshold = Double.infinity
      if members > 0, members < teachers.count {
        threshold =
          ROC(
            scores: teachers.map { judged.scores[$0] },
            isMember: teachers.map { judged.isMember[$0] },
            members: members, others: teachers.count - members
          ).best.threshold
      }
      for index in judged.scores.indices where half[index] == side {
        isRight[index] = (judged.scores[index] >= threshold) == judged.isMember[index]
      }
    }
    self.isRight = isRight
    found = judged.scores.indices.count { isRight[$0] && judged.isMember[$0] }
    spared = judged.scores.indices.count { isRight[$0] && !judged.isMember[$0] }
  }

  func accuracy(_ members: Int, _ others: Int) -> Double {
    (Double(found) / Double(members) + Double(spared) / Double(others)) / 2
  }

  /// From bounds of both rates, each with half of the significance.
  func interval(_ members: Int, _ others: Int, significance: Double) -> ClosedRange<Double> {
    let a = ScoreEvaluation.clopperPearson(found, members, significance / 2)
    let b = ScoreEvaluation.clopperPearson(spared, others, significance / 2)
    return ((a.lowerBound + b.lowerBound) / 2)...((a.upperBound + b.upperBound) / 2)
  }
}

/// The interval of an area under the curve from independent scores.
///
/// The variance is that of each member's share of non-members below it over m, plus that of each
/// non-member's share of members above it over n.
///
/// Source: DeLong, DeLong, Clarke-Pearson, "Comparing the areas under two or more correlated
/// receiver operating characteristic curves", Biometrics 44 (1988).
enum DeLong {
  static func interval(_ curve: ROC, significance: Double) -> ClosedRange<Double> {
    let area = curve.areaUnderCurve
    let (m, n) = (Double(curve.members), Double(curve.others))
    var (ofMembers, ofOthers) = (0.0, 0.0)
    for (a, b) in zip(curve.points, curve.points.dropFirst()) {
      let found = Double(b.truePositives - a.truePositives)
      let named = Double(b.falsePositives - a.falsePositives)
      let below = (n - Double(b.falsePositives) + named / 2) / n
      let above = (Double(a.truePositives) + found / 2) / m
      ofMembers += found * (below - area) * (below - area)
      ofOthers += named * (above - area) * (above - area)
    }
    let variance = ofMembers / max(m - 1, 1) / m + ofOthers / max(n - 1, 1) / n
    let reach = -NormalDistribution.quantile(significance / 2) * variance.squareRoot()
    return max(0, min(area - reach, area))...min(1, max(area + reach, area))
  }
}
