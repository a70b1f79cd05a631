import Randomness

extension Generator {
  /// A number of mean 0 and variance 1 that is nearly normal: the sum of four uniform ones, so never
  /// beyond 3.47.
  ///
  /// One word and one division: the same bits on every machine, which logarithm and cosine of a C
  /// library do not promise.
  mutating func bell() -> Double {
    let word = next()
    let sum = (word & 0xFFFF) + (word >> 16 & 0xFFFF) + (word >> 32 & 0xFFFF) + (word >> 48)
    // Four uniform integers below 2^16: mean 131070, variance (2^32 - 1) / 3.
    return (Double(sum) - 131_070) / 37_837.227_237_206_48
  }
}
