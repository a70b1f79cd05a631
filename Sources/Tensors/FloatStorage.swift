/// A fixed block of floats on a 64-byte boundary: what vectors and matrices own.
///
/// `@unchecked Sendable`: the owning values write to it only while they hold the one reference, or,
/// for disjoint rows, within a scope in which nothing else can reach it.
final class FloatStorage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  /// `count` zeros.
  init(zeros count: Int) {
    self.count = count
    base = Self.allocate(count)
    base.initialize(repeating: 0, count: count)
  }

  /// A copy.
  init(copying other: FloatStorage) {
    count = other.count
    base = Self.allocate(count)
    base.initialize(from: other.base, count: count)
  }

  /// A copy of any floats.
  init(_ source: UnsafeBufferPointer<Float>) {
    count = source.count
    base = Self.allocate(count)
    if let start = source.baseAddress {
      base.initialize(from: start, count: count)
    }
  }

  deinit {
    UnsafeMutableRawPointer(base).deallocate()
  }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer.allocate(
      byteCount: max(64, count * MemoryLayout<Float>.stride), alignment: 64
    ).bindMemory(to: Float.self, capacity: count)
  }
}
