internal import Glibc

/// The standard normal distribution.
public enum NormalDistribution {
  /// P(X ≤ x), accurate to a few units in the last place in both tails.
  public static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  /// The x with P(X ≤ x) = `probability`, for 0 < `probability` < 1.
  ///
  /// Newton's method in the logarithm of the nearer tail, which is concave, from a point on its far
  /// side: it converges for every tail a Double can express.
  public static func quantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a probability strictly between 0 and 1")
    if probability > 0.5 { return -quantile(1 - probability) }
    let target = log(probability)
    var x = -(2 * -target).squareRoot()
    for _ in 0..<100 {
      let tail = cumulative(x)
      let density = exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
      let step = (log(tail) - target) * tail / density
      x -= step
      if abs(step) <= 1e-15 * max(1, abs(x)) { break }
    }
    return x
  }
}
