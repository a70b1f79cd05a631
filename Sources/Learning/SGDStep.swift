public import Tensors

/// One SGD step on one batch, for callers with a training loop of their own.
///
/// - Parameters:
///   - network: The model's structure.
///   - parameters: Changed by the step.
///   - velocity: The momentum's state, zero at first; left alone without momentum.
///   - examples: The data.
///   - batch: Positions of the batch in `examples`, at least one.
///   - options: Learning rate, momentum, weight decay.
///   - mode: Whether norms and dropout work as in training; then running statistics move too.
///   - workspace: Scratch memory made for `network`.
/// - Returns: The batch's mean loss before the step.
/// - Throws: `LearningError` if anything does not fit.
@discardableResult
public func sgdStep(
  network: Network, parameters: inout Vector, velocity: inout Vector, examples: LabeledExamples,
  batch: [Int], options: SGDOptions, mode: PassMode = .evaluation, workspace: Workspace
) throws(LearningError) -> Double {
  try network.checkStep(
    parameters.count, velocity.count, examples, batch, options: options, workspace)
  return parameters.withUnsafeMutableBufferPointer { parameters in
    velocity.withUnsafeMutableBufferPointer { velocity in
      network.step(batch, of: examples, parameters, velocity, options, mode, workspace.float)
    }
  }
}

/// One SGD step in double precision, for checks.
@discardableResult
public func sgdStep(
  network: Network, parameters: inout [Double], velocity: inout [Double],
  examples: LabeledExamples, batch: [Int], options: SGDOptions, mode: PassMode = .evaluation,
  workspace: Workspace
) throws(LearningError) -> Double {
  try network.checkStep(
    parameters.count, velocity.count, examples, batch, options: options, workspace)
  return parameters.withUnsafeMutableBufferPointer { parameters in
    velocity.withUnsafeMutableBufferPointer { velocity in
      network.step(batch, of: examples, parameters, velocity, options, mode, workspace.double)
    }
  }
}

extension Network {
  fileprivate func checkStep(
    _ parameters: Int, _ velocity: Int, _ examples: LabeledExamples, _ batch: [Int],
    options: SGDOptions, _ workspace: Workspace
  ) throws(LearningError) {
    check(workspace)
    try check(examples, parameters: parameters, place: "SGD step")
    try check(batch, of: examples, place: "SGD step")
    try options.check(place: "SGD step")
    guard velocity == parameterCount else {
      throw .sizeMismatch(
        place: "SGD step", what: "values of velocity", got: velocity, expected: parameterCount)
    }
  }

  fileprivate func step<S: Scalar>(
    _ batch: [Int], of examples: LabeledExamples, _ parameters: UnsafeMutableBufferPointer<S>,
    _ velocity: UnsafeMutableBufferPointer<S>, _ options: SGDOptions, _ mode: PassMode,
    _ scratch: Scratch<S>
  ) -> Double {
    step(
      batch, of: examples, parameters: parameters.baseAddress ?? scratch.vector(.gradient),
      velocity: options.momentum == 0 ? nil : velocity.baseAddress, options: options,
      mode: mode, scratch: scratch, wantsLoss: true)
  }
}
