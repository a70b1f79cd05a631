public import Components
public import Federation
internal import Learning
public import Randomness

/// Answers with noise that makes the defender's own attacker undecided, and keeps every predicted
/// label.
///
/// The defender trains a classifier h of members (its training data) against references on sorted
/// class probabilities. For each query it looks for noise n on the logits z with h(softmax(z + n))
/// = 1/2 and the same top class by descending
///
///     |log-odds of h| + 10 relu(max other logit - top logit) + c ‖softmax(z + n) - s‖₁
///
/// with c = 0.1, 1, 10, … up to 100,000 while that succeeds within 300 steps. It is then answered
/// with the noise with the probability that keeps the expected distortion within the budget, unless
/// the noise makes h surer. That chance is drawn once for each true answer: who asks again hears the
/// same, and learns nothing from a mean.
///
/// h has one hidden layer where the paper has three; its attacker is another network anyway.
///
/// Members' labels are untouched, so attacks on labels alone lose nothing; nor do those who see
/// parameters or updates, which is why a curious server never meets this defense.
///
/// Source: Jia, Salem, Backes, Zhang, Gong 2019, *MemGuard: Defending against Black-Box Membership
/// Inference Attacks via Adversarial Examples*, sections 4.2 and 4.3. Their published code ends a
/// search as ours does; it draws no one-time chance but weighs both answers.
public struct MemGuard: PredictionRelease {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The greatest expected L1 distance of an answer from the truth.
    public var budget = 1.0
    /// The most steps for each c.
    public var steps = 300

    /// Budget 1, at most 300 steps.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "memguard",
    summary: "Answers get noise that makes the defender's own attacker undecided.",
    formula: "min |h(s + r)| + 10 relu(label change) + c ‖r‖₁, mixed within E‖r‖₁ <= ε",
    citation: "Jia et al. 2019, sections 4.2 and 4.3",
    parameters: [
      .init("budget", "greatest expected L1 distortion of an answer", range: "from 0 to 2"),
      .init("steps", "most steps of the search for each c", range: "1 or more"),
    ])

  /// Budget 1, at most 300 steps.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Noise within `parameters.budget`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "budget", (0...2).contains(parameters.budget), "must be from 0 to 2", got: parameters.budget)
    check.oneOrMore("steps", parameters.steps)
    try check.finish()
    self.parameters = parameters
  }

  /// Trains h, looks for noise for all queries side by side, and draws who gets it.
  public func release(
    _ probabilities: [Double], by holder: ModelHolder, using generator: inout Generator
  ) throws -> [Double] {
    let classes = holder.network.classes
    let search = try search(for: holder, using: &generator)
    let noisy = try search.answers(probabilities)
    let before = try search.logOdds(probabilities)
    let after = try search.logOdds(noisy)
    var answers = probabilities
    let chances = generator.fork("memguard answers")
    for row in 0..<(probabilities.count / classes) {
      let range = (row * classes)..<((row + 1) * classes)
      let distortion = range.reduce(0) { $0 + abs(noisy[$1] - probabilities[$1]) }
      var once = chances.fork("answer", indices: probabilities[range].map(\.bitPattern))
      let draw = once.uniform()
      let chance = distortion > 0 ? min(parameters.budget / distortion, 1) : 0
      if abs(after[row]) < abs(before[row]), draw < chance {
        answers.replaceSubrange(range, with: noisy[range])
      }
    }
    return answers
  }

  /// The search for noise against an h trained on the holder's members and references.
  package func search(
    for holder: ModelHolder, using generator: inout Generator
  ) throws -> NoiseSearch {
    let classes = holder.network.classes
    var classifier = try OutputClassifier(classes: classes, seesLabels: false, using: &generator)
    func sorted(_ values: [Double]) -> [Double] {
      stride(from: 0, to: values.count, by: classes).flatMap {
        values[$0..<($0 + classes)].sorted(by: >)
      }
    }
    try classifier.train(
      members: sorted(try holder.probabilities(on: holder.members)), holder.members.labels,
      others: sorted(try holder.probabilities(on: holder.references)), holder.references.labels,
      epochs: 30, using: &generator)
    return NoiseSearch(classes: classes, steps: parameters.steps, classifier: classifier)
  }
}
