/// Steps of any optimiser: internal, generic.
extension Network {
  /// One step on the batch `indices`; the mean loss before the step if asked, else 0.
  ///
  /// SGD without Nesterov or clipping needs no gradient array; the others gather the gradient in the
  /// workspace first.
  func step<S: Scalar>(
    _ indices: some RandomAccessCollection<Int>, of examples: LabeledExamples,
    parameters: UnsafeMutablePointer<S>, memory: inout OptimizerMemory<S>,
    options: OptimizerOptions, mode: PassMode, scratch: Scratch<S>, wantsLoss: Bool
  ) -> Double {
    if let fused = options.fused {
      memory.steps += 1
      return step(
        indices, of: examples, parameters: parameters,
        velocity: fused.momentum == 0 ? nil : memory.first, options: fused, mode: mode,
        scratch: scratch, wantsLoss: wantsLoss)
    }
    let gradient = scratch.vector(.gradient)
    let sum = pass(
      indices, of: examples, parameters: parameters, scratch: scratch,
      scale: 1 / S(indices.count), mode: mode, wantsLosses: wantsLoss,
      sink: GradientSink(target: gradient, alpha: 1, beta: 0))
    update(parameters, along: gradient, memory: &memory, options: options)
    if case .training = mode { updateStatistics(parameters, scratch, rows: indices.count) }
    return sum / Double(indices.count)
  }

  /// The optimiser's step along a gradient in memory; only trained parameters move.
  func update<S: Scalar>(
    _ parameters: UnsafeMutablePointer<S>, along gradient: UnsafePointer<S>,
    memory: inout OptimizerMemory<S>, options: OptimizerOptions
  ) {
    memory.steps += 1
    let scale = S(clippingFactor(gradient, options.clippingNorm))
    let (rate, decay) = (S(options.learningRate), S(options.weightDecay))
    let factors = options.adamFactors(step: memory.steps, scale: scale)
    for range in trainable {
      let (start, count) = (range.lowerBound, range.count)
      if let factors, let first = memory.first, let second = memory.second {
        S.adamStep(
          parameters + start, first: first + start, second: second + start, gradient + start,
          count: count, factors)
      } else if options.momentum > 0, let velocity = memory.first {
        S.sgdStep(
          parameters + start, velocity: velocity + start, gradient + start, count: count,
          scale: scale, rate: rate, momentum: S(options.momentum), decay: decay,
          nesterov: options.nesterov)
      } else {
        S.sgdStep(
          parameters + start, gradient + start, count: count, scale: scale, rate: rate,
          decay: decay)
      }
    }
  }

  /// What brings the gradient of the trained parameters to norm `limit`, at most 1; not a number if
  /// the norm is none.
  private func clippingFactor<S: Scalar>(_ gradient: UnsafePointer<S>, _ limit: Double?) -> Double {
    guard let limit else { return 1 }
    var square = 0.0
    for range in trainable {
      square += S.squaredNorm(gradient + range.lowerBound, count: range.count)
    }
    let factor = limit / (square.squareRoot() + 1e-6)
    return factor > 1 ? 1 : factor
  }
}

extension OptimizerOptions {
  /// What step number `step`, from 1, of Adam or AdamW multiplies by; nil for SGD. Everything is
  /// computed in double precision first: `1 - beta2` has few digits left in `Float`.
  func adamFactors<S: Scalar>(step: Int, scale: S) -> AdamFactors<S>? {
    let adam: AdamCoefficients
    let isDecoupled: Bool
    switch optimizer {
    case .sgd: return nil
    case .adam(let coefficients): (adam, isDecoupled) = (coefficients, false)
    case .adamW(let coefficients): (adam, isDecoupled) = (coefficients, true)
    }
    let rest1 = 1 - adam.beta1.power(step)
    let rest2 = 1 - adam.beta2.power(step)
    return AdamFactors(
      scale: scale, decay: isDecoupled ? 0 : S(weightDecay),
      keep: isDecoupled ? S(1 - learningRate * weightDecay) : 1, beta1: S(adam.beta1),
      rest1: S(1 - adam.beta1), beta2: S(adam.beta2), rest2: S(1 - adam.beta2),
      rate: S(learningRate / rest1), root: S(rest2.squareRoot()), epsilon: S(adam.epsilon))
  }
}
