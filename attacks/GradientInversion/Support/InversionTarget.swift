internal import Components

/// Which updates an inversion attack goes for: fixed before the run, so that nobody can pick those that
/// came out well.
public struct InversionTarget: Sendable, Hashable {
  /// A point of the run.
  public enum When: String, Codable, CaseIterable, Sendable, Hashable {
    /// The first round: an untrained model.
    case initial
    /// The middle one.
    case middle
    /// The last one.
    case final
  }

  /// How many updates of a round: the first ones, in the order of the clients' numbers.
  public var updates: Int
  /// In which rounds.
  public var rounds: [When]

  /// A target.
  public init(updates: Int, rounds: [When]) {
    self.updates = updates
    self.rounds = rounds
  }

  /// Whether `round`, from 0, is one of those of a run of `count` rounds.
  public func includes(_ round: Int, of count: Int) -> Bool {
    rounds.contains { when in
      switch when {
      case .initial: round == 0
      case .middle: round == count / 2
      case .final: round == count - 1
      }
    }
  }

  func validate(_ check: inout ParameterCheck) {
    check("updates", updates >= 1, "must be 1 or more", got: updates)
    let words = rounds.map(\.rawValue).joined(separator: ", ")
    check("rounds", !rounds.isEmpty, "must name at least one of initial, middle, final", got: words)
    check(
      "rounds", Set(rounds).count == rounds.count, "must not name a round twice", got: words)
  }

  static let cards: [Card.Parameter] = [
    .init(
      "updates", "how many of a round's updates are attacked, the first ones", range: "1 or more"),
    .init("rounds", "when", range: "a list of initial, middle, final"),
  ]
}
