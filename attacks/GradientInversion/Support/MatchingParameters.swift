internal import Components
internal import GradientInversion

/// What may be set of an attack that searches for inputs with the observed gradient.
public struct MatchingParameters: Codable, Hashable, Sendable {
  /// Where labels come from.
  public enum Labels: String, Codable, CaseIterable, Hashable, Sendable {
    /// The attack's own way: off the gradient, or sought with the inputs.
    case recovered
    /// From an oracle; the threat model must grant them.
    case known
    /// Only how often each occurs; the threat model must grant that.
    case counts
  }

  /// How many of a round's updates are attacked.
  public var updates = 4
  /// In which rounds.
  public var rounds = [InversionTarget.When.initial]
  /// Steps of the search; nil takes the paper's.
  public var steps: Int?
  /// Independent searches; nil takes the paper's.
  public var restarts: Int?
  /// Where labels come from.
  public var labels = Labels.recovered

  /// The usual ones.
  public init() {}

  /// The updates that are attacked.
  public var target: InversionTarget { InversionTarget(updates: updates, rounds: rounds) }

  /// Throws `ParameterError` naming every value out of range.
  func validate() throws(ParameterError) {
    var check = ParameterCheck()
    self.check(&check)
    try check.finish()
  }

  /// Notes every value out of range.
  func check(_ check: inout ParameterCheck) {
    target.validate(&check)
    if let steps { check("steps", steps >= 1, "must be 1 or more", got: steps) }
    if let restarts { check("restarts", restarts >= 1, "must be 1 or more", got: restarts) }
  }

  /// What the parameters ask for beyond the preset.
  var needs: Set<Capability> {
    switch labels {
    case .recovered: []
    case .known: [.exampleLabels]
    case .counts: [.labelCounts]
    }
  }

  func applied(to settings: AttackSettings) -> AttackSettings {
    var settings = settings
    if let steps { settings.steps = steps }
    if let restarts { settings.restarts = restarts }
    if labels != .recovered, settings.labels != .joint { settings.labels = .known }
    return settings
  }

  static let cards: [Card.Parameter] =
    InversionTarget.cards + [
      .init("steps", "steps of the search (default: the paper's)", range: "1 or more"),
      .init("restarts", "independent searches (default: the paper's)", range: "1 or more"),
      .init("labels", "where labels come from", range: "recovered, known or counts"),
    ]
}
