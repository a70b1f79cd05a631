import CKernels

/// A weighted mean that is built up vector by vector, in memory for one.
///
/// Accumulated in Double in the order of adding and divided and rounded once: the same bits as
/// ``UpdateView/weightedMean(_:workers:)`` of all the vectors together.
///
/// ```swift
/// var sum = WeightedSum(zeros: 2)
/// sum.add([Vector([1, 2]), Vector([4, 8])], weights: [1, 3])
/// sum.mean                     // [3.25, 6.5]
/// ```
public struct WeightedSum {
  /// The number of entries.
  public let count: Int
  /// The sum of the weights so far.
  public private(set) var totalWeight = 0.0
  private var storage: DoubleStorage

  /// Of vectors with `count` entries, none yet.
  public init(zeros count: Int) {
    self.count = count
    storage = DoubleStorage(zeros: count)
  }

  /// Adds `vectors`, in order.
  ///
  /// - Parameter workers: How many threads may run; the values do not depend on it.
  /// - Precondition: One weight a vector, and each as long as the sum.
  /// - Complexity: O(`count`) a vector.
  public mutating func add(_ vectors: [Vector], weights: [Double], workers: Int = 1) {
    precondition(vectors.count == weights.count, "\(weights.count) weights for \(vectors.count)")
    for (vector, weight) in zip(vectors, weights) {
      precondition(vector.count == count, "\(vector.count) entries for a sum of \(count)")
      totalWeight += weight
    }
    if !isKnownUniquelyReferenced(&storage) { storage = DoubleStorage(copying: storage) }
    let (sum, count) = (storage, count)
    let chunk = UpdateView.columnChunk
    WorkerPool.forEach((count + chunk - 1) / chunk, workers: workers) { index, _ in
      let begin = index * chunk
      // The kernel adds several rows in one pass; their memory is kept alive by `vectors`.
      let rows = vectors.map { vector in
        vector.withUnsafeBufferPointer { $0.baseAddress }
      }
      tensors_accumulate(
        rows, weights, rows.count, begin, min(count, begin + chunk), sum.base + begin)
    }
    withExtendedLifetime(vectors) {}
  }

  /// The sum divided by ``totalWeight``; zeros before the first vector.
  public var mean: Vector {
    var result = Vector(zeros: count)
    if totalWeight == 0 { return result }
    result.withUnsafeMutableBufferPointer {
      tensors_divide(storage.base, totalWeight, count, $0.baseAddress)
    }
    return result
  }
}
