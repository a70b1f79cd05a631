/// The Walsh-Hadamard transform: products with Hadamard's matrix in Sylvester's order, whose entry in
/// row i and column k is -1 where i and k have an odd number of ones in common, else 1.
///
/// Not scaled: done twice it multiplies by the size. O(D log D) sums.
package enum WalshHadamard {
  /// The least power of two that is at least `count`.
  package static func size(of count: Int) -> Int {
    var size = 1
    while size < count { size *= 2 }
    return size
  }

  /// The transform in place.
  ///
  /// - Precondition: `values` has a power of two of elements.
  package static func transform(_ values: inout [Float]) { butterflies(&values) }

  /// The transform in place.
  ///
  /// - Precondition: `values` has a power of two of elements.
  package static func transform(_ values: inout [Double]) { butterflies(&values) }

  private static func butterflies<S: BinaryFloatingPoint>(_ values: inout [S]) {
    let size = values.count
    precondition(size > 0 && size & (size - 1) == 0, "the size is a power of two")
    var half = 1
    while half < size {
      for start in stride(from: 0, to: size, by: 2 * half) {
        for index in start..<start + half {
          let (a, b) = (values[index], values[index + half])
          values[index] = a + b
          values[index + half] = a - b
        }
      }
      half *= 2
    }
  }
}
