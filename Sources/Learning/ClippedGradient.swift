public import Tensors

/// Per-example gradients without ever forming one.
///
/// After one forward and one backward pass over the activations, every example's squared gradient
/// norm follows layer by layer from what the passes left (for a dense layer `|dy_i|^2 (|x_i|^2 + 1)`).
/// Scaling the rows of `dy` by the clipping factors and only then forming the parameter gradients
/// gives the sum of the clipped gradients: no second backward pass, no gradient per example.
///
/// Sources: Goodfellow, Efficient Per-Example Gradient Computations, 2015; Lee and Kifer, Scaling up
/// Differentially Private Deep Learning with Fast Per-Example Gradient Clipping, PoPETs 2021.
extension Network {
  /// The norm of every example's own gradient.
  ///
  /// - Throws: `LearningError` if anything does not fit, or an example has no gradient of its own
  ///   because a batch norm mixes the batch in training.
  public func perExampleNorms(
    parameters: Vector, examples: LabeledExamples, batch: [Int], mode: PassMode = .evaluation,
    workspace: Workspace
  ) throws(LearningError) -> [Double] {
    try checkPerExample(parameters.count, examples, batch, mode, workspace)
    return parameters.withUnsafeBufferPointer {
      perExampleNorms($0, examples, batch, mode, workspace.float)
    }
  }

  /// As the form for `Vector`, in double precision.
  public func perExampleNorms(
    parameters: [Double], examples: LabeledExamples, batch: [Int], mode: PassMode = .evaluation,
    workspace: Workspace
  ) throws(LearningError) -> [Double] {
    try checkPerExample(parameters.count, examples, batch, mode, workspace)
    return parameters.withUnsafeBufferPointer {
      perExampleNorms($0, examples, batch, mode, workspace.double)
    }
  }

  /// The sum over the batch of every example's gradient, scaled down to norm `clippingNorm` where it
  /// is longer: `sum_i min(1, C / |g_i|) g_i`.
  ///
  /// - Parameters:
  ///   - clippingNorm: `C`, positive.
  ///   - gradient: Receives the sum, not the mean.
  /// - Returns: The norm of every example's gradient before clipping.
  /// - Throws: As `perExampleNorms(parameters:examples:batch:mode:workspace:)`.
  @discardableResult
  public func clippedGradientSum(
    parameters: Vector, examples: LabeledExamples, batch: [Int], clippingNorm: Double,
    mode: PassMode = .evaluation, workspace: Workspace, gradient: inout Vector
  ) throws(LearningError) -> [Double] {
    try checkPerExample(parameters.count, examples, batch, mode, workspace)
    try check(gradient: gradient.count, place: "clipped gradient")
    try check(clippingNorm: clippingNorm)
    return parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        clippedSum(
          parameters, examples, batch, clippingNorm, mode, workspace.float, gradient.baseAddress)
      }
    }
  }

  /// As the form for `Vector`, in double precision.
  @discardableResult
  public func clippedGradientSum(
    parameters: [Double], examples: LabeledExamples, batch: [Int], clippingNorm: Double,
    mode: PassMode = .evaluation, workspace: Workspace, gradient: inout [Double]
  ) throws(LearningError) -> [Double] {
    try checkPerExample(parameters.count, examples, batch, mode, workspace)
    try check(gradient: gradient.count, place: "clipped gradient")
    try check(clippingNorm: clippingNorm)
    return parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        clippedSum(
          parameters, examples, batch, clippingNorm, mode, workspace.double, gradient.baseAddress)
      }
    }
  }

  /// One SGD step on the mean of the clipped per-example gradients, without noise.
  ///
  /// - Returns: The batch's mean loss before the step.
  /// - Throws: As `perExampleNorms(parameters:examples:batch:mode:workspace:)`.
  @discardableResult
  public func clippedStep(
    parameters: inout Vector, velocity: inout Vector, examples: LabeledExamples, batch: [Int],
    clippingNorm: Double, options: SGDOptions, mode: PassMode = .evaluation, workspace: Workspace
  ) throws(LearningError) -> Double {
    try checkPerExample(parameters.count, examples, batch, mode, workspace)
    try check(clippingNorm: clippingNorm)
    try options.check(place: "clipped step")
    guard velocity.count == parameterCount else {
      throw .sizeMismatch(
        place: "clipped step", what: "values of velocity", got: velocity.count,
        expected: parameterCount)
    }
    let scratch = workspace.float
    return parameters.withUnsafeMutableBufferPointer { parameters in
      velocity.withUnsafeMutableBufferPointer { velocity in
        let parameters = parameters.baseAddress ?? scratch.vector(.gradient)
        let velocity = options.momentum == 0 ? nil : velocity.baseAddress
        let loss = normPass(parameters, examples, batch, mode, scratch)
        let (sink, factor) = sink(parameters: parameters, velocity: velocity, options: options)
        let share = Double(factor) / Double(batch.count)
        for row in batch.indices {
          scratch.factors[row] = Float(
            share * Self.clippingFactor(scratch.norms[row], clippingNorm))
        }
        weightedGradient(parameters, scratch, rows: batch.count, sink: sink)
        finishStep(
          parameters: parameters, velocity: velocity, options: options, mode: mode,
          scratch: scratch, rows: batch.count)
        return loss
      }
    }
  }
}

// MARK: The generic core

extension Network {
  private func perExampleNorms<S: Scalar>(
    _ parameters: UnsafeBufferPointer<S>, _ examples: LabeledExamples, _ batch: [Int],
    _ mode: PassMode, _ scratch: Scratch<S>
  ) -> [Double] {
    let parameters = parameters.baseAddress ?? UnsafePointer(scratch.vector(.gradient))
    _ = normPass(parameters, examples, batch, mode, scratch)
    return batch.indices.map { scratch.norms[$0].squareRoot() }
  }

  private func clippedSum<S: Scalar>(
    _ parameters: UnsafeBufferPointer<S>, _ examples: LabeledExamples, _ batch: [Int],
    _ clippingNorm: Double, _ mode: PassMode, _ scratch: Scratch<S>,
    _ gradient: UnsafeMutablePointer<S>?
  ) -> [Double] {
    let gradient = gradient ?? scratch.vector(.gradient)
    let parameters = parameters.baseAddress ?? UnsafePointer(scratch.vector(.gradient))
    _ = normPass(parameters, examples, batch, mode, scratch)
    for row in batch.indices {
      scratch.factors[row] = S(Self.clippingFactor(scratch.norms[row], clippingNorm))
    }
    weightedGradient(
      parameters, scratch, rows: batch.count,
      sink: GradientSink(target: gradient, alpha: 1, beta: 0))
    return batch.indices.map { scratch.norms[$0].squareRoot() }
  }

  /// Forward, loss and the gradients by the activations of each example's own loss; leaves every
  /// example's squared gradient norm. Returns the mean loss.
  func normPass<S: Scalar>(
    _ parameters: UnsafePointer<S>, _ examples: LabeledExamples, _ batch: [Int],
    _ mode: PassMode, _ scratch: Scratch<S>
  ) -> Double {
    let rows = batch.count
    let sum = pass(
      batch, of: examples, parameters: parameters, scratch: scratch, scale: 1, mode: mode,
      wantsLosses: true, sink: nil)
    scratch.norms.update(repeating: 0, count: rows)
    for index in steps.indices.reversed() {
      if case .run(let run) = steps[index], run.hasParameters {
        run.operation.addSquaredNorms(
          scratch.site(run, index, parameters, rows: rows), to: scratch.norms)
      }
    }
    return sum / Double(rows)
  }

  /// Sends the sum of the examples' gradients, each times its row's factor, to `sink`.
  func weightedGradient<S: Scalar>(
    _ parameters: UnsafePointer<S>, _ scratch: Scratch<S>, rows: Int, sink: GradientSink<S>
  ) {
    for index in steps.indices.reversed() {
      guard case .run(let run) = steps[index], run.hasParameters else { continue }
      let site = scratch.site(run, index, parameters, rows: rows)
      S.scaleRows(
        site.dy, by: scratch.factors, rows: rows, width: bufferSizes[run.output])
      run.operation.parameterGradient(site, sink: sink.advanced(by: run.offset))
    }
  }

  /// 1 up to the clipping norm, then its share of the norm.
  private static func clippingFactor(_ squaredNorm: Double, _ clippingNorm: Double) -> Double {
    let norm = squaredNorm.squareRoot()
    return norm > clippingNorm ? clippingNorm / norm : 1
  }

  func checkPerExample(
    _ parameters: Int, _ examples: LabeledExamples, _ batch: [Int], _ mode: PassMode,
    _ workspace: Workspace
  ) throws(LearningError) {
    check(workspace)
    try check(examples, parameters: parameters, place: "per-example gradients")
    try check(batch, of: examples, place: "per-example gradients")
    if case .training = mode, mixesExamples {
      throw .invalid(
        place: "per-example gradients", what: "the network", got: "batch norm in training mode",
        requirement: "must not mix examples; use group norm")
    }
  }

  func check(clippingNorm: Double) throws(LearningError) {
    guard clippingNorm > 0 else {
      throw .invalid(
        place: "per-example gradients", what: "the clipping norm", got: "\(clippingNorm)",
        requirement: "must be positive")
    }
  }
}
