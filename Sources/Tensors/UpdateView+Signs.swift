import CKernels

extension UpdateView {
  /// The sum of the signs of each column, from -m to m; zero has the sign 0.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not depend
  ///   on it.
  /// - Complexity: O(m d).
  public func signSums(workers: Int? = nil) -> Vector {
    columnwise(scratch: 0, workers: workers) { rows, begin, end, out, _ in
      tensors_sign_sum(rows, count, begin, end, out)
      return false
    }
  }

  /// The mean of each column, negated where its sum of signs is smaller than `threshold` in
  /// magnitude.
  ///
  /// - Parameters:
  ///   - threshold: How many more entries must have one sign than the other.
  ///   - workers: How many threads may run, by default ``workers``; the values do not depend on it.
  /// - Precondition: There is at least one row.
  /// - Complexity: O(m d).
  public func votedMean(threshold: Int, workers: Int? = nil) -> Vector {
    precondition(count > 0, "no rows have no mean")
    let votes = Int32(clamping: threshold)
    return columnwise(scratch: 0, workers: workers) { rows, begin, end, out, _ in
      tensors_voted_mean(rows, count, votes, begin, end, out)
      return false
    }
  }

  /// For each row, how many of its `kept` entries of largest magnitude have the sign of `votes`; of
  /// equal magnitudes the lower columns count.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not depend
  ///   on it.
  /// - Precondition: `kept` is at most ``dimension``, and `votes` has that length.
  /// - Complexity: O(m d).
  public func signAgreement(
    with votes: Vector, amongLargest kept: Int, workers: Int? = nil
  ) -> [Int] {
    precondition(kept >= 0 && kept <= dimension, "cannot keep \(kept) of \(dimension) entries")
    precondition(votes.count == dimension, "\(votes.count) votes for \(dimension) columns")
    return WorkerPool.map(count, workers: workers ?? self.workers) { i, _ in
      let values = row(i)
      return values.withUnsafeBufferPointer { x in
        votes.withUnsafeBufferPointer { votes in
          let cut = MagnitudeCut(keeping: kept, of: [x])
          return tensors_sign_agreement(
            x.baseAddress, votes.baseAddress, dimension, cut.threshold, cut.ties)
        }
      }
    }
  }

  /// The sums of absolute differences of all pairs of rows, accumulated in Double: symmetric, zero on
  /// the diagonal.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not depend
  ///   on it.
  /// - Complexity: O(m^2 d): no Gram matrix knows them.
  public func absoluteDistances(workers: Int? = nil) -> SmallMatrix {
    let sources = mixing.rows.compactMap(\.copiedSource)
    guard sources.count == count else {
      return UpdateView(materialized(workers: workers)).absoluteDistances(workers: workers)
    }
    let chunk = Self.columnChunk
    let parts = WorkerPool.map(
      (dimension + chunk - 1) / chunk, workers: workers ?? self.workers
    ) { part, _ in
      let rows = sources.map { UnsafePointer(matrix.row($0)) as UnsafePointer<Float>? }
      var sums = [Double](repeating: 0, count: count * count)
      tensors_absolute_distances(
        rows, count, part * chunk, min(dimension, (part + 1) * chunk), &sums)
      return sums
    }
    var result = SmallMatrix(zeros: count, columns: count)
    for i in 0..<count {
      for k in i + 1..<max(i + 1, count) {
        let sum = parts.reduce(0) { $0 + $1[i * count + k] }
        result[i, k] = sum
        result[k, i] = sum
      }
    }
    return result
  }
}

/// Which magnitude is the last to be kept, found digit by digit in the bits of the floats.
struct MagnitudeCut {
  /// The least magnitude that is kept.
  var threshold: Float
  /// How many entries of exactly that magnitude are kept.
  var ties: Int

  /// The cut that leaves `kept` entries of all `parts` together.
  ///
  /// - Precondition: There are that many entries.
  /// - Complexity: O(entries).
  init(keeping kept: Int, of parts: [UnsafeBufferPointer<Float>]) {
    guard kept > 0 else {
      (threshold, ties) = (.infinity, 0)
      return
    }
    var prefix: UInt32 = 0
    var missing = kept
    for (shift, width) in [(20, 11), (10, 10), (0, 10)] as [(UInt32, UInt32)] {
      var counts = [UInt32](repeating: 0, count: 1 << width)
      for part in parts {
        tensors_count_magnitudes(part.baseAddress, part.count, shift, width, prefix, &counts)
      }
      var digit = counts.count - 1
      while digit > 0, Int(counts[digit]) < missing {
        missing -= Int(counts[digit])
        digit -= 1
      }
      prefix = prefix << width | UInt32(digit)
    }
    (threshold, ties) = (Float(bitPattern: prefix), missing)
  }
}
