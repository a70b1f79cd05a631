public import Components
public import Federation
public import GradientInversion
public import Learning
public import Randomness
public import Tensors

/// Trap weights: the server plants a first layer whose units few examples open, and divides.
///
/// Source: Boenisch et al. 2023, *When the Curious Abandon Honesty*, section 5.
public struct TrapWeightsAttack: InversionObserver, ServerTampering {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's updates are attacked.
    public var updates = 4
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
    /// Deviation of the magnitudes.
    public var deviation = 0.5
    /// The positive half's share: 0.95 for images of some thousand values, less for fewer.
    public var scale = 0.95
    /// Seed of the magnitudes.
    public var seed: UInt64 = 1
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "trap-weights",
    summary: "A malicious server plants units that few examples open, and divides gradients.",
    citation: "Boenisch et al. 2023, section 5",
    needs: [.individualUpdates, .batchSize, .inputNormalisation, .weightModification],
    control: usualControl.tried(
      in: .init(parameters: "{scale: 0.8}", model: "mlp: {hidden: [400]}", batch: 4)),
    parameters: InversionTarget.cards + [
      .init("deviation", "standard deviation of the magnitudes", range: "greater than 0"),
      .init("scale", "the positive half's share", range: "greater than 0, at most 1"),
      .init("seed", "seed of the magnitudes", range: "0 or more"),
    ])

  /// The paper's 0.5 and 0.95.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds).validate(&check)
    check(
      "deviation", parameters.deviation > 0 && parameters.deviation.isFinite,
      "must be a finite number greater than 0", got: parameters.deviation)
    check(
      "scale", parameters.scale > 0 && parameters.scale <= 1, "must be above 0 and at most 1",
      got: parameters.scale)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked.
  public var target: InversionTarget {
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds)
  }

  /// The planted weights, the same for everybody.
  public func tamper(
    _ model: Vector, for sending: Sending, memory: inout Memory
  ) throws -> Vector {
    guard target.includes(sending.round, of: sending.rounds) else { return model }
    var generator = Generator(seed: parameters.seed).fork("trap", UInt64(sending.round))
    return try TrapWeights(deviation: parameters.deviation, scale: parameters.scale)
      .plant(in: model, of: sending.network, using: &generator)
  }

  /// Models that do not begin with a dense layer and a rectifier.
  public func refusal(of network: Network) -> Refusal? {
    refusal(suggesting: "take a model such as mlp") {
      var generator = Generator(seed: 0)
      _ = try TrapWeights(deviation: parameters.deviation, scale: parameters.scale)
        .plant(in: Vector(zeros: network.parameterCount), of: network, using: &generator)
    }
  }

  /// The same division, where the defense leaves it alone.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    try divide(
      row, of: observation, tensors: firstDenseTensors, knowing: counters, using: generator)
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
