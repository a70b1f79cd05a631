public import Components
public import Federation
internal import Learning
public import Randomness
public import Tensors

/// Each example's label is replaced by what a model says that was not trained on it; the client
/// learns that.
///
/// The client's examples fall into K parts. For each part a teacher starts from the received model
/// and trains on the other parts; its probabilities on the part are the part's targets. Then the
/// client trains from the received model on all examples with these targets. What is learned of a
/// member is what a model that had not seen it would say, as long as the received model had not,
/// either: over rounds members leak through it.
///
/// Costs K + 1 times the training.
///
/// Source: Tang et al. 2022, *Mitigating Membership Inference Attacks by Self-Distillation Through
/// a Novel Ensemble Architecture* (SELENA), section 4, with one teacher an example.
public struct SelfDistillation: LocalDescent {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The number K of parts.
    public var parts = 4

    /// Four parts.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "self-distillation",
    summary: "Clients learn what models say that were not trained on the example.",
    formula: "q(x) = p(x; trained on the parts without x); minimise CE(q, p)",
    citation: "Tang et al. 2022, section 4",
    parameters: [.init("parts", "parts, one teacher each", range: "2 or more")])

  /// Four parts.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Distillation with `parameters.parts` teachers.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check("parts", parameters.parts >= 2, "must be 2 or more", got: parameters.parts)
    try check.finish()
    self.parameters = parameters
  }

  /// K teachers, then the student.
  public func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome {
    let count = task.examples.count
    let classes = task.network.classes
    let parts = min(self.parameters.parts, count)
    guard parts >= 2 else {
      throw FederationError.unsuitableModel(
        component: cardName, problem: "client \(task.client) has \(count) examples, it takes 2")
    }
    let workspace = Workspace(for: task.network, batchSize: task.training.batchSize)
    let order = generator.permutation(count)
    var targets = [Float](repeating: 0, count: count * classes)
    for part in 0..<parts {
      let own = order.indices.filter { $0 % parts == part }.map { order[$0] }
      let others = order.indices.filter { $0 % parts != part }.map { order[$0] }
      var teacher = task.received
      try trainEpochs(
        network: task.network, parameters: &teacher, examples: try task.examples.subset(others),
        epochs: task.training.epochs, batchSize: task.training.batchSize,
        options: task.training.optimizerOptions(round: task.round), workspace: workspace,
        generator: &generator)
      let logits = try task.network.predict(
        parameters: teacher, on: try task.examples.subset(own), workspace: workspace
      ).logits
      let soft = ModelHolder.softmax(logits.map(Double.init), classes: classes)
      for (row, example) in own.enumerated() {
        for label in 0..<classes {
          targets[example * classes + label] = Float(soft[row * classes + label])
        }
      }
    }
    return try task.descend(from: &parameters, using: &generator) { batch, _ in
      Batch(
        inputs: try batch.inputs(),
        targets: .dense(
          batch.positions.flatMap { targets[($0 * classes)..<(($0 + 1) * classes)] }))
    }
  }
}
