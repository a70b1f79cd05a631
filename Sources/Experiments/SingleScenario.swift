internal import Attacks
internal import Components
public import Federation

/// One scenario of an experiment: one entry on every axis and one seed.
public struct SingleScenario: Sendable {
  /// What determines the run.
  public private(set) var scenario: Scenario
  /// What is run, line by line.
  public let summary: [String]
  /// What the run does to the data that the file does not say, a sentence each.
  public let notes: [String]
  private let cell: Cell

  /// The scenario that `selection` leaves of `experiment`; `seed` or the first seed.
  ///
  /// - Throws: `ConfigurationError` when an axis still has several entries, or when the
  ///   combination cannot exist.
  public init(_ experiment: Experiment, selection: Selection, seed: UInt64?) throws {
    var selection = selection
    let seed = seed ?? selection.seeds?.first ?? experiment.seeds.first ?? 1
    selection.seeds = [seed]
    let plan = try MatrixPlan(experiment, selection: selection)
    let asked = plan.cells.filter { !$0.isCompanion }
    guard let cell = asked.first, asked.count == 1 else {
      let several = Axis.allCases.filter { axis in
        Set(asked.map { $0.entry(axis).label }).count > 1
      }
      throw ConfigurationError(
        several.map { axis in
          let labels = experiment.entries(axis).map(\.label).joined(separator: ", ")
          return ConfigurationIssue(
            "\(axis.rawValue) has several entries (\(labels)); pick one with "
              + "--only \(axis.rawValue)=NAME, or use 'rampart matrix'", at: nil)
        })
    }
    if let refusal = cell.refusal {
      throw ConfigurationError("\(refusal)", at: cell.entry(.defense).position)
    }
    self.cell = cell
    scenario = try plan.workbench.scenario(of: cell, seed: seed)
    notes = try [
      plan.workbench.resizingNote(data: cell.entry(.data), model: cell.entry(.model), seed: seed)
    ].compactMap { $0 }
    summary =
      Axis.allCases.map { axis in
        axis.rawValue + String(repeating: " ", count: max(1, 11 - axis.rawValue.count))
          + cell.entry(axis).label
      } + ["seed       \(seed)"]
  }

  /// The same scenario with a ladder in place of its inversion attack: see `InversionLadder`.
  ///
  /// - Throws: `ConfigurationError` unless exactly one attack inverts updates, by a search.
  public func withLadder() throws -> SingleScenario {
    var copy = self
    let attacks = scenario.pipeline.attack.observers.compactMap { $0 as? any InversionObserver }
    guard let attack = attacks.first, attacks.count == 1 else {
      throw ConfigurationError(
        "a ladder needs one attack that inverts updates, found \(attacks.count)",
        at: cell.entry(.attack).position)
    }
    guard
      let ladder = InversionLadder(attack, granted: scenario.threat.grantedToObservers)
    else {
      throw ConfigurationError(
        "\(cell.entry(.attack).label) has no ladder: it does not search for inputs; take "
          + "inverting-gradients or another search", at: cell.entry(.attack).position)
    }
    copy.scenario.pipeline.attack.observers = [ladder]
    return copy
  }

  /// Runs it; `onRound` is called after every round.
  ///
  /// - Throws: `ConfigurationError` when the training options are to blame.
  public func run(
    workers: Int, onRound: (RoundRecord) throws -> Void
  ) throws -> RunRecord {
    do {
      return try scenario.run(workers: workers, onRound: onRound)
    } catch {
      throw cell.mistake(behind: error) ?? error
    }
  }
}
