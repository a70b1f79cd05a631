/// How a gradient becomes a step, as in PyTorch's torch.optim.
public enum Optimizer: Sendable, Hashable {
  /// Stochastic gradient descent, with momentum if there is any (torch.optim.SGD, dampening 0):
  ///
  ///     g = gradient + weightDecay w;   v = momentum v + g
  ///     w = w - learningRate v,   or with nesterov   w - learningRate (g + momentum v)
  case sgd
  /// Adam with bias correction and the L2 penalty in the gradient (torch.optim.Adam):
  ///
  ///     g = gradient + weightDecay w
  ///     m = beta1 m + (1 - beta1) g;   s = beta2 s + (1 - beta2) g^2
  ///     w = w - learningRate m' / (sqrt(s') + epsilon),   m' = m / (1 - beta1^t),
  ///                                                       s' = s / (1 - beta2^t)
  ///
  /// with `t` from 1. Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015.
  case adam(AdamCoefficients = AdamCoefficients())
  /// Adam whose weight decay bypasses the moments (torch.optim.AdamW): first
  /// `w = (1 - learningRate weightDecay) w`, then Adam's step of the bare gradient.
  ///
  /// Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019.
  case adamW(AdamCoefficients = AdamCoefficients())

  /// Its name in an experiment: `sgd`, `adam`, `adamw`.
  public var name: String {
    switch self {
    case .sgd: "sgd"
    case .adam: "adam"
    case .adamW: "adamw"
    }
  }
}

/// What Adam's running means forget, and what keeps its quotient finite.
public struct AdamCoefficients: Sendable, Hashable, Codable {
  /// Share of the mean gradient that stays, in `0..<1`.
  public var beta1: Double
  /// Share of the mean squared gradient that stays, in `0..<1`.
  public var beta2: Double
  /// Added to the root of the mean squared gradient; greater than 0.
  public var epsilon: Double

  /// Coefficients; those left out are the paper's.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }
}

/// An optimiser with its rates, and how long a gradient may be.
///
/// A schedule changes `learningRate` from step to step: see ``LearningRateSchedule``.
public struct OptimizerOptions: Sendable, Hashable, Codable {
  /// The rule of the step.
  public var optimizer: Optimizer
  /// Step size, at least 0.
  public var learningRate: Double
  /// SGD's share of the velocity that stays, in `0..<1`; 0 with other optimisers.
  public var momentum: Double
  /// Whether SGD looks ahead along its velocity; needs momentum.
  public var nesterov: Bool
  /// Factor of the squared-norm penalty or, with AdamW, of the decay; at least 0. Running
  /// statistics do not decay.
  public var weightDecay: Double
  /// The longest norm that a batch's mean gradient may have, over all trained parameters; a longer
  /// gradient is multiplied by `clippingNorm / (norm + 1e-6)` as torch.nn.utils.clip_grad_norm_
  /// does, before weight decay. Nil does not clip.
  public var clippingNorm: Double?

  /// Options as given; what is wrong with them is reported when training starts.
  public init(
    _ optimizer: Optimizer = .sgd, learningRate: Double, momentum: Double = 0,
    nesterov: Bool = false, weightDecay: Double = 0, clippingNorm: Double? = nil
  ) {
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.clippingNorm = clippingNorm
  }

  /// The same SGD.
  public init(_ options: SGDOptions) {
    self.init(
      learningRate: options.learningRate, momentum: options.momentum,
      weightDecay: options.weightDecay)
  }

  /// How many vectors as long as the parameters a run carries from step to step.
  var moments: Int {
    switch optimizer {
    case .sgd: momentum == 0 ? 0 : 1
    case .adam, .adamW: 2
    }
  }

  /// These options where the products of the backward pass can do the step themselves: no gradient
  /// needs to be known as a whole.
  var fused: SGDOptions? {
    guard optimizer == .sgd, !nesterov, clippingNorm == nil else { return nil }
    return SGDOptions(learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
  }

  /// Allocates nothing where nothing is wrong, as single steps check their options too.
  func check(place: String) throws(LearningError) {
    func require(
      _ condition: Bool, _ what: String, _ got: Any, _ requirement: @autoclosure () -> String
    ) throws(LearningError) {
      guard condition else {
        throw .invalid(place: place, what: what, got: "\(got)", requirement: requirement())
      }
    }
    try SGDOptions(learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
      .check(place: place)
    if let clippingNorm {
      try require(
        clippingNorm > 0 && clippingNorm.isFinite, "the clipping norm", clippingNorm,
        "must be a number greater than 0")
    }
    switch optimizer {
    case .sgd:
      try require(
        !nesterov || momentum > 0, "the momentum", momentum, "must be greater than 0 with nesterov")
    case .adam(let adam), .adamW(let adam):
      try require(momentum == 0, "the momentum", momentum, "must be 0 with \(optimizer.name)")
      try require(!nesterov, "nesterov", nesterov, "must be false with \(optimizer.name)")
      let shares = 0..<1.0
      try require(
        shares.contains(adam.beta1), "beta1", adam.beta1, "must be at least 0 and below 1")
      try require(
        shares.contains(adam.beta2), "beta2", adam.beta2, "must be at least 0 and below 1")
      try require(
        adam.epsilon > 0 && adam.epsilon.isFinite, "epsilon", adam.epsilon,
        "must be a number greater than 0")
    }
  }
}
