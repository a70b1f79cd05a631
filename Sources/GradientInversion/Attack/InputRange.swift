/// The valid range of a model's inputs, channel by channel: pixels from 0 to 1 after normalisation.
public struct InputRange: Sendable, Hashable {
  /// The value of a black pixel in each channel.
  public let lower: [Double]
  /// The value of a full pixel in each channel.
  public let upper: [Double]

  /// Ranges of each channel.
  ///
  /// - Throws: `InversionError` unless every range has a positive width.
  public init(lower: [Double], upper: [Double]) throws(InversionError) {
    guard lower.count == upper.count, !lower.isEmpty else {
      throw .sizeMismatch(
        what: "upper ends of input ranges", got: upper.count,
        expected: "\(max(1, lower.count)), one for each channel")
    }
    for (channel, ends) in zip(lower, upper).enumerated() {
      guard ends.0 < ends.1, ends.0.isFinite, ends.1.isFinite else {
        throw .invalid(
          what: "the input range of channel \(channel)", got: "\(ends.0) to \(ends.1)",
          requirement: "must run from a smaller to a larger number")
      }
    }
    self.lower = lower
    self.upper = upper
  }

  /// The range of pixels that were normalised to `(pixel - mean) / deviation`.
  ///
  /// - Throws: `InversionError` unless there is a positive deviation for each mean.
  public init(mean: [Double], deviation: [Double]) throws(InversionError) {
    guard mean.count == deviation.count, deviation.allSatisfy({ $0 > 0 }) else {
      throw .invalid(
        what: "the deviations of the normalisation", got: "\(deviation)",
        requirement: "must be \(mean.count) positive numbers")
    }
    try self.init(
      lower: zip(mean, deviation).map { -$0 / $1 },
      upper: zip(mean, deviation).map { (1 - $0) / $1 })
  }

  /// Plain pixels from 0 to 1.
  ///
  /// - Throws: `InversionError` without a channel.
  public static func unit(channels: Int) throws(InversionError) -> InputRange {
    try InputRange(
      lower: [Double](repeating: 0, count: channels),
      upper: [Double](repeating: 1, count: channels))
  }

  /// A model input as pixels from 0 to 1, for metrics and pictures; channels have equal lengths.
  public func pixels(_ input: [Float]) -> [Float] {
    let length = input.count / lower.count
    return input.enumerated().map { index, value in
      let channel = min(index / max(1, length), lower.count - 1)
      return Float((Double(value) - lower[channel]) / (upper[channel] - lower[channel]))
    }
  }
}
