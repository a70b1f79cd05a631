internal import CryptoCore
internal import SecretSharing
internal import SecureAggregation

/// Secrets shared in pieces of a few bytes each, so that sums of pieces stay below the prime of
/// ``Shamir``'s field and sums of shares open sums of pieces as integers.
enum ShareLimbs {
  /// How a secret is cut.
  struct Layout: Sendable {
    /// Pieces.
    let count: Int
    /// Bytes of a piece, at most 24: 2^63 of them add up below 2^255.
    let size: Int

    /// Bytes of one user's shares.
    var shareCount: Int { 32 * count }
  }

  /// Shares by point, all pieces one after the other.
  static func share(
    _ secret: SecretBytes, _ layout: Layout, threshold: Int, points: [UInt32],
    using source: inout some SecretSource
  ) throws(SharingError) -> [SecretBytes] {
    var shares = [[SecretBytes]](repeating: [], count: points.count)
    let padding = SecretBytes(copying: [UInt8](repeating: 0, count: 32 - layout.size))
    for piece in 0..<layout.count {
      let part = secret[layout.size * piece..<layout.size * (piece + 1)]
      let dealt = try Shamir.share(
        SecretBytes(joining: [part, padding]), threshold: threshold, points: points,
        using: &source)
      for (index, share) in dealt.enumerated() { shares[index].append(share.value) }
    }
    return shares.map { SecretBytes(joining: $0) }
  }

  /// The pieces, 32 bytes each, that shares of all pieces give.
  static func pieces(
    _ shares: [(point: UInt32, value: [UInt8])], _ layout: Layout, threshold: Int
  ) throws(SharingError) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    for piece in 0..<layout.count {
      var points: [Shamir.Share] = []
      for share in shares {
        points.append(
          try Shamir.Share(
            point: share.point,
            value: SecretBytes(copying: Array(share.value[32 * piece..<32 * (piece + 1)]))))
      }
      // Whether it is right, the commitments tell.
      pieces.append(
        try Shamir.reconstruct(points, threshold: threshold) { _ in true }.revealed())
    }
    return pieces
  }

  /// Whether these can be shares: as many numbers below the prime as there are pieces.
  static func areValid(_ share: SecretBytes, _ layout: Layout) -> Bool {
    share.count == layout.shareCount
      && (0..<layout.count).allSatisfy {
        (try? Shamir.Share(point: 1, value: share[32 * $0..<32 * ($0 + 1)])) != nil
      }
  }

  /// The sum of two users' shares of as many pieces at one point.
  ///
  /// - Precondition: Both are valid.
  static func sum(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    stride(from: 0, to: a.count, by: 32).flatMap { start in
      fieldSum(Array(a[start..<start + 32]), Array(b[start..<start + 32]))
    }
  }

  /// The sum modulo 2^255 - 19 of numbers below it, least significant byte first.
  private static func fieldSum(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    var sum = zip(a, b).map { UInt16($0) + UInt16($1) }
    carry(&sum)
    // Above 2^255 - 20 exactly if adding 19 reaches 2^255.
    var reduced = sum
    reduced[0] += 19
    carry(&reduced)
    let isAbove = reduced[31] >= 0x80
    if isAbove { reduced[31] -= 0x80 }
    return (isAbove ? reduced : sum).map { UInt8($0) }
  }

  private static func carry(_ digits: inout [UInt16]) {
    for index in 0..<31 {
      digits[index + 1] += digits[index] >> 8
      digits[index] &= 0xFF
    }
  }
}
