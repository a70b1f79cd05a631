public import Components
public import Federation
public import GradientInversion
public import Randomness

/// An inversion attack that searches: a preset of the library in the round.
public protocol MatchingObserver: InversionObserver where Parameters == MatchingParameters {
  /// The paper's settings and what they need.
  static var preset: InversionPreset { get }
}

extension MatchingObserver {
  /// The paper's settings, four updates of the first round.
  public static var defaults: MatchingParameters { MatchingParameters() }

  /// The updates that are attacked.
  public var target: InversionTarget { parameters.target }

  /// What the card says, and an oracle for labels that are to be known.
  public var needs: Set<Capability> { Self.card.needs.union(parameters.needs) }

  /// The card of a preset's attack, which must pass its control in `control`.
  static func presetCard(
    _ preset: InversionPreset, control: ControlSetting, revision: Int = 1
  ) -> Card {
    Card(
      name: preset.name, summary: preset.summary, citation: preset.citation,
      needs: preset.needs.union([.individualUpdates, .trainingParameters, .inputNormalisation]),
      control: usualControl.tried(in: control), parameters: MatchingParameters.cards,
      revision: revision)
  }

  /// The same search behind the defense.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    try Self.search(
      parameters.applied(to: Self.preset.settings), row, of: observation, knowing: counters,
      using: generator)
  }

  /// Searches for the inputs of one update.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    [
      try Self.search(
        parameters.applied(to: Self.preset.settings), row, of: observation, using: generator)
    ]
  }
}

extension InversionObserver {
  /// One search, as what was found or why nothing was.
  static func search(
    _ settings: AttackSettings, _ row: Int, of observation: Observation,
    on problem: InversionProblem? = nil, claim: Int32? = nil, using generator: Generator
  ) throws -> InvertedBatch {
    let problem = try problem ?? observation.problem(ofRow: row)
    let found = try GradientMatchingAttack(settings)
      .run(on: problem, workers: observation.workers, using: generator)
    return try batch(found, row, of: observation, claim: claim)
  }

  /// One search by an attacker who knows the defense.
  static func search(
    _ settings: AttackSettings, _ row: Int, of observation: Observation,
    on problem: InversionProblem? = nil, knowing counters: [InversionCounter],
    claim: Int32? = nil, using generator: Generator
  ) throws -> InformedInversion {
    let attack = try AdaptiveAttack(
      GradientMatchingAttack(settings), on: try problem ?? observation.problem(ofRow: row),
      counters: counters, workers: observation.workers, using: generator)
    return InformedInversion(
      try attack.found.map { [try batch($0, row, of: observation, claim: claim)] },
      gaps: attack.gaps)
  }

  private static func batch(
    _ found: Reconstruction, _ row: Int, of observation: Observation, claim: Int32?
  ) throws -> InvertedBatch {
    if case .attackFailed(let reason) = found.outcome {
      return InvertedBatch(
        row: row, of: observation, images: [], claim: claim, failure: reason)
    }
    return InvertedBatch(
      row: row, of: observation, images: try observation.pixels(found.inputs),
      labels: claim == nil ? found.labels : [], claim: claim)
  }
}
