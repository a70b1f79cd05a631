import Glibc

extension Generator {
  /// A standard normal number, mean 0 and variance 1.
  ///
  /// Two uniform numbers give two normal ones; the second waits for the next call. The largest
  /// magnitude that can occur is 8.6.
  ///
  /// Source: Box, Muller, "A note on the generation of random normal deviates", Annals of
  /// Mathematical Statistics 1958.
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let (first, second) = normalPair()
    spareNormal = second
    return first
  }

  /// Two independent standard normal numbers.
  @inline(__always)
  private mutating func normalPair() -> (Double, Double) {
    let radius = (-2 * log(positiveUniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return (radius * cos(angle), radius * sin(angle))
  }

  /// Fills `out` with independent normal numbers of mean 0, rounded to Float.
  ///
  /// A number waiting from an earlier ``normal()`` is left for the next one, so the values depend
  /// on the number of words read from this stream alone.
  public mutating func fillNormal(
    _ out: UnsafeMutableBufferPointer<Float>, standardDeviation: Float
  ) {
    let deviation = Double(standardDeviation)
    var i = 0
    while i + 1 < out.count {
      let (first, second) = normalPair()
      out[i] = Float(deviation * first)
      out[i + 1] = Float(deviation * second)
      i += 2
    }
    if i < out.count {
      out[i] = Float(deviation * normalPair().0)
    }
  }

  /// `count` independent normal numbers of mean 0: what
  /// ``fillNormal(_:standardDeviation:)`` writes.
  public mutating func normals(_ count: Int, standardDeviation: Float = 1) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      fillNormal(
        UnsafeMutableBufferPointer(rebasing: buffer[..<count]),
        standardDeviation: standardDeviation)
      initialized = count
    }
  }
}
