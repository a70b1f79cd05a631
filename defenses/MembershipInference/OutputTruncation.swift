public import Components
public import Federation
internal import Glibc
internal import Learning
public import Randomness

/// Answers with the most likely classes only, to so many digits.
///
/// What is not told is spread evenly over the classes that are not named, which is what whoever
/// asks would assume; a told zero counts as half a unit of the last digit. `top: 1` with `digits:
/// 0` tells the label alone.
///
/// Example: (0.72, 0.2, 0.08) with top 1 and one digit is answered (0.7, 0.15, 0.15).
///
/// Source: Shokri, Stronati, Song, Shmatikov 2017, *Membership Inference Attacks Against Machine
/// Learning Models*, section VIII.
public struct OutputTruncation: PredictionRelease {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Classes that are named.
    public var top = 3
    /// Decimal digits of each probability.
    public var digits = 2

    /// The three likeliest classes to two digits.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "output-truncation",
    summary: "Answers name the likeliest classes only, to a few digits.",
    formula: "the k largest probabilities, rounded; the rest evenly",
    citation: "Shokri et al. 2017, section VIII",
    parameters: [
      .init("top", "classes that are named", range: "1 or more"),
      .init("digits", "decimal digits of each probability", range: "from 0 to 15"),
    ])

  /// The three likeliest classes to two digits.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Truncation by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check.oneOrMore("top", parameters.top)
    check(
      "digits", (0...15).contains(parameters.digits), "must be from 0 to 15", got: parameters.digits
    )
    try check.finish()
    self.parameters = parameters
  }

  /// Cuts each row.
  public func release(
    _ probabilities: [Double], by holder: ModelHolder, using generator: inout Generator
  ) -> [Double] {
    cut(probabilities, classes: holder.network.classes)
  }

  /// The answers for rows of `classes` probabilities.
  func cut(_ probabilities: [Double], classes: Int) -> [Double] {
    var answers = probabilities
    let unit = pow(10, -Double(parameters.digits))
    for start in stride(from: 0, to: probabilities.count, by: classes) {
      let range = start..<(start + classes)
      let order = range.sorted { (probabilities[$0], -$0) > (probabilities[$1], -$1) }
      let named = order.prefix(parameters.top)
      var told = 0.0
      for index in named {
        answers[index] = (probabilities[index] / unit).rounded() * unit
        told += answers[index]
      }
      let rest = order.dropFirst(parameters.top)
      for index in rest { answers[index] = max(0, 1 - told) / Double(rest.count) }
      let floor = unit / 2 / Double(classes)
      let total = range.reduce(0) { $0 + max(answers[$1], floor) }
      for index in range { answers[index] = max(answers[index], floor) / total }
    }
    return answers
  }
}
