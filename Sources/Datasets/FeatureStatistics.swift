public import Learning

/// What values the features of some examples take, all features together.
public struct FeatureStatistics: Sendable, Hashable {
  /// The least value.
  public let minimum: Float
  /// The largest value.
  public let maximum: Float
  /// The mean.
  public let mean: Double
  /// The standard deviation, dividing by the number of values.
  public let standardDeviation: Double

  /// The statistics of `examples`, in double precision; all 0 when there are none.
  ///
  /// - Complexity: Two passes over all features.
  public init(_ examples: LabeledExamples) {
    let count = Double(examples.count * examples.featureCount)
    guard count > 0 else {
      (minimum, maximum, mean, standardDeviation) = (0, 0, 0, 0)
      return
    }
    var (least, most, sum) = (Float.infinity, -Float.infinity, 0.0)
    examples.forEach { _, features in
      for index in features.indices {
        let value = features[index]
        least = min(least, value)
        most = max(most, value)
        sum += Double(value)
      }
    }
    let centre = sum / count
    var squares = 0.0
    examples.forEach { _, features in
      for index in features.indices {
        let difference = Double(features[index]) - centre
        squares += difference * difference
      }
    }
    (minimum, maximum) = (least, most)
    (mean, standardDeviation) = (centre, (squares / count).squareRoot())
  }
}
