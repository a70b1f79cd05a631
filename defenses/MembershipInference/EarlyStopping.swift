public import Components
public import Federation
internal import Learning
public import Randomness
public import Tensors

/// A client stops where its own held-back examples say that it begins to learn by heart.
///
/// A share of its examples, the same in every round, is not trained on. After each pass their mean
/// loss is measured; the client keeps the parameters with the least, the received ones included,
/// and stops after `patience` passes without improvement. Once nothing improves it sends a zero
/// update.
///
/// Source: Prechelt 1998, *Early Stopping - But When?*; as a defense against membership inference
/// in Song, Mittal 2021, *Systematic Evaluation of Privacy Risks of Machine Learning Models*,
/// section 4.2.
public struct EarlyStopping: LocalDescent {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of the client's examples that stopping is decided by.
    public var heldBack = 0.2
    /// Passes without improvement before it stops.
    public var patience = 1

    /// A fifth held back, patience 1.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "early-stopping",
    summary: "Clients stop where examples they hold back say that they learn by heart.",
    formula: "argmin over passes of the loss on the held-back share, the received model included",
    citation: "Prechelt 1998; Song, Mittal 2021, section 4.2",
    parameters: [
      .init("held-back", "share of the client's examples not trained on", range: "in (0, 0.5]"),
      .init("patience", "passes without improvement before it stops", range: "1 or more"),
    ])

  /// A fifth held back, patience 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Stopping by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "held-back", parameters.heldBack > 0 && parameters.heldBack <= 0.5, "must be in (0, 0.5]",
      got: parameters.heldBack)
    check.oneOrMore("patience", parameters.patience)
    try check.finish()
    self.parameters = parameters
  }

  /// Plain passes, of which the best is kept.
  public func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome {
    let (held, rest) = try task.split(self.parameters.heldBack, purpose: "early stopping")
    guard rest.count > 0, held.count > 0 else {
      throw FederationError.unsuitableModel(
        component: cardName,
        problem:
          "client \(task.client) has \(task.examples.count) examples, too few to hold any back")
    }
    let options = task.training.optimizerOptions(round: task.round)
    var state = OptimizerState<Float>(for: task.network, options: options)
    let workspace = task.workspace
    func loss(_ parameters: Vector) throws -> Double {
      try task.network.evaluate(parameters: parameters, on: held, workspace: workspace).loss
    }
    var current = parameters
    var best = (loss: try loss(parameters), parameters: parameters)
    var first = 0.0
    var worse = 0
    for pass in 0..<task.training.epochs where worse < self.parameters.patience {
      let order = generator.permutation(rest.count)
      for start in stride(from: 0, to: order.count, by: task.training.batchSize)
      where state.steps < task.maximumSteps {
        let loss = try optimizerStep(
          network: task.network, parameters: &current, state: &state, examples: rest,
          batch: Array(order[start..<min(start + task.training.batchSize, order.count)]),
          options: options, mode: .training(noise: generator.fork("dropout", UInt64(state.steps))),
          workspace: workspace)
        if pass == 0, start == 0 { first = loss }
      }
      let reached = try loss(current)
      if reached < best.loss {
        best = (reached, current)
        worse = 0
      } else {
        worse += 1
      }
    }
    parameters = best.parameters
    return DescentOutcome(steps: state.steps, loss: first)
  }
}
