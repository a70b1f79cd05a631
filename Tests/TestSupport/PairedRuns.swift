/// Differences of two figures over twelve independent runs, the same runs for both.
///
/// What runs have in common, easy data or a lucky split, cancels in each difference. The bounds are
/// Student's, one-sided, 99.9% each: where the order is the other way round or there is none, a test
/// that asks for `lower > 0` passes at most 1 time in 1,000.
public struct PairedRuns: Sendable, CustomStringConvertible {
  /// How many runs there are.
  public static let count = 12
  /// Student's 99.9% quantile with 11 degrees of freedom.
  private static let quantile = 4.0247

  /// The mean difference.
  public let mean: Double
  /// How far it scatters.
  public let standardError: Double

  /// Of `larger` minus `smaller`, run by run.
  ///
  /// - Precondition: Twelve of each.
  public init(_ larger: [Double], over smaller: [Double]) {
    precondition(larger.count == Self.count && smaller.count == Self.count, "twelve runs")
    let differences = zip(larger, smaller).map { $0 - $1 }
    let n = Double(Self.count)
    let middle = differences.reduce(0, +) / n
    mean = middle
    let scatter = differences.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
    standardError = (scatter / (n - 1) / n).squareRoot()
  }

  /// The mean difference is above this with 99.9%.
  public var lower: Double { mean - Self.quantile * standardError }
  /// The mean difference is below this with 99.9%.
  public var upper: Double { mean + Self.quantile * standardError }

  /// Mean and bounds, to four digits.
  public var description: String {
    func short(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
    return "\(short(mean)) [\(short(lower)), \(short(upper))]"
  }
}
