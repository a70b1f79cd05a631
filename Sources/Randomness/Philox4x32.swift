/// The counter-based random function Philox4x32.
///
/// One block is a pure function of a 128-bit counter and a 64-bit key, so a stream has random
/// access and streams under different keys need no coordination. Ten rounds pass the BigCrush
/// battery; the function is not a cipher and protects nothing.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
/// section 3.3. The test compares with the known answers that the authors publish.
public struct Philox4x32 {
  /// The block of four random words at `counter` under `key`.
  ///
  /// - Parameters:
  ///   - counter: 128 bits, word 0 first.
  ///   - key: 64 bits, word 0 first.
  ///   - rounds: Ten unless a test asks for another published number.
  public static func block(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, rounds: Int = 10
  ) -> SIMD4<UInt32> {
    let (low, high) = block(
      low: UInt64(counter[0]) | UInt64(counter[1]) << 32,
      high: UInt64(counter[2]) | UInt64(counter[3]) << 32,
      key: UInt64(key[0]) | UInt64(key[1]) << 32, rounds: rounds)
    return SIMD4(
      UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32),
      UInt32(truncatingIfNeeded: high), UInt32(truncatingIfNeeded: high >> 32))
  }

  /// The same block with its words in pairs, the even word in the low half.
  @inline(__always)
  static func block(
    low: UInt64, high: UInt64, key: UInt64, rounds: Int = 10
  ) -> (low: UInt64, high: UInt64) {
    var x0 = low & 0xFFFF_FFFF
    var x1 = low >> 32
    var x2 = high & 0xFFFF_FFFF
    var x3 = high >> 32
    var k0 = key & 0xFFFF_FFFF
    var k1 = key >> 32
    for _ in 0..<rounds {
      let p0 = 0xD251_1F53 &* x0
      let p1 = 0xCD9E_8D57 &* x2
      x0 = (p1 >> 32) ^ x1 ^ k0
      x1 = p1 & 0xFFFF_FFFF
      x2 = (p0 >> 32) ^ x3 ^ k1
      x3 = p0 & 0xFFFF_FFFF
      k0 = (k0 &+ 0x9E37_79B9) & 0xFFFF_FFFF
      k1 = (k1 &+ 0xBB67_AE85) & 0xFFFF_FFFF
    }
    return (x0 | x1 << 32, x2 | x3 << 32)
  }
}
