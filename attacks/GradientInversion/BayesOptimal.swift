public import Components
public import Federation
public import GradientInversion
public import Randomness

/// The Bayes-optimal attack on a client whose defense is known: the likeliest input given the
/// message, under the law of the defense's noise and a prior of smooth images.
///
///     normal noise:   |g - t|^2 / (2 s^2) + prior      Laplace noise:  |g - t|_1 / b + prior
///
/// The law is a parameter, stated for the update as the defense states it: what a defense
/// publishes is no secret. Entries that a mask has removed have no part.
///
/// Source: Balunovic, Dimitrov, Staab, Vechev 2022, *Bayesian Framework for Gradient Leakage*,
/// sections 4 and 5.
public struct BayesOptimal: InversionObserver {
  /// What the defense adds.
  public enum Noise: String, Codable, CaseIterable, Hashable, Sendable {
    /// Normal in each entry.
    case gaussian
    /// Laplace in each entry.
    case laplace
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's updates are attacked.
    public var updates = 4
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
    /// The law of the noise.
    public var noise = Noise.gaussian
    /// Its standard deviation, or the scale of the Laplace law, in the update's unit.
    public var scale = 1e-3
    /// Whether entries of 0 were removed by a mask and say nothing.
    public var masked = false
    /// Weight of the total variation in the log density of images.
    public var smoothness = 1.0
    /// Steps of the search.
    public var steps = 4800
    /// Independent searches.
    public var restarts = 1
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "bayes-optimal",
    summary: "The likeliest input under the law of a known defense and a prior of smooth images.",
    formula: "argmax_x log p(t | x) + log p(x)", citation: "Balunovic et al. 2022, section 4",
    needs: [.individualUpdates, .batchSize, .trainingParameters, .inputNormalisation],
    control: usualControl.tried(
      in: .init(parameters: "{updates: 2, steps: 1000}", model: "mlp: {hidden: [100]}")),
    parameters: InversionTarget.cards + [
      .init("noise", "the law of the defense's noise", range: "gaussian or laplace"),
      .init(
        "scale", "its deviation, or Laplace scale, in the update's unit", range: "greater than 0"),
      .init("masked", "whether entries of 0 were removed by a mask", range: "true or false"),
      .init("smoothness", "weight of the total variation", range: "0 or more"),
      .init("steps", "steps of the search", range: "1 or more"),
      .init("restarts", "independent searches", range: "1 or more"),
    ])

  /// Little normal noise, four updates of the first round.
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
      "scale", parameters.scale > 0 && parameters.scale.isFinite,
      "must be a finite number greater than 0", got: parameters.scale)
    check(
      "smoothness", parameters.smoothness >= 0 && parameters.smoothness.isFinite,
      "must be a finite number of at least 0", got: parameters.smoothness)
    check("steps", parameters.steps >= 1, "must be 1 or more", got: parameters.steps)
    check("restarts", parameters.restarts >= 1, "must be 1 or more", got: parameters.restarts)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked.
  public var target: InversionTarget {
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds)
  }

  /// Searches for the likeliest inputs of one update.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    let problem = try observation.problem(ofRow: row)
    return [
      try Self.search(
        settings(problem.knowledge.training), row, of: observation, on: problem, using: generator)
    ]
  }

  /// The same search behind the defense.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    let problem = try observation.problem(ofRow: row)
    return try Self.search(
      settings(problem.knowledge.training), row, of: observation, on: problem, knowing: counters,
      using: generator)
  }

  /// The search; the law is carried over to the mean gradient, of which an update is
  /// `-rate steps` times as much.
  func settings(_ training: LocalTraining?) -> AttackSettings {
    let unit = training.map { $0.rate * Double($0.steps) } ?? 1
    let scale = parameters.scale / unit
    let noise: InversionPreset.Noise =
      parameters.noise == .gaussian ? .gaussian(deviation: scale) : .laplace(scale: scale)
    var settings = InversionPreset.bayesOptimal(
      noise: noise, mask: parameters.masked ? .observed(above: 0) : .everything,
      prior: .totalVariation(parameters.smoothness)
    ).settings
    settings.steps = parameters.steps
    settings.restarts = parameters.restarts
    return settings
  }
}
