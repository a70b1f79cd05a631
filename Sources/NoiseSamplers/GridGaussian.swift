import BigIntegers
internal import Glibc

/// Normal noise for real numbers that survives a look at the bits: everything is on a grid.
///
/// Adding a floating-point normal variable leaks: the values it can take, and the rounding of the sum,
/// depend on the secret (Mironov, CCS 2012; Haney et al., "Precision-based attacks and interval
/// refining", 2022). Here a value is rounded to a multiple of the grid step g first, a power of two; the
/// noise is g times exact discrete Gaussian noise of parameter s / g; their sum is one of integers. The
/// released numbers say no more than those integers do.
///
/// Price: rounding can move two neighbours apart. In d coordinates an L2 sensitivity D becomes at most
///
///     D + g sqrt(d)          (`sensitivity(_:dimension:)`)
///
/// and the release is (D + g sqrt(d))^2 / (2 s^2)-zero-concentrated differentially private
/// (`concentration`); for g = s / 2^20 and d = 10^6 that is D + 0.001 s. Account for it as
/// `concentrated(rho:)`, since the discrete Gaussian's own curve may be above the continuous one's.
public struct GridGaussian: Sendable {
  /// The parameter s.
  public let standardDeviation: Double
  /// The grid's step g, a power of two.
  public let step: Double
  private let noise: DiscreteGaussian
  /// The same noise, much faster for many values; nil for a few coarse or extremely fine grids.
  private let cover: CoverGaussian?
  /// Values are cut to ± this many steps, so that every sum is exact.
  private static let reach = 0x1p52

  /// Noise of parameter s on the grid of step 2^`exponent`, or the greatest power of two that is not
  /// above s / 2^20.
  ///
  /// - Throws: `NoiseError.invalid` if s is not positive and finite, or if s / g is not in
  ///   1 ... 2^40, or g not in the range of normal numbers.
  public init(standardDeviation: Double, stepExponent: Int? = nil) throws(NoiseError) {
    guard standardDeviation > 0, standardDeviation.isFinite else {
      throw .invalid("standard-deviation", "\(standardDeviation)", "must be above 0 and finite")
    }
    let exponent = stepExponent ?? Int(standardDeviation.exponent) - 20
    let relative = Int(standardDeviation.exponent) - exponent
    guard (0...40).contains(relative), (-1000...900).contains(exponent) else {
      throw .invalid(
        "step-exponent", "\(exponent)",
        "must be at most 40 below that of the standard deviation and not above it")
    }
    self.standardDeviation = standardDeviation
    step = scalbn(1, Int32(exponent))
    noise = try DiscreteGaussian(standardDeviation: standardDeviation / step)
    cover = CoverGaussian(standardDeviation: standardDeviation / step)
  }

  /// The L2 sensitivity after rounding of a vector of `dimension` coordinates that had `l2` before,
  /// rounded up.
  public func sensitivity(_ l2: Double, dimension: Int) -> Double {
    // Each operation rounds to nearest: one unit up makes each an upper bound.
    let spread = (step * Double(dimension).nextUp.squareRoot().nextUp).nextUp
    return (l2 + spread).nextUp
  }

  /// The rho of zero-concentrated privacy of a release of L2 sensitivity `l2` before rounding, rounded
  /// up.
  public func concentration(l2: Double, dimension: Int) -> Double {
    let ratio = (sensitivity(l2, dimension: dimension) / standardDeviation).nextUp
    return ((ratio * ratio).nextUp / 2).nextUp
  }

  /// Adds noise to integers, each a number of steps: exact, whatever they are.
  ///
  /// - Throws: `NoiseError.randomness`; `steps` then holds nothing to rely on.
  /// - Complexity: O(n), in small pieces that the noise of no more than a few thousand values fills.
  package func addNoise(
    to steps: UnsafeMutableBufferPointer<Int64>, using reader: inout RandomReader
  ) throws(NoiseError) {
    if let cover { return try cover.add(to: steps, using: &reader) }
    let piece = 4096
    var drawn = [Int64](repeating: 0, count: min(piece, steps.count))
    for start in stride(from: 0, to: steps.count, by: piece) {
      let count = min(piece, steps.count - start)
      if count < drawn.count { drawn.removeLast(drawn.count - count) }
      try noise.fill(&drawn, using: &reader)
      for index in 0..<count { steps[start + index] &+= drawn[index] }
    }
  }

  /// `values` with noise.
  ///
  /// A value beyond 2^52 steps is cut to that, and NaN counts as 0: neither depends on any other
  /// value, so privacy holds for whatever comes in.
  ///
  /// - Throws: `NoiseError.randomness`.
  public func release(
    _ values: [Double], using reader: inout RandomReader
  ) throws(NoiseError) -> GridRelease {
    var drawn = [Int64](repeating: 0, count: values.count)
    try noise.fill(&drawn, using: &reader)
    let released = zip(values, drawn).map { value, noise in
      let steps = value.isNaN ? 0 : (value / step).rounded()
      let sum = Int64(min(max(steps, -Self.reach), Self.reach)) + max(min(noise, 1 << 52), -1 << 52)
      return Double(sum) * step
    }
    return GridRelease(values: released, step: step, randomness: reader.kind)
  }
}

/// Numbers released with noise on a grid.
public struct GridRelease: Sendable, Hashable {
  /// The values, multiples of `step`.
  public let values: [Double]
  /// The grid's step.
  public let step: Double
  /// Where the bits came from.
  public let randomness: RandomnessKind
}
