public import Components
public import Federation
internal import Learning
public import Randomness
public import Tensors

/// The client trains against an attacker of its own, which it teaches to tell its examples from
/// some that it holds back.
///
///     min over w  CE(w; x) + λ mean log h(p(x; w), y),   max over h  of its own accuracy
///
/// h is a network of one hidden layer on class probabilities and the one-hot label, trained before
/// each pass on members against the held-back examples at the current model. The paper trains both
/// by turns of batches; an attacker that knows the defense trains against its result all the same.
///
/// Source: Nasr, Shokri, Houmansadr 2018, *Machine Learning with Membership Privacy using
/// Adversarial Regularization*, algorithm 1.
public struct AdversarialRegularisation: LocalDescent {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The strength λ of the regularisation.
    public var lambda = 1.0
    /// The share of the client's examples that stand for non-members.
    public var heldBack = 0.2

    /// λ = 1, a fifth held back.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "adversarial-regularisation",
    summary: "Clients train against a membership attacker of their own.",
    formula: "min CE + λ mean log h(p(x), y), h trained on own examples against held-back ones",
    citation: "Nasr et al. 2018, algorithm 1",
    parameters: [
      .init("lambda", "strength of the regularisation", range: "at least 0"),
      .init("held-back", "share of examples that stand for non-members", range: "in (0, 0.5]"),
    ])

  /// λ = 1, a fifth held back.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Regularisation by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check.notNegative("lambda", parameters.lambda)
    check(
      "held-back", parameters.heldBack > 0 && parameters.heldBack <= 0.5, "must be in (0, 0.5]",
      got: parameters.heldBack)
    try check.finish()
    self.parameters = parameters
  }

  /// Steps on the loss and against the attacker.
  public func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome {
    try requirePlainOutputs(task.network)
    let (held, rest) = try task.split(self.parameters.heldBack, purpose: "adversary")
    guard rest.count > 0, held.count > 0 else {
      throw FederationError.unsuitableModel(
        component: cardName,
        problem:
          "client \(task.client) has \(task.examples.count) examples, too few to hold any back")
    }
    let strength = self.parameters.lambda
    var rival = try OutputClassifier(
      classes: task.network.classes, seesLabels: true, using: &generator)
    var taught = -1
    let network = task.network
    let workspace = task.workspace
    func outputs(_ examples: LabeledExamples, _ parameters: Vector) throws -> [Double] {
      let logits = try network.predict(
        parameters: parameters, on: examples, workspace: workspace
      ).logits
      return ModelHolder.softmax(logits.map(Double.init), classes: network.classes)
    }
    return try task.descend(from: &parameters, on: rest, using: &generator) { batch, generator in
      if batch.epoch != taught {
        taught = batch.epoch
        try rival.train(
          members: try outputs(rest, batch.model), rest.labels,
          others: try outputs(held, batch.model), held.labels, epochs: 5, using: &generator)
      }
      let p = try batch.probabilities()
      let labels = batch.positions.map { batch.examples.labels[$0] }
      // log h is the loss of calling a member a non-member, negated: its gradient by p.
      let pull = try rival.gradientOfLogMembership(p, labels)
      let classes = batch.classes
      var gradient = p
      for (row, label) in labels.enumerated() {
        let range = (row * classes)..<((row + 1) * classes)
        // Through the softmax: dz_c = p_c (v_c - <v, p>).
        let mean = range.reduce(0) { $0 + pull[$1] * p[$1] }
        for index in range { gradient[index] += strength * p[index] * (pull[index] - mean) }
        gradient[range.lowerBound + Int(label)] -= 1
      }
      return try batch.steered(by: gradient, at: p)
    }
  }
}
