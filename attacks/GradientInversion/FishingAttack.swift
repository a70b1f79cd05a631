public import Components
public import Federation
public import GradientInversion
public import Learning
public import Randomness
public import Tensors

/// Fishing: the server plants a last layer under which only examples of one class send anything back,
/// so that a large batch's update is that of the few.
///
/// What is left is divided if the model begins with a dense layer, else searched for. Claims are of the
/// class alone and judged among its examples; a batch without the class is a failed attack.
///
/// Source: Wen, Geiping, Fowl, Goldblum, Goldstein 2022, *Fishing for User Data in Large-Batch
/// Federated Learning*, section 3.
public struct FishingAttack: InversionObserver, ServerTampering {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's updates are attacked.
    public var updates = 4
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
    /// The class that is fished for.
    public var target = 0
    /// The bias of all other classes.
    public var bias: Float = 1000
    /// Steps of the search, where the model begins with a convolution.
    public var steps = 4800
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "fishing",
    summary: "A malicious server silences all classes but one, whose few examples it inverts.",
    citation: "Wen et al. 2022, section 3",
    needs: [
      .individualUpdates, .batchSize, .trainingParameters, .inputNormalisation,
      .weightModification,
    ],
    control: usualControl.tried(
      in: .init(parameters: "{target: 3, updates: 10}", model: "mlp: {hidden: [100]}", batch: 8)),
    parameters: InversionTarget.cards + [
      .init("target", "the class that is fished for", range: "0 or more"),
      .init("bias", "the bias of all other classes", range: "greater than 0"),
      .init("steps", "steps of the search behind convolutions", range: "1 or more"),
    ])

  /// Class 0 and the paper's bias.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds).validate(&check)
    check("target", parameters.target >= 0, "must be 0 or more", got: parameters.target)
    check(
      "bias", parameters.bias > 0 && parameters.bias.isFinite, "must be greater than 0",
      got: parameters.bias)
    check("steps", parameters.steps >= 1, "must be 1 or more", got: parameters.steps)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked.
  public var target: InversionTarget {
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds)
  }

  /// The planted weights.
  public func tamper(
    _ model: Vector, for sending: Sending, memory: inout Memory
  ) throws -> Vector {
    guard target.includes(sending.round, of: sending.rounds) else { return model }
    return try Fishing.byClass(
      parameters.target, parameters: model, network: sending.network, bias: parameters.bias)
  }

  /// Models without a dense head, or without the class.
  public func refusal(of network: Network) -> Refusal? {
    refusal(suggesting: "take a model with a dense last layer, and a class that the data have") {
      _ = try Fishing.byClass(
        parameters.target, parameters: Vector(zeros: network.parameterCount), network: network,
        bias: parameters.bias)
    }
  }

  /// One image of the class, behind the defense.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    let claim = Int32(parameters.target)
    if Self.beginsDense(observation.network) {
      return try divide(
        row, of: observation, tensors: firstDenseTensors, knowing: counters, using: generator
      ) { division in
        InformedInversion([
          try fitted(row, of: observation, sent: division.sent, claim: claim)
        ])
      }
    }
    let (settings, problem) = try Self.loneProblem(
      row, of: observation, planted: try planted(observation), claim: claim,
      steps: parameters.steps)
    return try Self.search(
      settings, row, of: observation, on: problem, knowing: counters, claim: claim,
      using: generator)
  }

  private func planted(_ observation: Observation) throws -> Vector {
    try Fishing.byClass(
      parameters.target, parameters: observation.modelBefore, network: observation.network,
      bias: parameters.bias)
  }

  /// One image of the class.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    [
      try Self.loneExample(
        row, of: observation, planted: try planted(observation), claim: Int32(parameters.target),
        steps: parameters.steps, using: generator)
    ]
  }
}
