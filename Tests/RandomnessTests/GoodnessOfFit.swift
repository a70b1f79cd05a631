import Foundation

/// The Kolmogorov-Smirnov statistic of `sample` against `distribution`, times sqrt(n).
func kolmogorovSmirnov(_ sample: [Double], _ distribution: (Double) -> Double) -> Double {
  let n = Double(sample.count)
  var largest = 0.0
  for (i, x) in sample.sorted().enumerated() {
    let expected = distribution(x)
    largest = max(largest, abs(expected - Double(i) / n), abs(Double(i + 1) / n - expected))
  }
  return largest * n.squareRoot()
}

/// The value that the Kolmogorov-Smirnov statistic exceeds with probability 1e-5 when all is well:
/// 2 exp(-2 x^2) = 1e-5 (Smirnov's limit, whose first term suffices in the tail).
let kolmogorovSmirnovLimit = (log(2e5) / 2).squareRoot()

/// The probability of a chi-square value at least as large, for equally likely cells.
///
/// The closed forms of the survival function: a Poisson sum for even degrees of freedom, the same
/// recurrence started from erfc for odd ones (Abramowitz, Stegun 26.4.4 and 26.4.5).
func chiSquareTail(equallyLikely counts: [Int]) -> Double {
  let degrees = counts.count - 1
  let expected = Double(counts.reduce(0, +)) / Double(counts.count)
  let half = counts.reduce(0) { $0 + pow(Double($1) - expected, 2) / expected } / 2
  var shape = degrees % 2 == 0 ? 1.0 : 0.5
  var tail = degrees % 2 == 0 ? exp(-half) : erfc(half.squareRoot())
  var term = degrees % 2 == 0 ? half * exp(-half) : exp(-half) * (half / .pi).squareRoot() * 2
  while shape < Double(degrees) / 2 {
    tail += term
    shape += 1
    term *= half / shape
  }
  return tail
}
