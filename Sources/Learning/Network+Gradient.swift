public import Tensors

extension Network {
  /// The mean loss over a batch and its gradient by the parameters.
  ///
  /// - Parameters:
  ///   - parameters: A vector of `parameterCount` values.
  ///   - examples: The data.
  ///   - batch: Positions of the batch in `examples`, taken in one pass; nil takes all examples, in
  ///     blocks of `Network.block`, as FedSGD does.
  ///   - workspace: Scratch memory made for this network.
  ///   - gradient: Receives the gradient; its old contents do not count.
  /// - Returns: The mean loss; not finite if the parameters have diverged.
  /// - Throws: `LearningError` if anything does not fit or there is no example.
  public func lossAndGradient(
    parameters: Vector, examples: LabeledExamples, batch: [Int]? = nil, workspace: Workspace,
    gradient: inout Vector
  ) throws(LearningError) -> Double {
    try checkGradient(parameters.count, gradient.count, examples, batch, workspace)
    return parameters.withUnsafeBufferPointer { source in
      gradient.withUnsafeMutableBufferPointer { target in
        lossAndGradient(source, examples, batch, workspace, target)
      }
    }
  }

  /// The mean loss over a batch and its gradient by the parameters, in double precision.
  ///
  /// As the form for `Vector`; meant for checks, where the rounding of `Float` would hide errors.
  public func lossAndGradient(
    parameters: [Double], examples: LabeledExamples, batch: [Int]? = nil, workspace: Workspace,
    gradient: inout [Double]
  ) throws(LearningError) -> Double {
    try checkGradient(parameters.count, gradient.count, examples, batch, workspace)
    return parameters.withUnsafeBufferPointer { source in
      gradient.withUnsafeMutableBufferPointer { target in
        lossAndGradient(source, examples, batch, workspace, target)
      }
    }
  }

  private func checkGradient(
    _ parameters: Int, _ gradient: Int, _ examples: LabeledExamples, _ batch: [Int]?,
    _ workspace: Workspace
  ) throws(LearningError) {
    check(workspace)
    try check(examples, parameters: parameters, place: "gradient")
    guard gradient == parameterCount else {
      throw .sizeMismatch(
        place: "gradient", what: "values for the result", got: gradient, expected: parameterCount)
    }
    if let batch { try check(batch, of: examples, place: "gradient") }
  }

  private func lossAndGradient<S: Scalar>(
    _ parameters: UnsafeBufferPointer<S>, _ examples: LabeledExamples, _ batch: [Int]?,
    _ workspace: Workspace, _ gradient: UnsafeMutableBufferPointer<S>
  ) -> Double {
    // A network without parameters has the empty gradient but still a loss: use scratch as both.
    let scratch = S.scratch(of: workspace)
    let parameters = parameters.baseAddress ?? UnsafePointer(scratch.activation(0))
    let gradient = gradient.baseAddress ?? scratch.activation(0)
    if let batch {
      let sink = GradientSink(target: gradient, alpha: 1, beta: 0)
      let sum = pass(
        batch, of: examples, parameters: parameters, scratch: scratch, scale: 1 / S(batch.count),
        wantsLosses: true, sink: sink)
      return sum / Double(batch.count)
    }
    var sum = 0.0
    for start in stride(from: 0, to: examples.count, by: Self.block) {
      let sink = GradientSink(target: gradient, alpha: 1, beta: start == 0 ? 0 : 1)
      sum += pass(
        start..<min(start + Self.block, examples.count), of: examples, parameters: parameters,
        scratch: scratch, scale: 1 / S(examples.count), wantsLosses: true, sink: sink)
    }
    return sum / Double(examples.count)
  }
}
