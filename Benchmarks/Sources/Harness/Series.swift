/// The figures of one side, one a round.
///
///     let series = Series([4, 1, 3])
///     series.median  // 3
///     series.minimum // 1
public struct Series: Sendable, Codable, Hashable {
  /// The figures in the order of the rounds.
  public let rounds: [Double]
  /// The middle figure; the mean of the two middle ones if their number is even.
  public let median: Double
  /// The smallest figure.
  public let minimum: Double
  /// The largest figure.
  public let maximum: Double

  /// The figures of at least one round.
  public init(_ rounds: [Double]) {
    precondition(!rounds.isEmpty, "a series has at least one round")
    let sorted = rounds.sorted()
    let middle = sorted.count / 2
    self.rounds = rounds
    self.median =
      sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    self.minimum = sorted[0]
    self.maximum = sorted[sorted.count - 1]
  }
}
