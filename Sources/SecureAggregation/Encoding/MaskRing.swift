/// The integers modulo R = 2^w, in which masks hide vectors and sums of vectors do not overflow.
///
/// Elements are words of 32 bits for w up to 32, of 64 bits up to 63; on the wire each takes w bits.
/// A uniform element added to any other is uniform, which is all that masking needs.
///
///     try MaskRing(bits: 24).packedCount(1_000_001)   // 3_000_003 bytes
public struct MaskRing: Sendable, Hashable, CustomStringConvertible {
  /// The largest w.
  public static let maximumBits = 63

  /// w, in 1...63.
  public let bits: Int

  /// The integers modulo 2^`bits`.
  ///
  /// - Throws: ``EncodingError/invalid(_:_:_:)`` unless `bits` is in 1...63.
  public init(bits: Int) throws(EncodingError) {
    guard (1...Self.maximumBits).contains(bits) else {
      throw .invalid("a modulus of", "\(bits) bits", "must have 1...\(Self.maximumBits) bits")
    }
    self.bits = bits
  }

  /// The ring in which weighted sums cannot overflow.
  ///
  ///     R = the least 2^w > clients · maxWeight · (2^bits - 1)
  ///
  /// The sum of the weights fits as well. Worked example: 100 clients, 16 bits, weight 1 give
  /// 6,553,500 < 2^23, so w = 23.
  ///
  /// - Throws: ``EncodingError/invalid(_:_:_:)`` for a parameter out of range,
  ///   ``EncodingError/modulusTooWide(clients:bits:maxWeight:needed:fitting:)`` with what would fit.
  public init(clients: Int, bits: Int, maxWeight: Int) throws(EncodingError) {
    guard clients >= 1 else {
      throw .invalid("the number of clients", "\(clients)", "must be positive")
    }
    guard (1...FixedPointEncoding.maximumBits).contains(bits) else {
      throw .invalid(
        "the number of bits", "\(bits)", "must be in 1...\(FixedPointEncoding.maximumBits)")
    }
    guard maxWeight >= 1 else {
      throw .invalid("the maximum weight", "\(maxWeight)", "must be positive")
    }
    let weights = UInt128(clients) * UInt128(maxWeight)
    let largest = UInt128(1) << UInt128(bits) - 1
    let product = weights.multipliedFullWidth(by: largest)
    let needed =
      product.high > 0
      ? 256 - product.high.leadingZeroBitCount : 128 - product.low.leadingZeroBitCount
    guard needed <= Self.maximumBits else {
      let limit = UInt128(1) << UInt128(Self.maximumBits) - 1
      let fewer = (1..<bits).last { weights <= limit / (UInt128(1) << UInt128($0) - 1) }
      let lighter = Int(limit / largest / UInt128(clients))
      throw .modulusTooWide(
        clients: clients, bits: bits, maxWeight: maxWeight, needed: needed,
        fitting: .init(bits: fewer, maxWeight: lighter > 0 ? lighter : nil))
    }
    self.bits = needed
  }

  /// R = 2^w.
  public var modulus: UInt64 { 1 << UInt64(bits) }

  /// R - 1: the bits an element may have.
  public var mask: UInt64 { modulus - 1 }

  /// Whether elements are words of 32 bits.
  public var isNarrow: Bool { bits <= 32 }

  /// How many bytes an element takes in memory: 4 or 8.
  public var wordBytes: Int { isNarrow ? 4 : 8 }

  /// How many bytes `count` elements take on the wire: ⌈count · w / 8⌉.
  public func packedCount(_ count: Int) -> Int {
    // In two parts, so that no count that fits in memory overflows.
    count / 8 * bits + (count % 8 * bits + 7) / 8
  }

  /// `modulo 2^w`.
  public var description: String { "modulo 2^\(bits)" }
}
