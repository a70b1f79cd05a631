public import Components
public import Learning
public import PrivateTraining

/// How clients train and for how long: the `training` axis of an experiment.
///
/// Clients start every round with fresh optimiser state. Schedule and warm-up count rounds: all
/// steps of a round have its rate.
public struct TrainingOptions: Hashable, Sendable {
  /// Rounds of aggregation.
  public var rounds: Int
  /// Passes over a client's data in a round.
  public var epochs: Int
  /// Examples in a mini-batch; a last shorter batch is used too.
  public var batchSize: Int
  /// The clients' step size.
  public var learningRate: Double
  /// The clients' optimiser: `sgd`, `adam` or `adamw`.
  public var optimizer: Optimizer
  /// The clients' momentum, reset every round; SGD only.
  public var momentum: Double
  /// Whether SGD looks ahead along its velocity; needs momentum.
  public var nesterov: Bool
  /// L2 penalty added to the gradient as `weightDecay * w`; with `adamw` the decoupled decay.
  public var weightDecay: Double
  /// The longest norm of a batch's gradient before it is clipped; nil does not clip.
  public var clippingNorm: Double?
  /// How the learning rate falls from round to round: `constant`, `step` or `cosine`.
  public var schedule: LearningRateSchedule.Shape
  /// Rounds in which the learning rate rises to its full value.
  public var warmUp: Int
  /// How far training targets are mixed with the uniform distribution, in `0..<1`. Test losses are
  /// measured without.
  public var labelSmoothing: Double
  /// Clients train with differential privacy at the level of their records; nil without.
  public var dpSgd: DPSGDOptions?
  /// Test accuracy is measured every so many rounds, and after the last.
  public var evaluateEvery: Int

  /// Options; those left out have the values shown.
  public init(
    rounds: Int = 100, epochs: Int = 1, batchSize: Int = 10, learningRate: Double = 0.1,
    optimizer: Optimizer = .sgd, momentum: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0, clippingNorm: Double? = nil,
    schedule: LearningRateSchedule.Shape = .constant, warmUp: Int = 0, labelSmoothing: Double = 0,
    dpSgd: DPSGDOptions? = nil, evaluateEvery: Int = 5
  ) {
    self.rounds = rounds
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.optimizer = optimizer
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.clippingNorm = clippingNorm
    self.schedule = schedule
    self.warmUp = warmUp
    self.labelSmoothing = labelSmoothing
    self.dpSgd = dpSgd
    self.evaluateEvery = evaluateEvery
  }

  /// The learning rate of a round, from 0: what schedule and warm-up make of `learningRate`.
  public func learningRate(round: Int) -> Double {
    LearningRateSchedule(schedule, warmUp: warmUp)
      .rate(at: round, of: rounds, base: learningRate)
  }

  /// The optimiser of the local steps of a round, from 0.
  public func optimizerOptions(round: Int) -> OptimizerOptions {
    OptimizerOptions(
      optimizer, learningRate: learningRate(round: round), momentum: momentum, nesterov: nesterov,
      weightDecay: weightDecay, clippingNorm: clippingNorm)
  }

  /// The network as it is trained: its loss with the label smoothing, if there is any.
  ///
  /// - Throws: `LearningError` if the network's loss has no labels to smooth.
  public func trainingNetwork(_ network: Network) throws(LearningError) -> Network {
    guard labelSmoothing != 0 else { return network }
    guard case .crossEntropy = network.loss else {
      throw .invalid(
        place: "training", what: "the label smoothing", got: "\(labelSmoothing)",
        requirement: "must be 0 unless the loss is the cross-entropy")
    }
    return try network.with(loss: .crossEntropy(labelSmoothing: labelSmoothing))
  }

  /// Throws `ParameterError` naming every option out of range.
  public func validate() throws(ParameterError) {
    var check = ParameterCheck()
    check.oneOrMore("rounds", rounds)
    check.oneOrMore("epochs", epochs)
    check.oneOrMore("batch-size", batchSize)
    check.positive("learning-rate", learningRate)
    check.belowOne("momentum", momentum)
    check.notNegative("weight-decay", weightDecay)
    if let clippingNorm {
      check.positive("clipping-norm", clippingNorm)
    }
    check("warm-up", warmUp >= 0, "must be 0 or more", got: warmUp)
    check.belowOne("label-smoothing", labelSmoothing)
    check.oneOrMore("evaluate-every", evaluateEvery)
    checkTogether(&check)
    try check.finish()
  }

  /// What only shows when options meet. Each is blamed on the option that is fine by itself, as
  /// every change is also tried alone on the defaults.
  private func checkTogether(_ check: inout ParameterCheck) {
    if optimizer == .sgd {
      check(
        "momentum", momentum > 0 || !nesterov, "must be greater than 0 with nesterov",
        got: momentum)
    } else {
      let requirement = "is for optimizer sgd, not \(optimizer.name)"
      check("momentum", momentum == 0, requirement, got: momentum)
      check("nesterov", !nesterov, requirement, got: nesterov)
    }
    check(
      "rounds", rounds < 1 || warmUp < max(rounds, 1), "must be more than the warm-up of \(warmUp)",
      got: rounds)
    if case .cosine(let cosine) = schedule {
      check(
        "learning-rate", !(learningRate > 0) || cosine.minimum <= learningRate,
        "must be at least the cosine's minimum of \(cosine.minimum)", got: learningRate)
    }
  }
}

/// Options at their defaults that came after the first experiments are not written, so that the
/// names under which results are stored stay what they were.
extension TrainingOptions: Codable {
  private enum CodingKeys: String, CodingKey {
    case rounds, epochs, batchSize, learningRate, optimizer, momentum, nesterov, weightDecay
    case clippingNorm, schedule, warmUp, labelSmoothing, dpSgd, evaluateEvery
  }

  /// Reads options; those left out have their defaults.
  public init(from decoder: any Decoder) throws {
    let keyed = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      if keyed.contains(key) { value = try keyed.decode(Value.self, forKey: key) }
    }
    try read(.rounds, &rounds)
    try read(.epochs, &epochs)
    try read(.batchSize, &batchSize)
    try read(.learningRate, &learningRate)
    try read(.optimizer, &optimizer)
    try read(.momentum, &momentum)
    try read(.nesterov, &nesterov)
    try read(.weightDecay, &weightDecay)
    clippingNorm = try keyed.decodeIfPresent(Double.self, forKey: .clippingNorm)
    try read(.schedule, &schedule)
    try read(.warmUp, &warmUp)
    try read(.labelSmoothing, &labelSmoothing)
    if keyed.contains(.dpSgd), try !keyed.decodeNil(forKey: .dpSgd) {
      let written = try keyed.decode(ConfigurationNode.self, forKey: .dpSgd)
      dpSgd = try ParameterCoding.overlay(
        written, on: DPSGDOptions(), owner: "dp-sgd"
      ) { try $0.validate() }
    }
    try read(.evaluateEvery, &evaluateEvery)
  }

  /// Writes the options.
  public func encode(to encoder: any Encoder) throws {
    var keyed = encoder.container(keyedBy: CodingKeys.self)
    let defaults = TrainingOptions()
    func write<Value: Encodable & Equatable>(
      _ key: CodingKeys, _ value: KeyPath<TrainingOptions, Value>
    ) throws {
      if self[keyPath: value] != defaults[keyPath: value] {
        try keyed.encode(self[keyPath: value], forKey: key)
      }
    }
    try keyed.encode(rounds, forKey: .rounds)
    try keyed.encode(epochs, forKey: .epochs)
    try keyed.encode(batchSize, forKey: .batchSize)
    try keyed.encode(learningRate, forKey: .learningRate)
    try write(.optimizer, \.optimizer)
    try keyed.encode(momentum, forKey: .momentum)
    try write(.nesterov, \.nesterov)
    try keyed.encode(weightDecay, forKey: .weightDecay)
    try keyed.encodeIfPresent(clippingNorm, forKey: .clippingNorm)
    try write(.schedule, \.schedule)
    try write(.warmUp, \.warmUp)
    try write(.labelSmoothing, \.labelSmoothing)
    try keyed.encodeIfPresent(dpSgd, forKey: .dpSgd)
    try keyed.encode(evaluateEvery, forKey: .evaluateEvery)
  }
}
