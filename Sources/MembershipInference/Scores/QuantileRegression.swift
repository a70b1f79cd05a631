public import Components
internal import Glibc
internal import Learning

/// What a non-member's phi would be, by regression on the example itself: no shadow models, one
/// threshold for each example.
///
///     pinball    q_a(x) linear for levels a;  minimises (a - [phi < q])(phi - q)
///                score = level of phi among the q_a(x), between them by interpolation
///     gaussian   phi | x ~ N(m(x), s(x)^2), m and log s linear;  score = (phi - m(x))/s(x)
///
/// Fitted on the target's outputs on known non-members (the table's population), evaluated on the
/// audited examples. The paper regresses with a deep network on the image; here features are
/// linear, with an intercept for each class, which suits small data and is stated as what it is.
///
/// Source: Bertran, Tang, Roth, Kearns, Morgenstern, Wu, "Scalable membership inference attacks via
/// quantile regression" (arXiv 2307.03694), section 3; their code has 41 log-spaced levels.
public struct QuantileRegression: MembershipScore {
  /// What is fitted.
  public enum Head: String, CaseIterable, Codable, Hashable, Sendable {
    /// Quantiles, by the pinball loss.
    case pinball
    /// Mean and standard deviation, by the normal likelihood.
    case gaussian
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// What is fitted.
    public var head = Head.gaussian
    /// How many quantiles of the pinball head, log-spaced from false-positive rate 1/2 to 1/1000.
    public var levels = 16
    /// Weight of the squared norm of standardised features' coefficients.
    public var ridge = 1e-2

    /// A normal head.
    public init(head: Head = .gaussian, levels: Int = 16, ridge: Double = 1e-2) {
      self.head = head
      self.levels = levels
      self.ridge = ridge
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "quantile",
    summary: "A threshold for each example by regression on known non-members; no shadow models.",
    formula: "phi against the quantiles of phi | x of non-members",
    citation: "Bertran et al. 2023, arXiv 2307.03694, section 3",
    needs: [.targetLoss, .populationExamples],
    parameters: [
      .init("head", "what is fitted", range: "pinball or gaussian"),
      .init("levels", "quantiles of the pinball head", range: "an integer from 2 to 100"),
      .init("ridge", "weight of the squared norm", range: "a number greater than 0"),
    ])

  /// A normal head.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` for a number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "levels", (2...100).contains(parameters.levels), "must be from 2 to 100",
      got: parameters.levels)
    check(
      "ridge", parameters.ridge > 0 && parameters.ridge.isFinite,
      "must be a number greater than 0", got: parameters.ridge)
    try check.finish()
    self.parameters = parameters
  }

  /// Fits one regression a target. O(steps x population x features).
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    guard let data = table.data else {
      throw .missing(
        score: Self.card.name, what: "the examples' features",
        remedy: "give the examples along with the scores")
    }
    guard table.population.count >= 10 else {
      throw .tooFew(
        what: "quantile: known non-members to regress on", got: table.population.count, needed: 10,
        remedy: "add examples that are in no model's training data")
    }
    let phi = try table.outputs.signal(.phi, for: Self.card.name, workers: workers)
    let design = FeatureRows(data, standardisedOn: table.population)
    return targets.map { target in
      let values = phi.means(ofModel: target)
      let known = table.population.map { values[$0] }
      switch parameters.head {
      case .gaussian:
        let fit = GaussianRegression(
          design, rows: table.population, values: known, ridge: parameters.ridge)
        return values.enumerated().map { example, value in
          let (mean, logDeviation) = fit.predict(design.row(example))
          return (value - mean) / exp(logDeviation)
        }
      case .pinball:
        let rates = (0..<parameters.levels).map { index in
          0.5 * pow(2e-3, Double(index) / Double(parameters.levels - 1))
        }
        let fit = PinballRegression(
          design, rows: table.population, values: known, levels: rates.map { 1 - $0 },
          ridge: parameters.ridge)
        return values.enumerated().map { example, value in
          Self.level(of: value, among: fit.predict(design.row(example)), rates: rates)
        }
      }
    }
  }

  /// -log10 of the false-positive rate at which `value` is the threshold; quantiles are put in
  /// order first. Beyond the outermost by their distance, so that no two examples tie.
  static func level(of value: Double, among quantiles: [Double], rates: [Double]) -> Double {
    let sorted = quantiles.sorted()
    let marks = rates.map { -log10($0) }
    let width = max(sorted[sorted.count - 1] - sorted[0], 1e-9)
    guard value >= sorted[0] else { return marks[0] + (value - sorted[0]) / width }
    for index in 1..<sorted.count where value < sorted[index] {
      let share = (value - sorted[index - 1]) / max(sorted[index] - sorted[index - 1], 1e-300)
      return marks[index - 1] + min(share, 1) * (marks[index] - marks[index - 1])
    }
    return marks[marks.count - 1] + (value - sorted[sorted.count - 1]) / width
  }
}
