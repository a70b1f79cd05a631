/// Number, mean and sum of squared deviations of some numbers, from which one can be taken back.
struct Moments: Sendable, Hashable {
  private(set) var count = 0
  private(set) var mean = 0.0
  /// The sum of squared deviations from the mean.
  private(set) var scatter = 0.0

  /// Of nothing.
  init() {}

  /// Of the numbers, by two passes.
  init(_ values: some Collection<Double>) {
    count = values.count
    guard count > 0 else { return }
    mean = values.reduce(0, +) / Double(count)
    scatter = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  /// The variance with divisor n - 1; 0 of fewer than two numbers.
  var variance: Double { count > 1 ? scatter / Double(count - 1) : 0 }

  /// Takes one of the numbers back; false if too few digits would be left.
  mutating func remove(_ value: Double) -> Bool {
    guard count > 1 else {
      self = Moments()
      return true
    }
    let distance = value - mean
    let left = scatter - distance * distance * Double(count) / Double(count - 1)
    let isAccurate = left > 1e-6 * scatter
    mean -= distance / Double(count - 1)
    count -= 1
    scatter = max(0, left)
    return isAccurate
  }
}
