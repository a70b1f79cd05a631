import Glibc

/// A fixed block of floats on a 64-byte boundary: what vectors and matrices own.
///
/// Capacity is rounded up to 16 floats, so that kernels may read and write whole vectors at the end.
///
/// `@unchecked Sendable`: the owning values write to it only while they hold the one reference, or,
/// for disjoint rows, within a scope in which nothing else can reach it.
final class FloatStorage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  /// What the system gave, around ``base``.
  private let memory: UnsafeMutableRawPointer

  /// From here on a block is made of huge pages where the system has them: 2 MiB each.
  private static let hugeBlock = 8 << 20
  private static let hugePage = 2 << 20

  /// `count` zeros.
  ///
  /// A large block is the system's own zero pages and not written here: the threads that fill it
  /// share the cost of the first touch, and huge pages make it five hundred times rarer.
  init(zeros count: Int) {
    self.count = count
    let capacity = max(16, (count + 15) / 16 * 16)
    let bytes = capacity * MemoryLayout<Float>.stride
    let alignment = bytes >= Self.hugeBlock ? Self.hugePage : 64
    guard let memory = calloc(1, bytes + alignment) else {
      fatalError("no memory for \(count) floats")
    }
    let start = memory.alignedUp(toMultipleOf: alignment)
    if alignment == Self.hugePage {
      // A hint: where it is refused, small pages do.
      _ = madvise(start, bytes / Self.hugePage * Self.hugePage, MADV_HUGEPAGE)
    }
    self.memory = memory
    base = start.bindMemory(to: Float.self, capacity: capacity)
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
    free(memory)
  }
}
