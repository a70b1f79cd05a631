/// Stochastic gradient descent with momentum and weight decay, in PyTorch's form
/// (torch.optim.SGD, dampening 0):
///
///     g = gradient + weightDecay * w
///     v = momentum * v + g
///     w = w - learningRate * v
///
/// The velocity starts at zero.
public struct SGDOptions: Sendable, Hashable, Codable {
  /// Step size, at least 0.
  public var learningRate: Double
  /// Share of the velocity that stays, in `0..<1`.
  public var momentum: Double
  /// Factor of the squared-norm penalty, at least 0.
  public var weightDecay: Double

  /// Options as given; what is wrong with them is reported when training starts.
  public init(learningRate: Double, momentum: Double = 0, weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  func check(place: String) throws(LearningError) {
    guard learningRate >= 0, learningRate.isFinite else {
      throw .invalid(
        place: place, what: "the learning rate", got: "\(learningRate)",
        requirement: "must be a number of at least 0")
    }
    guard momentum >= 0, momentum < 1 else {
      throw .invalid(
        place: place, what: "the momentum", got: "\(momentum)",
        requirement: "must be at least 0 and below 1")
    }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw .invalid(
        place: place, what: "the weight decay", got: "\(weightDecay)",
        requirement: "must be a number of at least 0")
    }
  }
}

extension Network {
  /// One step on the batch `indices`; the mean loss before the step if asked, else 0.
  ///
  /// Without momentum the weight-gradient product updates the parameters directly; with it, the
  /// product runs straight into the velocity. No gradient array exists either way.
  func step<S: Scalar>(
    _ indices: some RandomAccessCollection<Int>, of examples: LabeledExamples,
    parameters: UnsafeMutablePointer<S>, velocity: UnsafeMutablePointer<S>?,
    options: SGDOptions, mode: PassMode, scratch: Scratch<S>, wantsLoss: Bool
  ) -> Double {
    let (sink, factor) = sink(parameters: parameters, velocity: velocity, options: options)
    let sum = pass(
      indices, of: examples, parameters: parameters, scratch: scratch,
      scale: factor / S(indices.count), mode: mode, wantsLosses: wantsLoss, sink: sink)
    finishStep(
      parameters: parameters, velocity: velocity, options: options, mode: mode, scratch: scratch,
      rows: indices.count)
    return sum / Double(indices.count)
  }

  /// Where parameter gradients go, into the velocity if there is one, else into the parameters, and
  /// the factor that the loss must have for that: the learning rate rides on the loss's gradient, so
  /// that the products need no factor of their own.
  func sink<S: Scalar>(
    parameters: UnsafeMutablePointer<S>, velocity: UnsafeMutablePointer<S>?, options: SGDOptions
  ) -> (sink: GradientSink<S>, factor: S) {
    if let velocity {
      (GradientSink(target: velocity, alpha: 1, beta: S(options.momentum)), 1)
    } else {
      (
        GradientSink(
          target: parameters, alpha: 1, beta: S(1 - options.learningRate * options.weightDecay)),
        -S(options.learningRate)
      )
    }
  }

  /// What a step does after its gradients are in the sink.
  func finishStep<S: Scalar>(
    parameters: UnsafeMutablePointer<S>, velocity: UnsafeMutablePointer<S>?, options: SGDOptions,
    mode: PassMode, scratch: Scratch<S>, rows: Int
  ) {
    if let velocity {
      for range in trainable {
        S.momentumStep(
          parameters + range.lowerBound, velocity + range.lowerBound, count: range.count,
          rate: S(options.learningRate), decay: S(options.weightDecay))
      }
    }
    if case .training = mode { updateStatistics(parameters, scratch, rows: rows) }
  }
}
