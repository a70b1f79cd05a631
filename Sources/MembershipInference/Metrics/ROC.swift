/// True over false positives for every threshold; equal scores pass together.
///
///     let judged = try JudgedScores(
///       scores: [3, 2, 2, 1], isMember: [true, true, false, false])
///     let curve = ROC(judged)
///     curve.areaUnderCurve                       // 0.875: the tie counts half
///     curve.truePositives(falsePositiveRate: 0)  // 1
public struct ROC: Sendable {
  /// What passes at or above a threshold.
  public struct Point: Sendable, Hashable {
    /// The least score that passes; infinite for none.
    public var threshold: Double
    /// Members that pass.
    public var truePositives: Int
    /// Non-members that pass.
    public var falsePositives: Int
  }

  /// From nothing passing to everything, a point for each distinct score.
  public let points: [Point]
  /// How many members there are.
  public let members: Int
  /// How many non-members there are.
  public let others: Int

  /// The curve of `judged`. O(n log n).
  public init(_ judged: JudgedScores) {
    self.init(
      scores: judged.scores, isMember: judged.isMember, members: judged.members,
      others: judged.others)
  }

  init(scores: [Double], isMember: [Bool], members: Int, others: Int) {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var points = [Point(threshold: .infinity, truePositives: 0, falsePositives: 0)]
    var (found, named) = (0, 0)
    for (place, index) in order.enumerated() {
      if isMember[index] { found += 1 } else { named += 1 }
      if place + 1 == order.count || scores[order[place + 1]] < scores[index] {
        points.append(
          Point(threshold: scores[index], truePositives: found, falsePositives: named))
      }
    }
    self.points = points
    self.members = members
    self.others = others
  }

  /// The chance that a member scores above a non-member; a tie counts half (Mann and Whitney).
  public var areaUnderCurve: Double {
    var twice = 0.0
    for (a, b) in zip(points, points.dropFirst()) {
      twice +=
        Double(b.falsePositives - a.falsePositives) * Double(a.truePositives + b.truePositives)
    }
    return twice / 2 / (Double(members) * Double(others))
  }

  /// The last point whose share of false positives is at most `rate`: nothing between two
  /// thresholds is drawn.
  public func point(falsePositiveRate rate: Double) -> Point {
    // A rate such as 0.01 times a count must not fall below a whole number by rounding.
    let allowed = Int((rate * Double(others) * (1 + 1e-12)).rounded(.down))
    var (low, high) = (0, points.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if points[middle].falsePositives <= allowed { low = middle } else { high = middle - 1 }
    }
    return points[low]
  }

  /// Members that pass where the share of false positives is at most `rate`.
  public func truePositives(falsePositiveRate rate: Double) -> Int {
    point(falsePositiveRate: rate).truePositives
  }

  /// The greatest balanced accuracy over all thresholds, and the threshold. On the scores that it
  /// is then used for, it is an optimistic figure.
  public var best: (balancedAccuracy: Double, threshold: Double) {
    var best = (balancedAccuracy: 0.5, threshold: Double.infinity)
    for point in points {
      let accuracy =
        0.5
        + (Double(point.truePositives) / Double(members)
          - Double(point.falsePositives) / Double(others)) / 2
      if accuracy > best.balancedAccuracy { best = (accuracy, point.threshold) }
    }
    return best
  }

  /// The curve as at most `count` pairs of rates for a figure with logarithmic axes: all corners at
  /// the low end, evenly spaced in the logarithm above.
  public func logarithmicPairs(
    _ count: Int = 400
  ) -> [(falsePositiveRate: Double, truePositiveRate: Double)] {
    var pairs: [(falsePositiveRate: Double, truePositiveRate: Double)] = []
    var next = 0.0
    let growth = 1 + 12 / Double(max(count, 2))
    for (index, point) in points.enumerated() {
      let isLast = index + 1 == points.count
      // The last of the points that share a number of false positives is the corner.
      let isCorner = isLast || points[index + 1].falsePositives > point.falsePositives
      guard isCorner, isLast || Double(point.falsePositives) >= next else { continue }
      pairs.append(
        (
          Double(point.falsePositives) / Double(others),
          Double(point.truePositives) / Double(members)
        ))
      next = max(Double(point.falsePositives) * growth, Double(point.falsePositives) + 0.5)
    }
    return pairs
  }
}
