public import Components
public import Federation
internal import Glibc
internal import Learning
public import Randomness
public import Tensors

/// High-entropy soft labels in training, and answers that keep nothing of the model but the order
/// of classes.
///
/// Training: the label's class gets the least share t that keeps the target's entropy at γ log C or
/// above, the others 1 - t evenly; the loss is CE(target) - α H(p). Prediction: a query's answer
/// has the sorted probabilities of a random input, dealt out in the order in which the query's own
/// probabilities rank the classes.
///
/// An attacker who asks for labels only, or who trains shadows with the same targets, loses little
/// by the second half.
///
/// Source: Chen, Pattabiraman 2024, *Overconfidence is a Dangerous Thing* (HAMP), sections 4.1 and
/// 4.2. The random inputs are uniform between the least and the greatest feature of the training
/// data.
public struct HAMP: LocalDescent, PredictionRelease {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share γ of the greatest entropy that targets have at least.
    public var gamma = 0.95
    /// The strength α of the pull to high-entropy outputs.
    public var alpha = 0.001
    /// Whether answers are replaced, too.
    public var answers = true

    /// γ = 0.95, α = 0.001, answers included.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "hamp",
    summary: "Clients train towards uncertain labels; answers keep only the order of classes.",
    formula: "CE(q) - α H(p), H(q) >= γ log C; answers: sorted outputs of random inputs",
    citation: "Chen, Pattabiraman 2024, section 4",
    parameters: [
      .init("gamma", "least entropy of targets, as a share of log C", range: "from 0 to 1"),
      .init("alpha", "pull to outputs of high entropy", range: "at least 0"),
      .init("answers", "whether answers are replaced, too", range: "true or false"),
    ])

  /// γ = 0.95, α = 0.001, answers included.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// HAMP with `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "gamma", (0...1).contains(parameters.gamma), "must be from 0 to 1", got: parameters.gamma)
    check.notNegative("alpha", parameters.alpha)
    try check.finish()
    self.parameters = parameters
  }

  /// The greatest share of the label's class whose target has an entropy of γ log C: bisection, 60
  /// steps.
  ///
  /// Example: γ = 1 gives 1/C, γ = 0 gives 1.
  public static func share(gamma: Double, classes: Int) -> Double {
    let rest = Double(classes - 1)
    func entropy(_ t: Double) -> Double {
      (t > 0 ? -t * log(t) : 0) + (t < 1 ? -(1 - t) * log((1 - t) / rest) : 0)
    }
    var (low, high) = (1 / Double(classes), 1.0)
    let least = gamma * log(Double(classes))
    if entropy(high) >= least { return high }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if entropy(middle) >= least { low = middle } else { high = middle }
    }
    return low
  }

  /// Steps on uncertain targets.
  public func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome {
    try requirePlainOutputs(task.network)
    let classes = task.network.classes
    let share = Self.share(gamma: self.parameters.gamma, classes: classes)
    let pull = self.parameters.alpha
    return try task.descend(from: &parameters, using: &generator) { batch, _ in
      let p = try batch.probabilities()
      let rest = (1 - share) / Double(classes - 1)
      var gradient = p
      for row in 0..<batch.count {
        let label = Int(batch.examples.labels[batch.positions[row]])
        let range = (row * classes)..<((row + 1) * classes)
        let entropy = -range.reduce(0) { $0 + p[$1] * log(max(p[$1], 1e-300)) }
        for index in range {
          gradient[index] -= index - range.lowerBound == label ? share : rest
          // d(-H)/dz_c = p_c (log p_c + H).
          gradient[index] += pull * p[index] * (log(max(p[index], 1e-300)) + entropy)
        }
      }
      return try batch.steered(by: gradient, at: p)
    }
  }

  /// Sorted probabilities of random inputs in the order of the model's own.
  public func release(
    _ probabilities: [Double], by holder: ModelHolder, using generator: inout Generator
  ) throws -> [Double] {
    guard parameters.answers else { return probabilities }
    let classes = holder.network.classes
    let rows = probabilities.count / classes
    let seen = holder.members.features
    let (least, greatest) = (seen.min() ?? 0, seen.max() ?? 1)
    let width = holder.members.featureCount
    let noise = try LabeledExamples(
      features: (0..<(rows * width)).map { _ in
        least + (greatest - least) * Float(generator.uniform())
      }, labels: [Int32](repeating: 0, count: rows), shape: holder.members.shape,
      classes: holder.members.classes)
    let random = try holder.probabilities(on: noise)
    var answers = probabilities
    for start in stride(from: 0, to: probabilities.count, by: classes) {
      let range = start..<(start + classes)
      let order = range.sorted { (probabilities[$0], -$0) > (probabilities[$1], -$1) }
      let values = random[range].sorted(by: >)
      for (index, value) in zip(order, values) { answers[index] = value }
    }
    return answers
  }
}
