/// What a figure counts, and which way is better.
public enum Measure: String, Sendable, Codable, Hashable {
  /// Work done a second: more is better.
  case rate
  /// Time for a piece of work: less is better.
  case time
  /// Time for a piece of work beside that of a cheaper one: the ratio is what it costs, and less is
  /// better.
  case cost
}

/// Two sides measured in the same rounds.
///
/// A ratio above 1 means that the first side is better, be it for rates or times; a cost is how many
/// times as long it takes. The machine's state may drift from round to round: both sides of a round
/// share it, so the median of the rounds' ratios judges.
public struct Comparison: Sendable, Codable, Hashable {
  /// Our median against the other side's.
  public let ratioOfMedians: Double
  /// The ratios of the rounds, their median and range.
  public let byRound: Series

  /// Whether the two ratios are more than a tenth apart: the machine's speed moved within rounds.
  public var isUnsteady: Bool {
    let apart = ratioOfMedians / byRound.median
    return !(apart > 1 / 1.1 && apart < 1.1)
  }

  /// Compares the rounds of `ours` with those of `other`, of which there are as many.
  public init(_ measure: Measure, ours: Series, other: Series) {
    precondition(ours.rounds.count == other.rounds.count, "both sides have the same rounds")
    func ratio(_ a: Double, _ b: Double) -> Double { measure == .time ? b / a : a / b }
    ratioOfMedians = ratio(ours.median, other.median)
    byRound = Series(zip(ours.rounds, other.rounds).map(ratio))
  }
}

/// What a figure must reach.
public struct Target: Sendable, Codable, Hashable {
  /// Which way is good.
  public enum Direction: String, Sendable, Codable, Hashable {
    /// The figure must be no less.
    case atLeast
    /// The figure must be no more.
    case atMost
  }

  /// The bound.
  public let value: Double
  /// Which way is good.
  public let direction: Direction

  /// A figure of at least `value`.
  public static func atLeast(_ value: Double) -> Target {
    Target(value: value, direction: .atLeast)
  }

  /// A figure of at most `value`.
  public static func atMost(_ value: Double) -> Target {
    Target(value: value, direction: .atMost)
  }

  /// Whether `figure` reaches the target; a NaN never does.
  public func isReached(by figure: Double) -> Bool {
    switch direction {
    case .atLeast: figure >= value
    case .atMost: figure <= value
    }
  }
}
