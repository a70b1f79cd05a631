public import CryptoCore

extension Shamir {
  /// What rebuilding takes from the points alone, computed once for many secrets.
  ///
  /// A server that rebuilds the secrets of hundreds of clients from the shares of the same survivors
  /// pays O(threshold^2) here once, and O(threshold) for each secret:
  ///
  ///     let survivors = try Shamir.Interpolation(points: points, threshold: threshold)
  ///     for (commitment, values) in columns {
  ///       secrets.append(try survivors.reconstruct(values) { commitment.matches($0) })
  ///     }
  public struct Interpolation: Sendable {
    /// Where the shares are, in the order of the values to come.
    public let points: [UInt32]
    /// How many of them give a secret.
    public let threshold: Int
    /// Of the first `threshold` values in the secret, 32 bytes each.
    private let weights: [UInt8]

    /// - Throws: `SharingError.zeroPoint`, `.duplicatePoint`, `.tooFewShares` or
    ///   `.thresholdOutOfRange`.
    public init(points: [UInt32], threshold: Int) throws(SharingError) {
      guard threshold >= 1 else {
        throw .thresholdOutOfRange(threshold: threshold, points: points.count)
      }
      try Shamir.check(points)
      guard points.count >= threshold else {
        throw .tooFewShares(count: points.count, threshold: threshold)
      }
      self.points = points
      self.threshold = threshold
      weights = FieldElement.weights(of: Array(points.prefix(threshold)))
    }

    /// ``Shamir/reconstruct(_:threshold:check:)`` for the values of one secret at all points.
    public func reconstruct(
      _ values: [SecretBytes], check: (SecretBytes) -> Bool
    ) throws(SharingError) -> SecretBytes {
      let recovery = try recover(values, check: check)
      guard recovery.badPoints.isEmpty else { throw .badShares(recovery.badPoints) }
      return recovery.secret
    }

    /// ``Shamir/recover(_:threshold:check:)`` for the values of one secret at all points.
    public func recover(
      _ values: [SecretBytes], check: (SecretBytes) -> Bool
    ) throws(SharingError) -> Recovery {
      guard values.count == points.count else {
        throw .wrongCount(values: values.count, points: points.count)
      }
      for (value, point) in zip(values, points) { try Shamir.check(value, point: point) }
      let secret = FieldElement.combination(weights, of: values.prefix(threshold))
      if check(secret) { return Recovery(secret: secret, badPoints: []) }
      guard
        let decoded = Decoder(points: points, threshold: threshold).decode(values),
        check(decoded.secret)
      else { throw .badSharesNotLocated(count: points.count, threshold: threshold) }
      return Recovery(secret: decoded.secret, badPoints: decoded.badPositions.map { points[$0] })
    }
  }
}
