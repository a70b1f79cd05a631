internal import Learning
public import Randomness

/// An attack by somebody who knows what clients do to their examples and updates: the defense as it
/// is set up, not its random numbers.
///
/// Forward models are put between candidate and message, tampered tensors are left out, and every
/// combination of transformations is searched; of several searches the one whose gradient comes
/// nearest counts, as an attacker must choose.
///
/// Sources: Tramèr, Carlini, Brendel, Mądry, On Adaptive Attacks, NeurIPS 2020; Balunović,
/// Dimitrov, Staab, Vechev, Bayesian Framework for Gradient Leakage, ICLR 2022.
public struct AdaptiveAttack: Sendable {
  /// What was found; nil if nobody knows how to go about any of the defenses.
  public let found: Reconstruction?
  /// What of the defenses the attack does not make use of, and why.
  public let gaps: [String]

  /// Runs the attack.
  ///
  /// - Parameters:
  ///   - attack: The attack as it is on an undefended client.
  ///   - problem: What was observed; what it knows of defenses is added to by `counters`.
  ///   - counters: What the attacker does about each defense, first to last.
  ///   - workers: Threads of each run.
  /// - Throws: What the attack throws.
  /// - Complexity: one search, or up to 64 behind transformations.
  public init(
    _ attack: GradientMatchingAttack, on problem: InversionProblem, counters: [InversionCounter],
    workers: Int = 1, using generator: Generator
  ) throws {
    var problem = problem
    var knowledge = problem.knowledge
    var candidates = [attack.settings]
    var gaps: [String] = []
    var unmet = 0
    for counter in counters {
      switch counter {
      case .forwardModel(let model): knowledge.defenses.append(model)
      case .ignoring(let tensors):
        candidates = candidates.map { $0.ignoring(tensors) }
      case .sampled(let layer):
        let names = problem.network.layout.segments.map(\.name)
        let start = names.firstIndex { $0.hasPrefix("\(layer).") } ?? names.endIndex
        candidates = candidates.map { $0.ignoring(Array(names[start...])) }
        problem = try problem.knowingDraw(of: layer) ?? problem
      case .transformed(let lists):
        let examples = try problem.examples(for: "an attack on transformed examples")
        let choices = Self.choices(of: lists, examples: examples)
        if choices.isEmpty {
          gaps.append(
            "too many combinations of transformations; one for the whole batch was tried")
        }
        candidates = candidates.flatMap { settings in
          (choices.isEmpty ? lists.map { [$0] } : choices).map { choice in
            var settings = settings
            settings.clientInputs = .transformed(choice)
            return settings
          }
        }
      case .mixed:
        candidates = candidates.map { settings in
          var settings = settings
          settings.clientInputs = .mixed
          return settings
        }
      case .nonAdaptiveOnly(let reason):
        gaps.append(reason)
        unmet += 1
      }
    }
    self.gaps = gaps
    guard unmet < counters.count else {
      found = nil
      return
    }
    let aware = try problem.with(knowledge)
    let runs = try candidates.map { settings in
      try GradientMatchingAttack(settings, arithmetic: attack.arithmetic).run(
        on: aware, workers: workers, using: generator)
    }
    found =
      runs.filter { $0.outcome == .found }.min {
        ($0.best?.objective ?? .infinity) < ($1.best?.objective ?? .infinity)
      } ?? runs.first
  }

  /// Every way to give each example one of the lists; none if there are more than 64.
  private static func choices(
    of lists: [[ImageTransformation]], examples: Int
  ) -> [[[ImageTransformation]]] {
    var choices: [[[ImageTransformation]]] = [[]]
    for _ in 0..<examples {
      guard choices.count * lists.count <= 64 else { return [] }
      choices = choices.flatMap { choice in lists.map { choice + [$0] } }
    }
    return choices
  }
}

extension InversionProblem {
  /// The same with other knowledge.
  func with(_ knowledge: AttackerKnowledge) throws(InversionError) -> InversionProblem {
    try InversionProblem(
      network: network, parameters: parameters, observed: observed, knowledge: knowledge,
      mode: mode)
  }
}

extension AttackSettings {
  /// The same without some tensors; a mask by magnitude, which forward models give by themselves,
  /// is replaced.
  fileprivate func ignoring(_ tensors: [String]) -> AttackSettings {
    var settings = self
    if case .without(let others) = objective.mask {
      settings.objective.mask = .without(tensors: others + tensors)
    } else {
      settings.objective.mask = .without(tensors: tensors)
    }
    return settings
  }
}
