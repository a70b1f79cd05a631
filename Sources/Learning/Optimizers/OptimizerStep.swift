public import Tensors

/// One step of an optimiser on one batch, for callers with a training loop of their own.
///
/// - Parameters:
///   - network: The model's structure.
///   - parameters: Changed by the step.
///   - state: The optimiser's state, changed by the step.
///   - examples: The data.
///   - batch: Positions of the batch in `examples`, at least one.
///   - options: The optimiser and its rates.
///   - mode: Whether norms and dropout work as in training; then running statistics move too.
///   - workspace: Scratch memory made for `network`.
/// - Returns: The batch's mean loss before the step.
/// - Throws: `LearningError` if anything does not fit.
@discardableResult
public func optimizerStep(
  network: Network, parameters: inout Vector, state: inout OptimizerState<Float>,
  examples: LabeledExamples, batch: [Int], options: OptimizerOptions,
  mode: PassMode = .evaluation, workspace: Workspace
) throws(LearningError) -> Double {
  try network.checkStep(parameters.count, state, examples, batch, options, workspace)
  return parameters.withUnsafeMutableBufferPointer { parameters in
    network.step(batch, of: examples, parameters, &state, options, mode, workspace.float)
  }
}

/// One step of an optimiser in double precision, for checks.
@discardableResult
public func optimizerStep(
  network: Network, parameters: inout [Double], state: inout OptimizerState<Double>,
  examples: LabeledExamples, batch: [Int], options: OptimizerOptions,
  mode: PassMode = .evaluation, workspace: Workspace
) throws(LearningError) -> Double {
  try network.checkStep(parameters.count, state, examples, batch, options, workspace)
  return parameters.withUnsafeMutableBufferPointer { parameters in
    network.step(batch, of: examples, parameters, &state, options, mode, workspace.double)
  }
}

extension Network {
  /// The optimiser's step along a gradient that the caller computed, clipped first if the options
  /// say so. Running statistics stay as they are.
  ///
  /// - Throws: `LearningError` if a length does not fit or an option is out of range.
  public func update(
    _ parameters: inout Vector, along gradient: Vector, state: inout OptimizerState<Float>,
    options: OptimizerOptions
  ) throws(LearningError) {
    try checkUpdate(parameters.count, gradient.count, state, options)
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        update(parameters, gradient, &state, options)
      }
    }
  }

  /// As the form for `Vector`, in double precision.
  public func update(
    _ parameters: inout [Double], along gradient: [Double], state: inout OptimizerState<Double>,
    options: OptimizerOptions
  ) throws(LearningError) {
    try checkUpdate(parameters.count, gradient.count, state, options)
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        update(parameters, gradient, &state, options)
      }
    }
  }

  private func update<S: Scalar>(
    _ parameters: UnsafeMutableBufferPointer<S>, _ gradient: UnsafeBufferPointer<S>,
    _ state: inout OptimizerState<S>, _ options: OptimizerOptions
  ) {
    guard let parameters = parameters.baseAddress, let gradient = gradient.baseAddress else {
      return
    }
    state.withMemory { update(parameters, along: gradient, memory: &$0, options: options) }
  }

  private func checkUpdate<S: Scalar>(
    _ parameters: Int, _ gradient: Int, _ state: OptimizerState<S>, _ options: OptimizerOptions
  ) throws(LearningError) {
    let place = "optimizer step"
    try check(parameters: parameters, place: place)
    guard gradient == parameterCount else {
      throw .sizeMismatch(
        place: place, what: "values of the gradient", got: gradient, expected: parameterCount)
    }
    try options.check(place: place)
    try state.check(for: self, options: options, place: place)
  }

  fileprivate func checkStep<S: Scalar>(
    _ parameters: Int, _ state: OptimizerState<S>, _ examples: LabeledExamples, _ batch: [Int],
    _ options: OptimizerOptions, _ workspace: Workspace
  ) throws(LearningError) {
    let place = "optimizer step"
    check(workspace)
    try check(examples, parameters: parameters, place: place)
    try check(batch, of: examples, place: place)
    try options.check(place: place)
    try state.check(for: self, options: options, place: place)
  }

  fileprivate func step<S: Scalar>(
    _ batch: [Int], of examples: LabeledExamples, _ parameters: UnsafeMutableBufferPointer<S>,
    _ state: inout OptimizerState<S>, _ options: OptimizerOptions, _ mode: PassMode,
    _ scratch: Scratch<S>
  ) -> Double {
    state.withMemory { memory in
      step(
        batch, of: examples, parameters: parameters.baseAddress ?? scratch.vector(.gradient),
        memory: &memory, options: options, mode: mode, scratch: scratch, wantsLoss: true)
    }
  }
}
