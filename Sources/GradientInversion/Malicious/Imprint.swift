internal import Glibc
public import Randomness

/// Weights that sort examples into bins by one number `h(x) = <q, x>`, so that the gradients of
/// neighbouring units differ by exactly the examples of one bin. Survives sums over clients.
///
/// Unit j of the first layer computes `h(x) - t_j` and a rectifier opens it for examples above the
/// threshold; all units feed the rest of the model in the same way, so an example's error `delta`
/// is the same at each. Then
///
///     dL/dW_j - dL/dW_(j+1) = sum over examples with t_j < h(x) <= t_(j+1) of delta x / B
///
/// and the same for the bias, whose quotient is `x` where the bin holds one example.
///
/// - `cumulative` needs one hidden layer of k units, and the differences.
/// - `sparse` needs two of k units: the second closes a unit again above its bin, so each row holds
///   one bin alone and nothing must be subtracted (the hard tangent of the paper, out of
///   rectifiers).
/// - `oneShot` is the cumulative form with two thresholds around one value.
///
/// Source: Fowl, Geiping, Czaja, Goldblum, Goldstein, Robbing the Fed, ICLR 2022, section 3.
public struct Imprint: Sendable, Hashable {
  /// How bins become units.
  public enum Form: String, Sendable, Hashable, CaseIterable {
    /// Open above a threshold; bins by subtraction.
    case cumulative
    /// Open within a bin.
    case sparse
    /// One bin around a target.
    case oneShot = "one-shot"
  }

  /// The number examples are sorted by.
  public enum Query: Sendable, Hashable {
    /// The mean of all values: brightness.
    case mean
    /// A two-dimensional cosine over rows and columns of every channel.
    case cosine(vertical: Int, horizontal: Int)
    /// Normal weights.
    case random
  }

  /// How bins become units.
  public let form: Form
  /// The weights of `h`, as long as an example.
  public let query: [Double]
  /// Thresholds, increasing.
  public let thresholds: [Double]

  /// Bins.
  public var bins: Int { form == .oneShot ? 1 : thresholds.count - (form == .sparse ? 1 : 0) }

  /// An imprint with given thresholds.
  ///
  /// - Throws: `InversionError` unless there are at least two, increasing.
  public init(form: Form, query: [Double], thresholds: [Double]) throws(InversionError) {
    guard thresholds.count >= 2, zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw .invalid(
        what: "the thresholds", got: "\(thresholds.prefix(4))",
        requirement: "must be at least two increasing numbers")
    }
    guard form != .oneShot || thresholds.count == 2 else {
      throw .invalid(
        what: "the thresholds of a one-shot imprint", got: "\(thresholds.count)",
        requirement: "must be two")
    }
    self.form = form
    self.query = query
    self.thresholds = thresholds
  }

  /// The weights of a query for examples of a shape.
  public static func weights(
    _ query: Query, shape: [Int], using generator: inout Generator
  ) -> [Double] {
    let count = shape.reduce(1, *)
    switch query {
    case .mean: return [Double](repeating: 1 / Double(count), count: count)
    case .random:
      return (0..<count).map { _ in generator.normal() / Double(count).squareRoot() }
    case .cosine(let vertical, let horizontal):
      let (height, width) = shape.count == 3 ? (shape[1], shape[2]) : (1, count)
      return (0..<count).map { index in
        let (y, x) = (index / width % height, index % width)
        return cos(Double.pi * Double(vertical) * (Double(y) + 0.5) / Double(height))
          * cos(Double.pi * Double(horizontal) * (Double(x) + 0.5) / Double(width))
          / Double(count).squareRoot()
      }
    }
  }

  /// Thresholds at the quantiles 0, 1/k, ..., (k-1)/k of what `h` is on public examples: equally
  /// likely bins if the clients' data are like them. The lowest lies below all of them.
  ///
  /// - Parameter bins: k; the sparse form has one more threshold, above all.
  /// - Throws: `InversionError` without a public example or a bin.
  public static func quantiles(
    _ query: [Double], of examples: [[Float]], bins: Int, form: Form
  ) throws(InversionError) -> [Double] {
    guard !examples.isEmpty, bins >= 1 else {
      throw .notKnown(
        attack: "placing the bins of an imprint", missing: "public data",
        alternative: "give thresholds of an assumed distribution")
    }
    let values = examples.map { Self.value(query, $0) }.sorted()
    let (low, high) = (values[0], values[values.count - 1])
    let margin = max(high - low, 1e-6)
    var result = [low - margin]
    for bin in 1..<max(2, bins) where bin < bins {
      let place = Double(bin) / Double(bins) * Double(values.count - 1)
      let below = Int(place)
      let share = place - Double(below)
      let next = values[min(below + 1, values.count - 1)]
      let value = values[below] * (1 - share) + next * share
      // Equal quantiles would make an empty bin of no width.
      result.append(max(value, (result.last ?? value) + 1e-9 * margin))
    }
    if form != .cumulative { result.append(high + margin) }
    return result
  }

  /// A distribution that `h` is assumed to follow where there is no public data.
  public enum Law: String, Sendable, Hashable, CaseIterable {
    /// Normal: sums of many values.
    case normal
    /// Laplace: cosine coefficients of photographs.
    case laplace
  }

  /// Thresholds at the quantiles 0, 1/k, ..., (k-1)/k of an assumed law; the lowest lies 10
  /// deviations below the mean, and the sparse form's highest as far above it.
  ///
  /// Four bins of the standard normal law begin at -10, -0.674, 0 and 0.674.
  ///
  /// - Throws: `InversionError` for a deviation that is not positive, or no bin.
  public static func quantiles(
    of law: Law, mean: Double, deviation: Double, bins: Int, form: Form
  ) throws(InversionError) -> [Double] {
    guard deviation > 0, mean.isFinite, deviation.isFinite, bins >= 1 else {
      throw .invalid(
        what: "the assumed law", got: "mean \(mean), deviation \(deviation), \(bins) bins",
        requirement: "needs a positive deviation and a bin")
    }
    var result = [mean - 10 * deviation]
    for bin in 1..<max(2, bins) where bin < bins {
      result.append(mean + deviation * law.quantile(Double(bin) / Double(bins)))
    }
    if form != .cumulative { result.append(mean + 10 * deviation) }
    return result
  }

  static func value(_ query: [Double], _ example: [Float]) -> Double {
    zip(query, example).reduce(0) { $0 + $1.0 * Double($1.1) }
  }
}

extension Imprint.Law {
  /// The quantile of the law with mean 0 and deviation 1, `p` strictly between 0 and 1.
  fileprivate func quantile(_ p: Double) -> Double {
    switch self {
    case .laplace:
      return p < 0.5 ? log(2 * p) / 2.0.squareRoot() : -log(2 * (1 - p)) / 2.0.squareRoot()
    case .normal:
      var (low, high) = (-9.0, 9.0)
      for _ in 0..<80 {
        let middle = (low + high) / 2
        if erfc(-middle / 2.0.squareRoot()) / 2 < p { low = middle } else { high = middle }
      }
      return (low + high) / 2
    }
  }
}
