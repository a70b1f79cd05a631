internal import Glibc

/// Sums over recorded noise, from which its scale and its independence are judged.
struct NoiseComparison {
  private var count = 0
  private var squares = 0.0
  private var previous: [Double]?
  private var steps = Products()
  private var neighbours = Products()
  private var sums = Products()
  private var isRepeated = false

  /// What a correlation is computed from.
  private struct Products {
    var count = 0
    var both = 0.0
    var left = 0.0
    var right = 0.0

    mutating func add(_ a: Double, _ b: Double) {
      count += 1
      both += a * b
      left += a * a
      right += b * b
    }

    /// Normal with deviation 1 if the pairs are independent and either is normal.
    var statistic: Double {
      left > 0 && right > 0 ? both / (left * right).squareRoot() * Double(count).squareRoot() : 0
    }
  }

  mutating func note(_ noise: [Double], sum: [Double]) {
    count += noise.count
    for (index, value) in noise.enumerated() {
      squares += value * value
      if index > 0 { neighbours.add(noise[index - 1], value) }
      if let previous { steps.add(previous[index], value) }
      sums.add(value, sum[index])
    }
    isRepeated = isRepeated || noise == previous
    previous = noise
  }

  func findings(
    multiplier: Double, level: Double, of what: String = "its"
  ) -> [Conformance.Finding] {
    var findings: [Conformance.Finding] = []
    // Chi-square, lower tail, by Wilson and Hilferty's approximation: more noise breaks no promise.
    let spread = 2 / (9 * Double(count))
    let mean = squares / (multiplier * multiplier) / Double(count)
    let z = (cbrt(mean) - (1 - spread)) / spread.squareRoot()
    if erfc(-z / 2.0.squareRoot()) / 2 < level {
      findings.append(
        .init(
          .noiseScale,
          "\(what) deviation is \((squares / Double(count)).squareRoot()), declared is "
            + "\(multiplier)"))
    }
    if isRepeated {
      findings.append(.init(.noiseIndependence, "two steps in a row have the same noise"))
    }
    for (what, products) in [
      ("the noise of the step before", steps), ("the coordinate before", neighbours),
      ("the sum it is added to", sums),
    ] where erfc(abs(products.statistic) / 2.0.squareRoot()) < level {
      findings.append(
        .init(
          .noiseIndependence,
          "it depends on \(what): a correlation of \(products.statistic) deviations"))
    }
    return findings
  }
}
