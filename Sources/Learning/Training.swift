public import Randomness
public import Tensors

/// What a training run did.
public struct TrainingSummary: Sendable, Hashable {
  /// SGD steps taken.
  public let steps: Int
  /// Mean loss of the first batch, before its step; 0 without a step.
  public let lossFirst: Double
  /// Mean loss of the last batch, before its step; 0 without a step.
  public let lossLast: Double
  /// Whether both losses and every parameter are finite. Training does not stop when they cease to
  /// be: what to do with a diverged client is the server's decision.
  public let isFinite: Bool
}

/// Trains `parameters` by mini-batch SGD: each epoch takes the examples in a fresh random order, in
/// batches of `batchSize`, the last one short if it does not divide.
///
/// Runs on the calling thread; callers parallelise over clients with a workspace each. After the
/// workspace has grown to the batch, no step allocates memory. Equal inputs give equal bits.
///
/// - Parameters:
///   - network: The model's structure.
///   - parameters: Starting point in, result out.
///   - examples: The client's data, at least one example.
///   - epochs: Passes over the data, at least 0.
///   - batchSize: Examples per step, at least 1.
///   - options: Learning rate, momentum, weight decay.
///   - workspace: Scratch memory made for `network`.
///   - generator: Orders the examples, and drops activations where the network has dropout.
/// - Throws: `LearningError` if anything does not fit.
@discardableResult
public func trainSGD(
  network: Network, parameters: inout Vector, examples: LabeledExamples, epochs: Int,
  batchSize: Int, options: SGDOptions, workspace: Workspace, generator: inout Generator
) throws(LearningError) -> TrainingSummary {
  try trainEpochs(
    network: network, parameters: &parameters, examples: examples, epochs: epochs,
    batchSize: batchSize, options: OptimizerOptions(options), workspace: workspace,
    generator: &generator)
}

/// Trains as the form without `velocity`, but takes up the momentum of an earlier run and leaves its
/// own: a client with state. Without momentum the velocity is left alone.
@discardableResult
public func trainSGD(
  network: Network, parameters: inout Vector, velocity: inout Vector, examples: LabeledExamples,
  epochs: Int, batchSize: Int, options: SGDOptions, workspace: Workspace,
  generator: inout Generator
) throws(LearningError) -> TrainingSummary {
  let run = try TrainingRun(
    network, parameters.count, examples, epochs: epochs, batchSize: batchSize,
    OptimizerOptions(options), workspace)
  guard velocity.count == network.parameterCount else {
    throw .sizeMismatch(
      place: "training", what: "values of velocity", got: velocity.count,
      expected: network.parameterCount)
  }
  return parameters.withUnsafeMutableBufferPointer { buffer in
    velocity.withUnsafeMutableBufferPointer { velocity in
      var memory = OptimizerMemory(first: velocity.baseAddress, second: nil, steps: 0)
      return run.train(buffer, memory: &memory, generator: &generator)
    }
  }
}

/// Trains in double precision, for checks: the same steps on the same batches as in `Float`.
@discardableResult
public func trainSGD(
  network: Network, parameters: inout [Double], examples: LabeledExamples, epochs: Int,
  batchSize: Int, options: SGDOptions, workspace: Workspace, generator: inout Generator
) throws(LearningError) -> TrainingSummary {
  try trainEpochs(
    network: network, parameters: &parameters, examples: examples, epochs: epochs,
    batchSize: batchSize, options: OptimizerOptions(options), workspace: workspace,
    generator: &generator)
}

/// The checked arguments of a run, and its loop.
struct TrainingRun {
  let network: Network
  let examples: LabeledExamples
  let epochs: Int
  let batchSize: Int
  let options: OptimizerOptions
  let workspace: Workspace
  let maximumSteps: Int

  init(
    _ network: Network, _ parameters: Int, _ examples: LabeledExamples, epochs: Int,
    batchSize: Int, _ options: OptimizerOptions, _ workspace: Workspace,
    maximumSteps: Int = .max
  ) throws(LearningError) {
    network.check(workspace)
    try network.check(examples, parameters: parameters, place: "training")
    try options.check(place: "training")
    guard batchSize >= 1 else {
      throw .invalid(
        place: "training", what: "the batch size", got: "\(batchSize)",
        requirement: "must be at least 1")
    }
    guard epochs >= 0 else {
      throw .invalid(
        place: "training", what: "the number of epochs", got: "\(epochs)",
        requirement: "must be at least 0")
    }
    guard maximumSteps >= 1 else {
      throw .invalid(
        place: "training", what: "the number of steps", got: "\(maximumSteps)",
        requirement: "must be at least 1")
    }
    self.network = network
    self.examples = examples
    self.epochs = epochs
    self.maximumSteps = maximumSteps
    self.batchSize = batchSize
    self.options = options
    self.workspace = workspace
  }

  func train<S: Scalar>(
    _ parameters: UnsafeMutableBufferPointer<S>, memory: inout OptimizerMemory<S>,
    generator: inout Generator
  ) -> TrainingSummary {
    let scratch = S.scratch(of: workspace)
    let count = parameters.count
    let parameters = parameters.baseAddress ?? scratch.vector(.gradient)
    let perEpoch = (examples.count + batchSize - 1) / batchSize
    let steps = min(epochs * perEpoch, maximumSteps)
    var first = 0.0
    var last = 0.0
    var step = 0
    let dropout: Purpose = "dropout"
    for _ in 0..<epochs {
      let order = generator.permutation(examples.count)
      for start in stride(from: 0, to: order.count, by: batchSize) where step < steps {
        let batch = order[start..<min(start + batchSize, order.count)]
        let wantsLoss = step == 0 || step == steps - 1
        let loss = network.step(
          batch, of: examples, parameters: parameters, memory: &memory, options: options,
          mode: .training(noise: generator.fork(dropout, UInt64(step))), scratch: scratch,
          wantsLoss: wantsLoss)
        if step == 0 { first = loss }
        if wantsLoss { last = loss }
        step += 1
      }
    }
    return TrainingSummary(
      steps: steps, lossFirst: first, lossLast: last,
      isFinite: first.isFinite && last.isFinite && S.isFinite(parameters, count: count))
  }
}
