import Glibc

extension Generator {
  /// An exponential number with mean 1, by inversion.
  public mutating func exponential() -> Double {
    -log(positiveUniform())
  }

  /// A Laplace number with mean 0 and density exp(-|x| / scale) / (2 scale); variance 2 scale^2.
  ///
  /// - Precondition: `scale >= 0`.
  public mutating func laplace(scale: Double) -> Double {
    precondition(scale >= 0, "a Laplace scale must not be negative, got \(scale)")
    let bits = next()
    let magnitude = -log(Double((bits >> 11) + 1) * 0x1p-53)
    return (bits & 1 == 0 ? magnitude : -magnitude) * scale
  }

  /// A gamma number with the given shape and scale 1: mean and variance both equal `shape`.
  ///
  /// For shapes near 0 the value can underflow to 0; ``dirichlet(concentration:count:)`` works with
  /// its logarithm and does not suffer from that.
  ///
  /// - Precondition: `shape > 0`.
  public mutating func gamma(shape: Double) -> Double {
    exp(logarithmOfGamma(shape: shape))
  }

  /// The logarithm of a gamma number.
  ///
  /// Source: Marsaglia, Tsang, "A simple method for generating gamma variables", ACM TOMS 2000;
  /// shapes below 1 by their section 6: a number of shape a is one of shape a + 1 times U^(1/a).
  private mutating func logarithmOfGamma(shape: Double) -> Double {
    precondition(
      shape > 0 && shape.isFinite, "a gamma shape must be positive and finite, got \(shape)")
    if shape < 1 {
      return logarithmOfGamma(shape: shape + 1) + log(positiveUniform()) / shape
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      if log(positiveUniform()) < 0.5 * x * x + d - d * v + d * log(v) {
        return log(d * v)
      }
    }
  }

  /// `count` nonnegative numbers that sum to 1, from the symmetric Dirichlet distribution.
  ///
  /// Normalised gamma numbers, kept as logarithms until the largest is known, so that even a
  /// concentration of 0.001 gives a proper point of the simplex.
  ///
  /// - Parameters:
  ///   - concentration: The common parameter; small values put nearly all mass on one entry.
  ///   - count: The number of entries.
  /// - Precondition: `concentration > 0`, `count > 0`.
  public mutating func dirichlet(concentration: Double, count: Int) -> [Double] {
    precondition(count > 0, "a Dirichlet sample needs at least one entry, got \(count)")
    var weights: [Double] = []
    weights.reserveCapacity(count)
    var largest = -Double.infinity
    for _ in 0..<count {
      weights.append(logarithmOfGamma(shape: concentration))
      largest = max(largest, weights[weights.count - 1])
    }
    var total = 0.0
    for i in 0..<count {
      weights[i] = exp(weights[i] - largest)
      total += weights[i]
    }
    for i in 0..<count {
      weights[i] /= total
    }
    return weights
  }
}
