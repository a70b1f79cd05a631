package import Randomness
internal import Tensors

/// Whether a function takes another time for inputs of one class than for those of another, as
/// dudect asks (Reparaz, Balasch, Verbauwhede, DATE 2017).
///
/// Inputs of both classes come in pairs, each in an order drawn at random, and are made one after
/// the other in that order: what else the machine does, and where an input lies in memory, is then
/// as likely to favour one class as the other. Times are processor times of the thread; the slowest
/// pairs are cropped; t is that of the pairs' differences.
///
/// If the class makes no difference then each pair's sign is a fair coin, whatever the times are,
/// and |t| is beyond 4.5 with a probability of at most 2 exp(-4.5^2 / 2) = 8 * 10^-5 (Hoeffding).
/// The largest of three crops' is what counts, and where it is beyond, the smaller one of two
/// measurements: a false alarm of at most (2.4 * 10^-4)^2 = 6 * 10^-8.
package struct TimingTest {
  /// Beyond this |t| a difference counts as found.
  package static let threshold = 4.5
  /// The fractions of pairs that are kept.
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
  /// - Parameters:
  ///   - count: Pairs that are measured, after a tenth as many that do not count.
  ///   - order: Draws which class of a pair comes first.
  ///   - make: The next input of the class, 0 or 1; what it allocates must not depend on the class.
  ///   - operation: Does its work on the input.
  package static func run<Input>(
    count: Int, order: inout Generator, make: (_ kind: Int) -> Input,
    _ operation: (_ input: Input) -> Void
  ) -> Result {
    let first = measure(count: count, order: &order, make, operation)
    if first.largest <= threshold { return first }
    let second = measure(count: count, order: &order, make, operation)
    return second.largest < first.largest ? second : first
  }

  private static func measure<Input>(
    count: Int, order: inout Generator, _ make: (_ kind: Int) -> Input,
    _ operation: (_ input: Input) -> Void
  ) -> Result {
    let warmUp = count / 10
    let firsts = (0..<warmUp + count).map { _ in order.bernoulli(0.5) ? 1 : 0 }
    let inputs = firsts.map { first in
      let input = make(first)
      return (input, make(1 - first))
    }
    var pairs = zip(firsts, inputs).map { first, input in
      let began = ProcessorTime.ofThread()
      operation(input.0)
      let between = ProcessorTime.ofThread()
      operation(input.1)
      let times = (between - began, ProcessorTime.ofThread() - between)
      return first == 0 ? times : (times.1, times.0)
    }
    pairs.removeFirst(warmUp)
    pairs.sort { max($0.0, $0.1) < max($1.0, $1.1) }
    let kept = crops.map { pairs.prefix(Int((Double(count) * $0).rounded(.up))) }
    let smallest = kept.last ?? []
    return Result(
      statistics: kept.map { abs(statistic($0.map { $0.0 - $0.1 })) },
      means: (moments(smallest.map(\.0)).mean, moments(smallest.map(\.1)).mean))
  }

  /// mean / sqrt(variance / count): infinite if all differences are the same and not 0.
  package static func statistic(_ differences: [Double]) -> Double {
    let (mean, variance) = moments(differences)
    if variance == 0 { return mean == 0 ? 0 : .infinity }
    return mean / (variance / Double(differences.count)).squareRoot()
  }

  private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    guard values.count > 1 else { return (values.first ?? 0, 0) }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(values.count - 1))
  }
}
