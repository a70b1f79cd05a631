/// A fixed block of doubles on a 64-byte boundary: scratch memory of kernels.
///
/// `@unchecked Sendable`: each block belongs to one thread at a time.
final class DoubleStorage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Double>
  private let count: Int

  /// `count` zeros.
  init(zeros count: Int) {
    self.count = count
    base = UnsafeMutableRawPointer.allocate(
      byteCount: max(64, count * MemoryLayout<Double>.stride), alignment: 64
    ).bindMemory(to: Double.self, capacity: max(8, count))
    base.initialize(repeating: 0, count: max(8, count))
  }

  convenience init(copying other: DoubleStorage) {
    self.init(zeros: other.count)
    base.update(from: other.base, count: count)
  }

  deinit {
    UnsafeMutableRawPointer(base).deallocate()
  }
}
