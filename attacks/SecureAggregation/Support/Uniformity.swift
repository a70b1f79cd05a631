internal import Glibc
internal import Randomness

/// Pearson's test of words that should be uniform modulo a power of two.
package enum Uniformity {
  /// How many bins words are counted in, by their highest bits.
  package static let bins = 64

  /// The probability that uniform words look at least as uneven.
  ///
  ///     X = Σ (count - expected)² / expected,   p = P(chi-square of bins - 1 degrees ≥ X)
  ///
  /// By the approximation of Wilson and Hilferty (1931), good to a tenth of p down to 10^-6.
  ///
  /// - Parameters:
  ///   - words: At least five for each bin.
  ///   - bits: Of a word, 6 or more.
  package static func pValue(_ words: [UInt64], bits: Int) -> Double {
    var counts = [Double](repeating: 0, count: bins)
    for word in words { counts[Int(word >> UInt64(bits - 6)) % bins] += 1 }
    let expected = Double(words.count) / Double(bins)
    let statistic = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    let degrees = Double(bins - 1)
    let spread = 2 / (9 * degrees)
    let z = (cubeRoot(statistic / degrees) - (1 - spread)) / spread.squareRoot()
    return NormalDistribution.cumulative(-z)
  }

  private static func cubeRoot(_ x: Double) -> Double { pow(x, 1.0 / 3) }
}
