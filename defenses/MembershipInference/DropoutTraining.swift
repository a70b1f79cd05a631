public import Components
public import Federation
internal import Learning
public import Randomness
public import Tensors

/// Clients train with dropout before every dense layer but the first.
///
/// A model that cannot rely on any one unit remembers single examples less. The parameters are
/// those of the model without dropout, so that everybody else goes on with it as it is.
///
/// Source: Srivastava et al. 2014, *Dropout: A Simple Way to Prevent Neural Networks from
/// Overfitting*; as a defense in Salem et al. 2019, *ML-Leaks*, section VI.A.
public struct DropoutTraining: LocalDescent {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The probability that a value is dropped.
    public var rate = 0.5

    /// Half of the units.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "dropout",
    summary: "Clients train with dropout before every dense layer but the first.",
    formula: "each value 0 with probability p, else divided by 1 - p; in training only",
    citation: "Srivastava et al. 2014; Salem et al. 2019, section VI.A",
    parameters: [.init("rate", "probability that a value is dropped", range: "in [0, 1)")])

  /// Half of the units.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Dropout of `parameters.rate`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "rate", parameters.rate >= 0 && parameters.rate < 1, "must be in [0, 1)", got: parameters.rate
    )
    try check.finish()
    self.parameters = parameters
  }

  /// Plain training of the model with dropout.
  ///
  /// - Throws: `FederationError.unsuitableModel` if there is only one dense layer.
  public func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome {
    var layers: [Layer] = []
    var dense = 0
    for layer in task.network.layers {
      if case .dense = layer {
        if dense > 0 { layers.append(.dropout(self.parameters.rate)) }
        dense += 1
      }
      layers.append(layer)
    }
    guard dense > 1 else {
      throw FederationError.unsuitableModel(
        component: cardName,
        problem:
          "it has \(dense) dense layers and dropout goes before the second; take mlp or a CNN")
    }
    let network = try task.network.with(layers: layers)
    let summary = try trainEpochs(
      network: network, parameters: &parameters, examples: task.examples,
      epochs: task.training.epochs, batchSize: task.training.batchSize,
      options: task.training.optimizerOptions(round: task.round),
      maximumSteps: task.maximumSteps,
      workspace: Workspace(for: network, batchSize: task.training.batchSize),
      generator: &generator)
    return DescentOutcome(steps: summary.steps, loss: summary.lossFirst)
  }
}
