package import Accounting
internal import NoiseSamplers
package import Randomness
package import Tensors

/// Normal noise for an aggregate of clients' updates, on a grid, as `GradientNoise` makes it for sums
/// of gradients.
///
/// The aggregate is one of `Float`s: a sum of n parts of norm at most 1, rounded in each coordinate,
/// is off by at most n 2^-24 of it before and after a part is exchanged, so the noise is wider by
/// 1 + n 2^-22 than declared.
package enum AggregateNoise {
  /// Adds noise of `multiplier` times `unit` in each coordinate.
  ///
  /// - Parameters:
  ///   - parts: The most parts the aggregate may have.
  ///   - unit: How far one part may move the aggregate.
  ///   - generator: A stream for this release alone.
  /// - Throws: `PrivateTrainingError` where the noise is too small for a grid.
  package static func add(
    multiplier: Double, parts: Int, unit: Double, to vector: inout Vector,
    using generator: Generator
  ) throws(PrivateTrainingError) {
    let wide = multiplier * (1 + Double(parts) * 0x1p-22)
    let vectorCopy = vector
    let noised = try PrivateTrainingError.noise { () throws(NoiseError) -> Vector? in
      let noise = try GradientNoise(multiplier: wide, dimension: vectorCopy.count)
      let reach = Double(vectorCopy.array.reduce(0) { max($0, $1.magnitude) }) / unit
      guard reach < 0x1p49 * noise.step else { return nil }
      let sum = GridSum(count: vectorCopy.count, step: noise.step)
      sum.add(vectorCopy, scale: 1 / unit)
      var reader = RandomReader(SeededBits(generator))
      var out = vectorCopy
      try sum.write(to: &out, scale: unit, noise: noise.noise, using: &reader)
      return out
    }
    guard let noised else {
      throw .refused(
        what: "noise-multiplier \(multiplier)",
        reason: "the aggregate is too long for a grid as fine as such little noise needs",
        remedy: "take more noise")
    }
    vector = noised
  }

  /// `count` with noise of standard deviation `deviation`, on a grid.
  package static func noised(
    _ count: Double, deviation: Double, using generator: Generator
  ) throws(PrivateTrainingError) -> Double {
    try PrivateTrainingError.noise { () throws(NoiseError) in
      let noise = try GridGaussian(
        standardDeviation: deviation, stepExponent: Int(deviation.exponent) - 36)
      var reader = RandomReader(SeededBits(generator))
      return try noise.release([count], using: &reader).values[0]
    }
  }

  /// How far `releases` releases in `dimension` coordinates can be from ideal noise, in total
  /// variation.
  package static func distance(releases: Int, dimension: Int) -> Double {
    GradientNoise.distance(releases: releases, dimension: dimension + 1)
  }

  /// What `delta` leaves for ideal noise at `epsilon`; nil if nothing.
  package static func remaining(delta: Double, epsilon: Double, distance: Double) -> Double? {
    TrainingPrivacy.remaining(delta: delta, epsilon: epsilon, distance: distance)
  }

  /// The epsilon at `delta` of events made with noise within `distance` of ideal noise.
  package static func epsilon(
    of events: [PrivacyEvent], delta: Double, distance: Double,
    by accountant: any PrivacyAccountant
  ) throws(AccountingError) -> PrivacyBound {
    try TrainingPrivacy.epsilon(of: events, delta: delta, distance: distance, by: accountant)
  }
}
