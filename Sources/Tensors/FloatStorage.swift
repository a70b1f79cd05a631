/// A fixed block of floats on a 64-byte boundary: what vectors and matrices own.
///
/// Capacity is rounded up to 16 floats, so that kernels may read and write whole vectors at the end.
///
/// `@unchecked Sendable`: the owning values write to it only while they hold the one reference, or,
/// for disjoint rows, within a scope in which nothing else can reach it.
final class FloatStorage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  /// `count` zeros.
  init(zeros count: Int) {
    self.count = count
    let capacity = max(16, (count + 15) / 16 * 16)
    base = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64
    ).bindMemory(to: Float.self, capacity: capacity)
    base.initialize(repeating: 0, count: capacity)
  }

  /// A copy of any floats.
  convenience init(_ source: UnsafeBufferPointer<Float>) {
    self.init(zeros: source.count)
    if let start = source.baseAddress {
      base.update(from: start, count: count)
    }
  }

  /// A copy.
  convenience init(copying other: FloatStorage) {
    self.init(UnsafeBufferPointer(start: other.base, count: other.count))
  }

  deinit {
    UnsafeMutableRawPointer(base).deallocate()
  }
}
