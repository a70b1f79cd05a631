public import Components

/// How clients train and for how long: the `training` axis of an experiment.
public struct TrainingOptions: Codable, Hashable, Sendable {
  /// Rounds of aggregation.
  public var rounds: Int
  /// Passes over a client's data in a round.
  public var epochs: Int
  /// Examples in a mini-batch; a last shorter batch is used too.
  public var batchSize: Int
  /// The clients' step size.
  public var learningRate: Double
  /// The clients' momentum, reset every round.
  public var momentum: Double
  /// L2 penalty added to the gradient as `weightDecay * w`.
  public var weightDecay: Double
  /// Test accuracy is measured every so many rounds, and after the last.
  public var evaluateEvery: Int

  /// Options; those left out have the values shown.
  public init(
    rounds: Int = 100, epochs: Int = 1, batchSize: Int = 10, learningRate: Double = 0.1,
    momentum: Double = 0, weightDecay: Double = 0, evaluateEvery: Int = 5
  ) {
    self.rounds = rounds
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.evaluateEvery = evaluateEvery
  }

  /// Throws `ParameterError` naming every option out of range.
  public func validate() throws(ParameterError) {
    var check = ParameterCheck()
    check("rounds", rounds >= 1, "must be 1 or more", got: rounds)
    check("epochs", epochs >= 1, "must be 1 or more", got: epochs)
    check("batch-size", batchSize >= 1, "must be 1 or more", got: batchSize)
    check(
      "learning-rate", learningRate > 0 && learningRate.isFinite,
      "must be a finite number greater than 0", got: learningRate)
    check("momentum", momentum >= 0 && momentum < 1, "must be in [0, 1)", got: momentum)
    check(
      "weight-decay", weightDecay >= 0 && weightDecay.isFinite,
      "must be a finite number of 0 or more", got: weightDecay)
    check("evaluate-every", evaluateEvery >= 1, "must be 1 or more", got: evaluateEvery)
    try check.finish()
  }
}
