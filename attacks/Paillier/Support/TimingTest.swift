package import Randomness
internal import Tensors

/// Whether a function takes another time for inputs of one class than for those of another, as
/// dudect asks (Reparaz, Balasch, Verbauwhede, DATE 2017).
///
/// Classes come in random order, so that whatever else the machine does meets both alike; times are
/// processor times of the thread; the slowest are cropped, at thresholds that both classes share.
/// Welch's t of the times left is beyond 4.5 with a probability of 7 * 10^-6 if the class makes no
/// difference. The largest of three crops' is what counts, and where it is beyond, the smaller one
/// of two measurements: a false alarm of at most (2 * 10^-5)^2.
package struct TimingTest {
  /// Beyond this |t| a difference counts as found.
  package static let threshold = 4.5
  /// The fractions of times that are kept.
  package static let crops = [1, 0.9, 0.6]

  /// What measurements came to.
  package struct Result {
    /// |t| for each crop.
    package var statistics: [Double]
    /// Mean times of each class, in seconds, at the last crop.
    package var means: (Double, Double)

    package var largest: Double { statistics.max() ?? 0 }
  }

  /// What one measurement came to, or the smaller of two if the first is beyond the threshold.
  ///
  /// - Parameter operation: Does its work on the next input of the class, 0 or 1.
  package static func run(
    count: Int, order: inout Generator, _ operation: (_ kind: Int, _ index: Int) -> Void
  ) -> Result {
    let first = measure(count: count, order: &order, operation)
    if first.largest <= threshold { return first }
    let second = measure(count: count, order: &order, operation)
    return second.largest < first.largest ? second : first
  }

  /// Measures each class `count` times, after a tenth as many that do not count.
  private static func measure(
    count: Int, order: inout Generator, _ operation: (_ kind: Int, _ index: Int) -> Void
  ) -> Result {
    var times: [[Double]] = [[], []]
    var next = [0, 0]
    for round in -(count / 5)..<2 * count {
      var kind = order.bernoulli(0.5) ? 1 : 0
      if round >= 0, times[kind].count == count { kind = 1 - kind }
      let began = ProcessorTime.ofThread()
      operation(kind, next[kind] % count)
      let ended = ProcessorTime.ofThread()
      next[kind] += 1
      if round >= 0 { times[kind].append(ended - began) }
    }
    let sorted = (times[0] + times[1]).sorted()
    let statistics = crops.map { kept in
      let bound = sorted[min(sorted.count - 1, Int(kept * Double(sorted.count)))]
      return abs(welch(times[0].filter { $0 <= bound }, times[1].filter { $0 <= bound }))
    }
    let bound = sorted[Int((crops.last ?? 1) * Double(sorted.count))]
    let means = times.map { moments($0.filter { $0 <= bound }).mean }
    return Result(statistics: statistics, means: (means[0], means[1]))
  }

  /// (mean - mean) / sqrt(variance / count + variance / count); infinite if one class is gone.
  package static func welch(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count > 1, b.count > 1 else { return .infinity }
    let (x, y) = (moments(a), moments(b))
    let error = (x.variance / Double(a.count) + y.variance / Double(b.count)).squareRoot()
    if error == 0 { return x.mean == y.mean ? 0 : .infinity }
    return (x.mean - y.mean) / error
  }

  private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    guard values.count > 1 else { return (values.first ?? 0, 0) }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(values.count - 1))
  }
}
