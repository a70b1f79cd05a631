public import Tensors

extension Network {
  /// The mean loss over a batch and its gradient by the parameters.
  ///
  /// - Parameters:
  ///   - parameters: A vector of `parameterCount` values.
  ///   - examples: The data.
  ///   - batch: Positions of the batch in `examples`, taken in one pass; nil takes all examples, in
  ///     blocks of `Network.block`, as FedSGD does.
  ///   - mode: Whether norms and dropout work as in training.
  ///   - workspace: Scratch memory made for this network.
  ///   - gradient: Receives the gradient; its old contents do not count. Running statistics get 0.
  /// - Returns: The mean loss; not finite if the parameters have diverged.
  /// - Throws: `LearningError` if anything does not fit or there is no example.
  public func lossAndGradient(
    parameters: Vector, examples: LabeledExamples, batch: [Int]? = nil,
    mode: PassMode = .evaluation, workspace: Workspace, gradient: inout Vector
  ) throws(LearningError) -> Double {
    try checkGradient(parameters.count, gradient.count, examples, batch, workspace)
    return parameters.withUnsafeBufferPointer { source in
      gradient.withUnsafeMutableBufferPointer { target in
        lossAndGradient(source, examples, batch, mode, workspace.float, target)
      }
    }
  }

  /// The mean loss over a batch and its gradient by the parameters, in double precision.
  ///
  /// As the form for `Vector`; meant for checks, where the rounding of `Float` would hide errors.
  public func lossAndGradient(
    parameters: [Double], examples: LabeledExamples, batch: [Int]? = nil,
    mode: PassMode = .evaluation, workspace: Workspace, gradient: inout [Double]
  ) throws(LearningError) -> Double {
    try checkGradient(parameters.count, gradient.count, examples, batch, workspace)
    return parameters.withUnsafeBufferPointer { source in
      gradient.withUnsafeMutableBufferPointer { target in
        lossAndGradient(source, examples, batch, mode, workspace.double, target)
      }
    }
  }

  private func checkGradient(
    _ parameters: Int, _ gradient: Int, _ examples: LabeledExamples, _ batch: [Int]?,
    _ workspace: Workspace
  ) throws(LearningError) {
    check(workspace)
    try check(examples, parameters: parameters, place: "gradient")
    try check(gradient: gradient, place: "gradient")
    if let batch { try check(batch, of: examples, place: "gradient") }
  }

  func check(gradient count: Int, place: String) throws(LearningError) {
    guard count == parameterCount else {
      throw .sizeMismatch(
        place: place, what: "values for the result", got: count, expected: parameterCount)
    }
  }

  private func lossAndGradient<S: Scalar>(
    _ parameters: UnsafeBufferPointer<S>, _ examples: LabeledExamples, _ batch: [Int]?,
    _ mode: PassMode, _ scratch: Scratch<S>, _ gradient: UnsafeMutableBufferPointer<S>
  ) -> Double {
    // A network without parameters has the empty gradient but still a loss.
    let parameters = parameters.baseAddress ?? UnsafePointer(scratch.vector(.gradient))
    let gradient = gradient.baseAddress ?? scratch.vector(.gradient)
    if let batch {
      let sink = GradientSink(target: gradient, alpha: 1, beta: 0)
      let sum = pass(
        batch, of: examples, parameters: parameters, scratch: scratch, scale: 1 / S(batch.count),
        mode: mode, wantsLosses: true, sink: sink)
      return sum / Double(batch.count)
    }
    var sum = 0.0
    for start in stride(from: 0, to: examples.count, by: block) {
      let sink = GradientSink(target: gradient, alpha: 1, beta: start == 0 ? 0 : 1)
      sum += pass(
        start..<min(start + block, examples.count), of: examples, parameters: parameters,
        scratch: scratch, scale: 1 / S(examples.count), mode: mode, wantsLosses: true, sink: sink)
    }
    return sum / Double(examples.count)
  }
}
