internal import Glibc

/// A conjugate prior of a normal distribution's mean and variance, or the posterior it becomes.
struct NormalPrior: Sendable, Hashable {
  /// m, where the mean is expected.
  var mean: Double
  /// k, how many observations that weighs.
  var meanWeight: Double
  /// nu, how many observations the variance weighs.
  var degrees: Double
  /// s^2, where the variance is expected.
  var variance: Double

  /// After seeing numbers of these moments.
  func posterior(_ data: Moments) -> NormalPrior {
    let n = Double(data.count)
    let weight = meanWeight + n
    let distance = data.mean - mean
    return NormalPrior(
      mean: (meanWeight * mean + n * data.mean) / weight, meanWeight: weight, degrees: degrees + n,
      variance: (degrees * variance + data.scatter + meanWeight * n * distance * distance / weight)
        / (degrees + n))
  }

  /// log of the predictive density at `x`; `constant` is that of Student's distribution.
  func logDensity(_ x: Double, isStudent: Bool, constant: Double) -> Double {
    isStudent
      ? NormalLogarithms.student(
        x, degrees: degrees, location: mean, scale: variance * (1 + 1 / meanWeight),
        constant: constant)
      : NormalLogarithms.density(x, mean: mean, variance: variance)
  }

  /// log of the predictive chance of a number up to `x`; Student's by a normal score of the same
  /// tail, within 1e-2 of the normal score for 3 degrees and more.
  ///
  /// Source of the approximation: Wallace, "Bounds on normal approximations to Student's and the
  /// chi-square distributions", Ann. Math. Statist. 30 (1959), corollary 1.
  func logCumulative(_ x: Double, isStudent: Bool) -> Double {
    guard isStudent else {
      return NormalLogarithms.cumulative((x - mean) / variance.squareRoot())
    }
    let t = (x - mean) / (variance * (1 + 1 / meanWeight)).squareRoot()
    let z = (degrees * log1p(t * t / degrees)).squareRoot() * (8 * degrees + 1) / (8 * degrees + 3)
    return NormalLogarithms.cumulative(t < 0 ? -z : z)
  }
}

/// The constants of Student's distributions for every number of shadows: they take two logarithms
/// of gamma functions, too slow to compute for every score.
struct StudentConstants: Sendable {
  private let models: Int
  private let values: [Double]

  init(models: Int, priors: [NormalPrior]) {
    self.models = models
    values = priors.flatMap { prior in
      (0...models).map { NormalLogarithms.studentConstant(prior.degrees + Double($0)) }
    }
  }

  subscript(prior: Int, count: Int) -> Double { values[prior * (models + 1) + count] }
}
