import CBenchSupport

/// The cores this process may use.
enum Core {
  /// How many there are.
  static var count: Int { Int(bench_core_count()) }

  /// Ties the calling thread to the core of this index.
  static func pin(to index: Int) throws(BenchError) {
    guard bench_pin(bench_core(Int32(index))) else {
      throw .failure("the system does not tie a thread to core \(index) of \(count)")
    }
  }

  /// Lets the calling thread run anywhere again.
  static func unpin() { bench_unpin() }
}
