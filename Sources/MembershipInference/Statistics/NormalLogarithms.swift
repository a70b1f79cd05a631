internal import Accounting
internal import Glibc

/// Logarithms of densities and tails that stay exact where the numbers themselves vanish.
enum NormalLogarithms {
  /// log of the normal density of this mean and variance.
  static func density(_ x: Double, mean: Double, variance: Double) -> Double {
    let distance = x - mean
    return -0.5 * (log(2 * Double.pi * variance) + distance * distance / variance)
  }

  /// log Pr[Z <= z] of the standard normal distribution.
  static func cumulative(_ z: Double) -> Double {
    if z > -3 { return z > 0 ? log1p(-NormalTail.probability(z)) : log(NormalTail.probability(-z)) }
    // Pr[Z <= z] = density(z) * Mills ratio of -z.
    return -0.5 * (z * z + log(2 * Double.pi)) - log(-z + NormalTail.correction(-z))
  }

  /// log of the density of Student's distribution with `degrees` of freedom, shifted by `location`
  /// and stretched by the square root of `scale`; `constant` is `studentConstant(degrees)`.
  static func student(
    _ x: Double, degrees: Double, location: Double, scale: Double, constant: Double
  ) -> Double {
    let distance = x - location
    return constant - 0.5 * log(scale)
      - 0.5 * (degrees + 1) * log1p(distance * distance / (degrees * scale))
  }

  /// log of Gamma((v + 1)/2) / (Gamma(v/2) sqrt(v pi)).
  static func studentConstant(_ degrees: Double) -> Double {
    lnGamma((degrees + 1) / 2) - lnGamma(degrees / 2) - 0.5 * log(degrees * Double.pi)
  }

  /// The logarithm of the gamma function of a positive number.
  static func lnGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return unsafe lgamma_r(x, &sign)
  }
}
