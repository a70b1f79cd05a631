public import CryptoCore

/// Shamir's secret sharing (Communications of the ACM 22(11), 1979) over the field of 2^255 - 19
/// elements: any `threshold` shares give the secret, fewer say nothing about it.
///
/// A secret is the value at zero of a random polynomial of degree `threshold - 1`, a share its value
/// at another point. Secret and share are numbers of 32 bytes, least significant first. The sum of
/// the shares of two secrets at one point is a share of the sum.
///
///     let secret = try Shamir.randomSecret(using: &source)
///     let commitment = SecretCommitment(to: secret, label: label)      // published
///     let shares = try Shamir.share(secret, threshold: 3, points: [1, 2, 3, 4, 5], using: &source)
///     // ... later, with the shares that came back
///     let rebuilt = try Shamir.reconstruct(shares, threshold: 3) { commitment.matches($0) }
///
/// Anything may come back, so that rebuilding takes a check: a commitment, or the public key of the
/// secret. Bad shares are then named, where there are enough good ones (see ``recover(_:threshold:check:)``).
///
/// Sharing takes the same time for all secrets; so does rebuilding until a check fails.
public enum Shamir {
  /// The value of the polynomial of a secret at one point.
  public struct Share: Sendable {
    /// Where; public, and not zero.
    public let point: UInt32
    /// What: 32 bytes, a number below 2^255 - 19.
    public let value: SecretBytes

    /// A share that came back.
    ///
    /// - Throws: `SharingError.zeroPoint`, `.wrongLength` or `.notCanonical`.
    public init(point: UInt32, value: SecretBytes) throws(SharingError) {
      guard point != 0 else { throw .zeroPoint }
      try Shamir.check(value, point: point)
      self.point = point
      self.value = value
    }

    init(unchecked value: SecretBytes, point: UInt32) {
      self.point = point
      self.value = value
    }
  }

  /// A secret, uniform among the numbers below 2^255 - 19.
  public static func randomSecret(using source: inout some SecretSource) throws(SharingError)
    -> SecretBytes
  {
    // The highest bit cleared, one draw in 2^250 is refused.
    while true {
      let draw: SecretBytes
      do throws(SystemRandomness.Failure) {
        draw = try SecretBytes(count: 32) { bytes throws(SystemRandomness.Failure) in
          try source.fill(bytes)
          bytes[31] &= 0x7F
        }
      } catch {
        throw .randomness(error)
      }
      if FieldElement.isCanonical(draw) { return draw }
    }
  }

  /// Shares of a secret, one for each point, in the order of the points.
  ///
  /// - Parameters:
  ///   - secret: 32 bytes, a number below 2^255 - 19, such as ``randomSecret(using:)`` gives.
  ///   - threshold: How many shares give the secret, at least 1.
  ///   - points: Distinct and not zero.
  ///   - source: Gives the polynomial: 32 bytes for each share but one of the threshold.
  /// - Throws: `SharingError`.
  /// - Complexity: O(threshold * points).
  public static func share(
    _ secret: SecretBytes, threshold: Int, points: [UInt32], using source: inout some SecretSource
  ) throws(SharingError) -> [Share] {
    try check(secret, point: nil)
    try check(points)
    guard threshold >= 1, threshold <= points.count else {
      throw .thresholdOutOfRange(threshold: threshold, points: points.count)
    }
    var coefficients = [secret]
    for _ in 1..<threshold { coefficients.append(try randomSecret(using: &source)) }
    let values = FieldElement.values(of: SecretBytes(joining: coefficients), at: points)
    return points.indices.map { index in
      Share(unchecked: values[32 * index..<32 * (index + 1)], point: points[index])
    }
  }

  /// The secret, if no share that was needed is bad.
  ///
  /// With more shares than the threshold, the first `threshold` give the secret; if it fails the
  /// check, the others serve to name the bad ones.
  ///
  /// - Parameters:
  ///   - shares: At least `threshold`, of distinct points.
  ///   - check: Whether a secret is the one that was shared.
  /// - Throws: `SharingError.badShares` with the points of the bad shares, `.badSharesNotLocated` if
  ///   more than (shares - threshold) / 2 are bad, or what is wrong with the arguments.
  /// - Complexity: O(threshold^2); O(shares^2) when a share is bad.
  public static func reconstruct(
    _ shares: [Share], threshold: Int, check: (SecretBytes) -> Bool
  ) throws(SharingError) -> SecretBytes {
    let recovery = try recover(shares, threshold: threshold, check: check)
    guard recovery.badPoints.isEmpty else { throw .badShares(recovery.badPoints) }
    return recovery.secret
  }

  /// The secret, also where up to (shares - threshold) / 2 shares are bad, with the points of those.
  ///
  /// The first `threshold` shares are tried; shares behind them are looked at only if the secret
  /// they give fails the check. A secret that passes is right, though bad shares may go unnoticed:
  /// those not needed, and those whose errors cancel in it.
  ///
  /// - Throws: As ``reconstruct(_:threshold:check:)``, but for `SharingError.badShares`.
  public static func recover(
    _ shares: [Share], threshold: Int, check: (SecretBytes) -> Bool
  ) throws(SharingError) -> Recovery {
    try Interpolation(points: shares.map(\.point), threshold: threshold)
      .recover(shares.map(\.value), check: check)
  }

  /// A secret that was rebuilt.
  public struct Recovery: Sendable {
    /// It passed the check.
    public let secret: SecretBytes
    /// The points of the shares that were found bad, in the order of the shares.
    public let badPoints: [UInt32]
  }

  static func check(_ value: SecretBytes, point: UInt32?) throws(SharingError) {
    guard value.count == 32 else { throw .wrongLength(point: point, count: value.count) }
    guard FieldElement.isCanonical(value) else { throw .notCanonical(point: point) }
  }

  static func check(_ points: [UInt32]) throws(SharingError) {
    var seen = Set<UInt32>()
    for point in points {
      guard point != 0 else { throw .zeroPoint }
      guard seen.insert(point).inserted else { throw .duplicatePoint(point) }
    }
  }
}
