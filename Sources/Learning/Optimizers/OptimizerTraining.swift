public import Randomness
public import Tensors

/// Trains `parameters` in mini-batches with any optimiser, from fresh state: as
/// `trainSGD(network:parameters:examples:epochs:batchSize:options:workspace:generator:)`, which is
/// the form for plain SGD. No step allocates memory.
///
/// - Parameters:
///   - network: The model's structure.
///   - parameters: Starting point in, result out.
///   - examples: The client's data, at least one example.
///   - epochs: Passes over the data, at least 0.
///   - batchSize: Examples per step, at least 1.
///   - options: The optimiser and its rates, the same for all steps.
///   - maximumSteps: Where training ends although the epochs do not, at least 1.
///   - workspace: Scratch memory made for `network`; holds the optimiser's state meanwhile.
///   - generator: Orders the examples, and drops activations where the network has dropout.
/// - Throws: `LearningError` if anything does not fit.
@discardableResult
public func trainEpochs(
  network: Network, parameters: inout Vector, examples: LabeledExamples, epochs: Int,
  batchSize: Int, options: OptimizerOptions, maximumSteps: Int = .max, workspace: Workspace,
  generator: inout Generator
) throws(LearningError) -> TrainingSummary {
  let run = try TrainingRun(
    network, parameters.count, examples, epochs: epochs, batchSize: batchSize, options, workspace,
    maximumSteps: maximumSteps)
  var memory = workspace.float.freshMemory(for: options)
  return parameters.withUnsafeMutableBufferPointer { buffer in
    run.train(buffer, memory: &memory, generator: &generator)
  }
}

/// Trains as the form without `state`, but takes up the state of an earlier run and leaves its own.
@discardableResult
public func trainEpochs(
  network: Network, parameters: inout Vector, state: inout OptimizerState<Float>,
  examples: LabeledExamples, epochs: Int, batchSize: Int, options: OptimizerOptions,
  workspace: Workspace, generator: inout Generator
) throws(LearningError) -> TrainingSummary {
  let run = try TrainingRun(
    network, parameters.count, examples, epochs: epochs, batchSize: batchSize, options, workspace)
  try state.check(for: network, options: options, place: "training")
  return parameters.withUnsafeMutableBufferPointer { buffer in
    state.withMemory { run.train(buffer, memory: &$0, generator: &generator) }
  }
}

/// Trains in double precision, for checks: the same steps on the same batches as in `Float`.
@discardableResult
public func trainEpochs(
  network: Network, parameters: inout [Double], examples: LabeledExamples, epochs: Int,
  batchSize: Int, options: OptimizerOptions, workspace: Workspace, generator: inout Generator
) throws(LearningError) -> TrainingSummary {
  let run = try TrainingRun(
    network, parameters.count, examples, epochs: epochs, batchSize: batchSize, options, workspace)
  var memory = workspace.double.freshMemory(for: options)
  return parameters.withUnsafeMutableBufferPointer { buffer in
    run.train(buffer, memory: &memory, generator: &generator)
  }
}
