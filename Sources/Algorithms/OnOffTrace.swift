/// When one device can be reached: intervals of a trace that starts over when it has ended.
///
/// Intervals are closed, as FedScale's: a device is on from `on[i]` to `off[i]`, both included.
package struct OnOffTrace: Sendable, Equatable {
  /// Starts of the intervals, increasing.
  let on: [Double]
  /// Their ends; each before the next start.
  let off: [Double]
  /// After how much time the trace starts over.
  let length: Double

  /// What keeps intervals from being a trace.
  package struct Problem: Error {
    /// The place in the lists as they were given.
    var index: Int
    /// What is wrong and what would work.
    var message: String
  }

  /// A trace of intervals in any order.
  ///
  /// - Throws: `Problem` for an interval that ends before it starts, starts before 0, ends after
  ///   `length` or overlaps another.
  /// - Complexity: O(k log k).
  package init(on: [Double], off: [Double], length: Double) throws(Problem) {
    for index in on.indices {
      if on[index] < 0 {
        throw Problem(index: index, message: "an interval starts at \(on[index]), before 0")
      }
      if off[index] < on[index] {
        throw Problem(
          index: index,
          message: "an interval ends at \(off[index]), before its start at \(on[index])")
      }
      if off[index] > length {
        throw Problem(
          index: index,
          message: "an interval ends at \(off[index]), after the trace, which has length \(length)")
      }
    }
    let order = on.indices.sorted { (on[$0], off[$0]) < (on[$1], off[$1]) }
    for (first, second) in zip(order, order.dropFirst()) where on[second] < off[first] {
      throw Problem(
        index: second,
        message: "an interval starts at \(on[second]), before the end of another at \(off[first])")
    }
    self.on = order.map { on[$0] }
    self.off = order.map { off[$0] }
    self.length = length
  }

  /// Whether the device is on at `time`, which may be beyond the end. O(log k).
  package func isOn(at time: Double) -> Bool {
    let (_, place) = wrapped(time)
    // The last interval that has started; with one that starts where another ends, either serves.
    let index = started(at: place)
    return index > 0 && place <= off[index - 1]
  }

  /// The first time from `time` on at which the device is on; nil if it never is. O(log k).
  package func firstOn(from time: Double) -> Double? {
    guard let earliest = on.first else { return nil }
    if isOn(at: time) { return time }
    let (start, place) = wrapped(time)
    let index = started(at: place)
    var next = start + (index < on.count ? on[index] : length + earliest)
    // Adding up may round to a time just before the interval.
    for _ in 0..<16 where !isOn(at: next) { next = next.nextUp }
    return next
  }

  /// When the lap of `time` started, and how far into it that is.
  private func wrapped(_ time: Double) -> (start: Double, place: Double) {
    let place = time.truncatingRemainder(dividingBy: length)
    return (time - place, place)
  }

  /// How many intervals have started by `place`.
  private func started(at place: Double) -> Int {
    var (low, high) = (0, on.count)
    while low < high {
      let middle = (low + high) / 2
      if on[middle] <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
