internal import Tensors

extension GroupKernel {
  /// The ranges that sums of many products are cut into: of the count alone, so that the result is
  /// the same for any number of threads. Shorter ones would cost more, since each has its own
  /// buckets.
  static func pieces(_ count: Int) -> [Range<Int>] {
    let pieces = max(1, min(8, count >> 14))
    return (0..<pieces).map { $0 * count / pieces..<($0 + 1) * count / pieces }
  }

  /// The sum of products with numbers of `words` words each, below 2^bits.
  func combination(
    _ points: ArraySlice<Affine>, _ numbers: [UInt64], words: Int, bits: Int, workers: Int
  ) -> Point {
    let pieces = Self.pieces(points.count)
    return WorkerPool.map(pieces.count, workers: workers) { index, _ in
      let piece = pieces[index]
      let own = points[points.startIndex + piece.lowerBound..<points.startIndex + piece.upperBound]
      return combination(own, numbers, from: piece.lowerBound, words: words, bits: bits)
    }.reduce(infinity, sum)
  }

  /// The same of points that have to be normalised first.
  func combination(
    of points: [Point], _ numbers: [UInt64], words: Int, bits: Int, workers: Int
  ) -> Point {
    let pieces = Self.pieces(points.count)
    return WorkerPool.map(pieces.count, workers: workers) { index, _ in
      combination(
        normalized(Array(points[pieces[index]]))[...], numbers, from: pieces[index].lowerBound,
        words: words, bits: bits)
    }.reduce(infinity, sum)
  }
}

/// How many bits the largest of some numbers has.
///
/// - Precondition: At most `bits`, where that is given.
func neededBits(_ numbers: [UInt64], _ bits: Int?) -> Int {
  let needed = 64 - numbers.reduce(0, |).leadingZeroBitCount
  precondition(needed <= bits ?? 64, "a number of more than \(bits ?? 64) bits")
  return max(1, bits ?? needed)
}
