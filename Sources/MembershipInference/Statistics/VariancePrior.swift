internal import Glibc

/// What the variances of many examples have in common: a scaled inverse chi-square distribution
/// with `degrees` of freedom around `variance`, estimated from sample variances.
///
/// With d degrees of freedom each, log s^2 has the mean log s0^2 + psi(d/2) - log(d/2)
/// - psi(v/2) + log(v/2) and the variance psi'(d/2) + psi'(v/2): the spread beyond psi'(d/2) tells
///   v,
/// then the mean tells s0^2. No spread beyond that means one common variance, v = infinity.
///
/// Source: Smyth, "Linear models and empirical Bayes methods for assessing differential expression
/// in microarray experiments", Stat. Appl. Genet. Mol. Biol. 3 (2004), section 6.2.
struct VariancePrior: Sendable, Hashable {
  /// The prior's weight, in observations; infinite if all variances are one.
  let degrees: Double
  /// The variance it pulls to.
  let variance: Double

  /// From the number, the sum and the sum of squares of e = log s^2 - psi(d/2) + log(d/2), and the
  /// mean of psi'(d/2).
  init(count: Double, sum: Double, squares: Double, trigamma: Double) {
    guard count > 1 else {
      degrees = .infinity
      variance = count > 0 ? exp(sum) : 1
      return
    }
    let mean = sum / count
    let excess = max(0, squares / count - mean * mean) * count / (count - 1) - trigamma
    guard excess > 1e-9 else {
      degrees = .infinity
      variance = exp(mean)
      return
    }
    let half = Self.inverseTrigamma(excess)
    degrees = 2 * half
    variance = exp(mean + Self.digamma(half) - log(half))
  }

  /// The posterior mean's variance from `moments`: between its own and the common one.
  func shrunk(_ moments: Moments) -> Double {
    let own = Double(max(moments.count - 1, 0))
    if degrees.isInfinite { return variance }
    return (degrees * variance + moments.scatter) / (degrees + own)
  }

  /// psi(x), x > 0: by recurrence to 10, then the asymptotic series, to about 1e-13.
  static func digamma(_ x: Double) -> Double {
    var (x, shift) = (x, 0.0)
    while x < 10 {
      shift -= 1 / x
      x += 1
    }
    let square = 1 / (x * x)
    return shift + log(x) - 0.5 / x
      - square * (1 / 12.0 - square * (1 / 120.0 - square * (1 / 252.0 - square / 240)))
  }

  /// psi'(x), x > 0: likewise.
  static func trigamma(_ x: Double) -> Double {
    var (x, shift) = (x, 0.0)
    while x < 10 {
      shift += 1 / (x * x)
      x += 1
    }
    let square = 1 / (x * x)
    return shift + 1 / x + square / 2
      + square / x * (1 / 6.0 - square * (1 / 30.0 - square * (1 / 42.0 - square / 30)))
  }

  /// The x > 0 with psi'(x) = `value` > 0, by bisection of log x.
  static func inverseTrigamma(_ value: Double) -> Double {
    var (low, high) = (-35.0, 35.0)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if trigamma(exp(middle)) > value { low = middle } else { high = middle }
    }
    return exp((low + high) / 2)
  }
}
