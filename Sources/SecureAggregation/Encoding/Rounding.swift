internal import Glibc

/// How a real number between two integers becomes one of them.
public enum Rounding: Sendable, Hashable {
  /// To the nearest, halves upwards: the smallest error of one vector, but errors of many clients do
  /// not cancel.
  case nearest
  /// Up with the probability of the fraction, so that the mean is exact: sums of many clients are
  /// unbiased.
  case stochastic
  /// Stochastic, drawn again until the Euclidean norm keeps a bound, so that noise in the ring can be
  /// calibrated to it. The vector is first scaled down to the norm `norm` if it is longer; the bound
  /// is ``roundedNorm(_:dimension:beta:)`` in units of the step. A smaller `beta` loosens the bound
  /// and makes repetition rarer (a draw is accepted with probability 1 - beta at least).
  ///
  /// Source: Kairouz, Liu, Steinke 2021, *The Distributed Discrete Gaussian Mechanism for Federated
  /// Learning with Secure Aggregation*, algorithm 1 and section 4.1 (arXiv 2102.06387).
  case conditional(norm: Double, beta: Double = 0.6065306597126334)

  /// The norm that random rounding to integers keeps with probability at least 1 - β, for a vector of
  /// `dimension` d whose norm is D = `norm` in units of the grid:
  ///
  ///     min { D + √d,  √(D² + d/4 + √(2 ln(1/β)) (D + √d/2)) }
  ///
  /// The first always holds (β = 0). Worked example: D = 100, d = 10,000, β = e^(-1/2) give
  /// √(10,000 + 2,500 + 150) = 112.5.
  ///
  /// Source: Kairouz, Liu, Steinke 2021, equations 18 and 19.
  public static func roundedNorm(_ norm: Double, dimension: Int, beta: Double) -> Double {
    let d = Double(dimension)
    let always = norm + d.squareRoot()
    guard beta > 0 else { return always }
    let slack = (-2 * log(beta)).squareRoot()
    let likely = norm * norm + d / 4 + slack * (norm + d.squareRoot() / 2)
    return min(always, likely.squareRoot())
  }
}
