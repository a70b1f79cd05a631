public import Components
public import Federation
public import GradientInversion
public import Learning
public import Randomness

/// Dense inversion: a first dense layer's weight gradient divided by its bias gradient.
///
///     x = (dL/dW_i) / (dL/db_i)
///
/// for any unit i that one example alone reached; where several did, a weighted mean of them, which
/// shows in units that disagree. Exact, in milliseconds; only for models that begin with such a layer.
///
/// Source: Phong et al. 2018, *Privacy-Preserving Deep Learning via Additively Homomorphic
/// Encryption*, section III.
public struct DenseInversionAttack: InversionObserver {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's updates are attacked.
    public var updates = 4
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "dense-inversion",
    summary: "Divides a first dense layer's weight gradient by its bias gradient.",
    formula: "x = (dL/dW_i) / (dL/db_i)",
    citation: "Phong et al. 2018, section III",
    needs: [.individualUpdates, .batchSize, .inputNormalisation],
    control: usualControl.tried(
      in: .init(model: "mlp: {hidden: [100]}")),
    parameters: InversionTarget.cards)

  /// Four updates of the first round.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds).validate(&check)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked.
  public var target: InversionTarget {
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds)
  }

  /// Models that begin with anything but a dense layer with a bias.
  public func refusal(of network: Network) -> Refusal? {
    if case .dense(_, true) = network.layers.first(where: { $0 != .flatten }) { return nil }
    return Refusal(
      component: cardName,
      reason:
        "needs a first layer that is dense with a bias: no division gives the inputs of another",
      suggestion:
        "take a model such as mlp, or an attack that searches, such as inverting-gradients")
  }

  /// All units together, behind masks and noise; for a batch of one.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    try divide(
      row, of: observation, tensors: firstDenseTensors, knowing: counters, using: generator
    ) { division in
      guard try observation.batchSizes(of: row)?.reduce(0, +) ?? 1 == 1 else {
        return InformedInversion(
          nil, gaps: ["\(cardName) fits missing or noisy entries for a batch of one only"])
      }
      return InformedInversion([try fitted(row, of: observation, sent: division.sent)])
    }
  }

  /// As many different images as the batch has examples, those that most units agree on.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    let count = try observation.batchSizes(of: row)?.reduce(0, +) ?? 1
    let found = try DenseInversion(
      observation.gradientUpToAFactor(ofRow: row), of: observation.network
    ).examples(atMost: count, of: observation.network)
    return [InvertedBatch(row: row, of: observation, images: try observation.pixels(found))]
  }
}
