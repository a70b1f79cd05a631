internal import Glibc
package import NoiseSamplers

/// Normal noise for a sum of vectors of norm at most 1, on a grid, and what its imperfection costs.
///
/// The deviation is a little above the multiplier z, by what arithmetic can add to the sensitivity:
/// an example's part is computed and summed in `Float`, and then rounded to the grid (`slack`). So
/// the release is what it is declared to be, one of multiplier z.
///
/// The noise is the discrete Gaussian of the grid, not a rounded normal variable. In one coordinate
/// the two differ in Kullback-Leibler divergence by 1 / (576 r^4), up to terms of order r^-6, r the
/// deviation in steps: where x is the distance from 0 in deviations, the ratio of their
/// probabilities is 1 + (x^2 - 1) / (24 r^2), of mean square 1 / (288 r^4). Over all coordinates
/// and steps that adds up, and Pinsker's inequality makes `distance` of it, a bound on what any
/// event's probability can differ by; delta pays for it.
package struct GradientNoise: Sendable {
  /// The multiplier z that is declared.
  package let multiplier: Double
  /// The noise itself.
  package let noise: GridGaussian
  /// Number of coordinates.
  package let dimension: Int

  /// How much longer than 1 an example's part may be. `Float` sums of m terms are off by at most
  /// m 2^-24 of their terms' sum; micro-batches of at most 96 examples, of which one example more
  /// changes two at most, make that 2^-9.8 twice. The rest is for the parts themselves.
  package static let slack = 0x1p-8
  /// The deviation is 2^36 to 2^37 steps.
  private static let digits = 36

  /// Noise of multiplier z = `multiplier` for sums in `dimension` coordinates.
  package init(multiplier: Double, dimension: Int) throws(NoiseError) {
    self.multiplier = multiplier
    self.dimension = dimension
    let exponent = Int((multiplier * (1 + 2 * Self.slack)).exponent) - Self.digits
    let grid = try GridGaussian(standardDeviation: multiplier, stepExponent: exponent)
    let sensitivity = grid.sensitivity(1 + Self.slack, dimension: dimension)
    noise = try GridGaussian(
      standardDeviation: (multiplier * sensitivity).nextUp, stepExponent: exponent)
  }

  /// The grid's step.
  package var step: Double { noise.step }

  /// A bound on the total variation distance of `releases` releases from those of rounded normal
  /// noise.
  package static func distance(releases: Int, dimension: Int) -> Double {
    let r = exp2(Double(digits))
    // Pinsker: sqrt(KL / 2); doubled for the terms of higher order.
    return 2 * (Double(releases) * Double(dimension) / (2 * 576)).squareRoot() / (r * r)
  }
}
