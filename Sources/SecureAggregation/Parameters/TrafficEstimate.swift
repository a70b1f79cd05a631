/// How many bytes one client sends and receives in one aggregation, without framing.
///
///     keys    2 · m · 32 bytes           its own two public keys and everybody's
///     shares  (5m - 4) · 32 bytes        two for each neighbour, sent and received, and one each
///                                        in the last round
///     vector  ⌈elements · w / 8⌉ bytes   the masked vector, once
///
/// with m = n in the full graph and k + 1 in a regular one. Worked example: m = 100 and 100,000
/// elements modulo 2^23 are 6,400 + 15,872 + 287,500 = 309,772 bytes.
///
/// Source: Bonawitz et al. 2017, section 7.1 (keys and shares of 256 bits; authentication tags and
/// signatures are framing here).
public struct TrafficEstimate: Sendable, Hashable {
  /// Bytes of public keys.
  public let keys: Int
  /// Bytes of secret shares.
  public let shares: Int
  /// Bytes of the masked vector.
  public let vector: Int

  /// The bytes of a client among `neighbourhood` clients, itself included, with a vector of
  /// `elements` ring elements: one more than its coordinates where a weight rides along.
  public init(neighbourhood: Int, elements: Int, ring: MaskRing) {
    keys = 2 * neighbourhood * 32
    shares = (5 * neighbourhood - 4) * 32
    vector = ring.packedCount(elements)
  }

  /// All bytes.
  public var total: Int { keys + shares + vector }
}
