public import CryptoCore

/// Why a secret cannot be shared or rebuilt.
public enum SharingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A threshold that is not between 1 and the number of points.
  case thresholdOutOfRange(threshold: Int, points: Int)
  /// The value at point zero is the secret itself, which no share may be.
  case zeroPoint
  /// Two shares for one point.
  case duplicatePoint(UInt32)
  /// Fewer shares than the threshold.
  case tooFewShares(count: Int, threshold: Int)
  /// A secret or, at a point, a share that does not have 32 bytes.
  case wrongLength(point: UInt32?, count: Int)
  /// A secret or, at a point, a share whose number is not below 2^255 - 19.
  case notCanonical(point: UInt32?)
  /// As many values as points are needed, one for each.
  case wrongCount(values: Int, points: Int)
  /// The shares of these points are not of the secret that was committed to.
  case badShares([UInt32])
  /// The shares do not give the secret that was committed to, and too many are bad, among those
  /// there are, to tell which: up to (count - threshold) / 2 can be told.
  case badSharesNotLocated(count: Int, threshold: Int)
  /// The source of secrets gave none.
  case randomness(SystemRandomness.Failure)

  /// One sentence.
  public var description: String {
    switch self {
    case .thresholdOutOfRange(let threshold, let points):
      "a threshold of \(threshold) for \(points) shares: it is between 1 and their number"
    case .zeroPoint:
      "a share at point 0 would be the secret itself"
    case .duplicatePoint(let point):
      "two shares for point \(point)"
    case .tooFewShares(let count, let threshold):
      "\(count) shares do not rebuild a secret whose threshold is \(threshold)"
    case .wrongLength(let point, let count):
      "\(Self.name(point)) has \(count) bytes, not 32"
    case .notCanonical(let point):
      "\(Self.name(point)) is a number of 2^255 - 19 or more"
    case .wrongCount(let values, let points):
      "\(values) values for \(points) points"
    case .badShares(let points):
      "the shares of these points do not belong to the secret: "
        + points.map(String.init).joined(separator: ", ")
    case .badSharesNotLocated(let count, let threshold):
      "\(count) shares of threshold \(threshold) do not give the secret committed to; more than "
        + "\(max(0, count - threshold) / 2) of them are bad, too many to tell which"
    case .randomness(let failure):
      failure.description
    }
  }

  private static func name(_ point: UInt32?) -> String {
    point.map { "the share of point \($0)" } ?? "the secret"
  }
}
