public import Components
internal import Datasets
public import Federation
public import GradientInversion
internal import Learning
public import Randomness

/// TabLeak: rows of a table from their gradient, every column within its bounds by construction,
/// the median of 30 restarts matched row by row.
///
/// For standardised tables, whose columns it seeks within some deviations of their means. A
/// column is right within 0.319 deviations; beside it stand what the mean row and somebody else's
/// row get.
///
/// Source: Vero, Balunovic, Dimitrov, Vechev 2023, *TabLeak: Tabular Data Leakage in Federated
/// Learning*, section 4.
public struct TabLeak: InversionObserver {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's updates are attacked.
    public var updates = 4
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
    /// Steps of the search; nil takes the paper's.
    public var steps: Int?
    /// Independent searches; nil takes the paper's.
    public var restarts: Int?
    /// Where labels come from; the paper knows them.
    public var labels = MatchingParameters.Labels.known
    /// Deviations on either side of a column's mean within which its values are sought.
    public var bound = 4.0
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "tableak",
    summary: "Rows of a standardised table: bounded columns, the median of 30 restarts.",
    citation: "Vero et al. 2023, section 4",
    needs: [.individualUpdates, .batchSize, .trainingParameters, .inputNormalisation],
    control: .figure(
      TableJudge.gain, atLeast: 0.2,
      summary: "at least a fifth more of the columns is right than in the mean row"
    ).tried(
      in: .init(
        parameters: "{updates: 2, restarts: 4}", model: "mlp: {hidden: [100]}",
        data: "breast-cancer", batch: 4)),
    parameters: MatchingParameters.cards + [
      .init(
        "bound", "deviations from a column's mean within which values are sought",
        range: "greater than 0")
    ])

  /// The paper's settings, four updates of the first round.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    Self.matching(parameters).check(&check)
    check(
      "bound", parameters.bound > 0 && parameters.bound.isFinite,
      "must be a finite number greater than 0", got: parameters.bound)
    try check.finish()
    self.parameters = parameters
  }

  /// The updates that are attacked.
  public var target: InversionTarget { Self.matching(parameters).target }

  /// What the card says, and an oracle for labels that are to be known.
  public var needs: Set<Capability> { Self.card.needs.union(Self.matching(parameters).needs) }

  private static func matching(_ parameters: Parameters) -> MatchingParameters {
    var matching = MatchingParameters()
    (matching.updates, matching.rounds) = (parameters.updates, parameters.rounds)
    (matching.steps, matching.restarts) = (parameters.steps, parameters.restarts)
    matching.labels = parameters.labels
    return matching
  }

  /// The rows of one update, in the model's units.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    let found = try attack(on: observation).run(
      on: observation.problem(ofRow: row), workers: observation.workers, using: generator)
    return [rows(found, row, of: observation)]
  }

  /// The same search behind the defense.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    let informed = try AdaptiveAttack(
      attack(on: observation), on: observation.problem(ofRow: row), counters: counters,
      workers: observation.workers, using: generator)
    return InformedInversion(
      informed.found.map { [rows($0, row, of: observation)] }, gaps: informed.gaps)
  }

  private func attack(on observation: Observation) throws -> GradientMatchingAttack {
    let network = observation.network
    guard network.inputShape.count == 1,
      try observation.normalisation().method == .standard
    else {
      throw InversionError.unsuitableModel(
        method: Self.card.name, reason: "its inputs are no row of a standardised table")
    }
    let column = TableColumn.number(lower: -parameters.bound, upper: parameters.bound)
    var settings = Self.matching(parameters).applied(
      to: InversionPreset.tableak(
        columns: [TableColumn](repeating: column, count: network.inputs)
      ).settings)
    if parameters.labels == .recovered { settings.labels = .recovered(.biasCorrected) }
    return GradientMatchingAttack(settings)
  }

  private func rows(
    _ found: Reconstruction, _ row: Int, of observation: Observation
  ) -> InvertedBatch {
    if case .attackFailed(let reason) = found.outcome {
      return InvertedBatch(row: row, of: observation, images: [], failure: reason)
    }
    return InvertedBatch(row: row, of: observation, images: found.inputs, labels: found.labels)
  }

  /// Scores rows instead of images.
  public func judge(
    _ guess: InvertedUpdates, against truth: GroundTruth
  ) throws -> Conclusion {
    try TableJudge(truth).judge(guess)
  }
}
