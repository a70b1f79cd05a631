internal import Glibc

/// A mean over seeds with what can honestly be said about its error.
public struct Estimate: Sendable, Hashable {
  /// How many seeds.
  public var count: Int
  /// Their mean.
  public var mean: Double
  /// The least of them.
  public var minimum: Double
  /// The greatest of them.
  public var maximum: Double
  /// Half the width of the 95% t interval; nil below five seeds, where it would say little.
  public var halfWidth: Double?

  /// The estimate from one value a seed; nil without any.
  public init?(_ values: [Double]) {
    guard let minimum = values.min(), let maximum = values.max() else { return nil }
    count = values.count
    mean = values.reduce(0, +) / Double(values.count)
    self.minimum = minimum
    self.maximum = maximum
    if values.count >= 5 {
      let center = mean
      let variance =
        values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count - 1)
      halfWidth =
        StudentT.quantile(0.975, degreesOfFreedom: values.count - 1)
        * (variance / Double(values.count)).squareRoot()
    }
  }
}

/// Student's t distribution.
package enum StudentT {
  /// P(T ≤ t) for `degreesOfFreedom` ≥ 1, by the finite series for whole degrees of freedom
  /// (Abramowitz & Stegun 26.7.3 and 26.7.4).
  package static func cumulative(_ t: Double, degreesOfFreedom n: Int) -> Double {
    let theta = atan(t / Double(n).squareRoot())
    let (sine, cosine) = (sin(theta), cos(theta))
    var term = n % 2 == 0 ? 1.0 : cosine
    var sum = n == 1 ? 0 : term
    var k = n % 2 == 0 ? 2 : 3
    while k <= n - 2 {
      term *= cosine * cosine * Double(k - 1) / Double(k)
      sum += term
      k += 2
    }
    let inside = n % 2 == 0 ? sine * sum : 2 / Double.pi * (theta + sine * sum)
    return 0.5 + inside / 2
  }

  /// The t with P(T ≤ t) = `probability`, for `probability` in (0.5, 1), by bisection.
  package static func quantile(_ probability: Double, degreesOfFreedom n: Int) -> Double {
    var low = 0.0
    var high = 1.0
    while cumulative(high, degreesOfFreedom: n) < probability { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      if cumulative(middle, degreesOfFreedom: n) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }
}
