public import Learning
public import Randomness
public import Tensors

/// How one model is trained: the hook through which shadows get the defense under test.
///
/// An attacker who knows the defense trains shadows with it; shadows trained without it make every
/// defense look good.
public protocol ShadowTrainer: Sendable {
  /// Everything about the trainer that decides the parameters it returns: its kind, a revision that
  /// is raised with each change, and every setting. Part of the key that cached models are found
  /// by.
  var identity: String { get }

  /// Trains from `start`.
  ///
  /// - Parameters:
  ///   - network: The model's structure.
  ///   - start: Initial parameters.
  ///   - examples: The model's training data.
  ///   - generator: All the chance there is; equal generators must give equal bits.
  func train(
    _ network: Network, from start: Vector, on examples: LabeledExamples,
    using generator: inout Generator
  ) throws -> Vector
}

/// Mini-batches and an optimiser, no defense.
public struct PlainTrainer: ShadowTrainer {
  /// Passes over the data.
  public var epochs: Int
  /// Examples a step.
  public var batchSize: Int
  /// The optimiser and its rates.
  public var options: OptimizerOptions

  /// Training as described.
  public init(epochs: Int, batchSize: Int, options: OptimizerOptions) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.options = options
  }

  /// Kind, revision and settings.
  public var identity: String { "plain 1; epochs \(epochs); batch \(batchSize); \(options)" }

  /// Trains; see `trainEpochs`.
  public func train(
    _ network: Network, from start: Vector, on examples: LabeledExamples,
    using generator: inout Generator
  ) throws -> Vector {
    var parameters = start
    try trainEpochs(
      network: network, parameters: &parameters, examples: examples, epochs: epochs,
      batchSize: batchSize, options: options,
      workspace: Workspace(for: network, batchSize: batchSize), generator: &generator)
    return parameters
  }
}
