import Foundation

/// The probability of a chi-square value of `degrees` degrees of freedom of at least `statistic`, by
/// the approximation of Wilson and Hilferty (1931): the cube root is nearly normal. Within a few
/// percent of the true tail down to 1e-6 for 3 degrees and more, which a limit of 1e-5 does not mind.
public func chiSquareSurvival(_ statistic: Double, degrees: Int) -> Double {
  let spread = 2 / (9 * Double(degrees))
  let z = (pow(statistic / Double(degrees), 1.0 / 3) - (1 - spread)) / spread.squareRoot()
  return erfc(z / 2.0.squareRoot()) / 2
}

/// Pearson's statistic of counts against expected counts.
public func chiSquare(_ counts: [Int], expected: [Double]) -> Double {
  zip(counts, expected).reduce(0) { sum, cell in
    let difference = Double(cell.0) - cell.1
    return sum + difference * difference / cell.1
  }
}
