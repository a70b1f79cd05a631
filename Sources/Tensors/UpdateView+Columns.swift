import CKernels
import Synchronization

extension UpdateView {
  /// The median of each column; for an even number of rows the mean of the two middle values.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not
  ///   depend on it.
  /// - Precondition: There is at least one row, and all base rows are finite.
  /// - Complexity: O(m log^2 m d).
  public func median(workers: Int? = nil) -> Vector {
    precondition(count > 0, "no rows have no median")
    return sortedMean((count - 1) / 2..<count / 2 + 1, workers: workers)
  }

  /// The mean of each column without its `f` smallest and `f` largest entries.
  ///
  /// The kept entries are summed, in Double; nothing is subtracted from a total, so no digits drown
  /// in an outlier.
  ///
  /// - Parameters:
  ///   - f: How many entries to drop at each end; at least one entry must be left.
  ///   - workers: How many threads may run, by default ``workers``; the values do not depend on
  ///     it.
  /// - Precondition: `0 <= 2 f < m`, and all base rows are finite.
  /// - Complexity: O(m log^2 m d).
  public func trimmedMean(trimming f: Int, workers: Int? = nil) -> Vector {
    precondition(f >= 0 && 2 * f < count, "cannot trim \(f) of \(count) rows at each end")
    return sortedMean(f..<count - f, workers: workers)
  }

  /// The standard deviation of each column, sqrt(sum (x - mean)^2 / (m - correction)); zeros if
  /// the divisor is not positive.
  ///
  /// - Parameters:
  ///   - correction: 0 for the population, 1 for a sample.
  ///   - workers: How many threads may run, by default ``workers``; the values do not depend on
  ///     it.
  public func standardDeviation(correction: Int, workers: Int? = nil) -> Vector {
    guard count > correction else { return Vector(zeros: dimension) }
    let divisor = Double(count - correction)
    return columnwise(scratch: 0, workers: workers) { rows, begin, end, out, _ in
      tensors_standard_deviation(rows, count, divisor, begin, end, out)
      return false
    }
  }

  /// The mean of the entries of ranks `kept` in each column.
  private func sortedMean(_ kept: Range<Int>, workers: Int?) -> Vector {
    precondition(count <= Int(UInt16.max), "\(count) rows are too many for a sorting network")
    let network = SortingNetwork(count: count, summing: kept).steps
    return columnwise(scratch: tensors_sorting_scratch(count), workers: workers) {
      rows, begin, end, out, scratch in
      tensors_sorted_mean(
        rows, count, network, network.count, kept.lowerBound, kept.upperBound, begin, end, out,
        scratch)
    }
  }

  /// Runs a kernel over all columns, on the base rows themselves where every row is a copy of one,
  /// otherwise on strips of mixed rows that stay in cache. The kernel tells whether it has found all
  /// entries finite; if it did not look, it says no.
  func columnwise(
    scratch: Int, workers: Int?,
    _ kernel:
      @Sendable (
        _ rows: [UnsafePointer<Float>?], _ begin: Int, _ end: Int,
        _ out: UnsafeMutablePointer<Float>,
        _ scratch: UnsafeMutablePointer<Float>
      ) -> Bool
  ) -> Vector {
    let workers = workers ?? self.workers
    let result = FloatStorage(zeros: dimension)
    let scratches = (0..<workers).map { _ in FloatStorage(zeros: scratch) }
    let sources = mixing.rows.compactMap(\.copiedSource)
    guard sources.count < count else {
      let foundAllFinite = Atomic<Bool>(true)
      forEachChunk(workers: workers) { begin, end, worker in
        let rows = sources.map { UnsafePointer(matrix.row($0)) as UnsafePointer<Float>? }
        if !kernel(rows, begin, end, result.base + begin, scratches[worker].base) {
          foundAllFinite.store(false, ordering: .relaxed)
        }
      }
      if foundAllFinite.load(ordering: .relaxed) { noteFinite(sources) }
      return Vector(storage: result)
    }
    let width = 1024
    let mixer = RowMixer(mixing, of: matrix, workers: workers)
    let strips = (0..<workers).map { _ in FloatStorage(zeros: count * width) }
    forEachChunk(workers: workers) { begin, end, worker in
      let strip = strips[worker].base
      let out = (0..<count).map { Optional(strip + $0 * width) }
      let rows = out.map { UnsafePointer($0) }
      for start in stride(from: begin, to: end, by: width) {
        let stop = min(end, start + width)
        mixer.mix(start, stop, into: out, worker: worker)
        _ = kernel(rows, 0, stop - start, result.base + start, scratches[worker].base)
      }
    }
    return Vector(storage: result)
  }
}
