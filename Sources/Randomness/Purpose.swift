/// What a stream of random numbers is for: a name, such as `"training"`.
///
/// Two streams forked from one generator differ when their purposes or their indices differ, so
/// naming every use keeps the draws of one part of an experiment independent of every other part.
///
/// ```swift
/// var shuffling = root.fork("shuffling", 3, 17)
/// ```
public struct Purpose: ExpressibleByStringLiteral, Sendable, Hashable {
  /// The name itself.
  public let name: String

  /// The purpose called `name`.
  public init(_ name: String) {
    self.name = name
  }

  /// The purpose called `value`.
  public init(stringLiteral value: String) {
    name = value
  }

  /// FNV-1a of the UTF-8 name, 64 bits: fixed for ever, since every published number depends on it.
  ///
  /// Source: Eastlake, Fowler, Vo, Noll, "The FNV non-cryptographic hash algorithm",
  /// draft-eastlake-fnv.
  public var digest: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    return hash
  }
}
