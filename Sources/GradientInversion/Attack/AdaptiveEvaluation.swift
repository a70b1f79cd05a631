internal import Federation
public import Randomness

/// An attack on a defended client, twice: as it is, and by an attacker who knows the defense. What
/// the defense is worth is the worse of the two.
///
/// A failed run counts for nothing. Where no adaptive attack is known, `adaptive` is nil and
/// `nonAdaptiveOnly` says why; a report must say so beside the number.
///
/// Sources: Tramèr, Carlini, Brendel, Mądry, On Adaptive Attacks, NeurIPS 2020; Balunović,
/// Dimitrov, Staab, Vechev, Bayesian Framework for Gradient Leakage, ICLR 2022.
public struct AdaptiveEvaluation: Sendable {
  /// One of the two.
  public struct Run: Sendable {
    /// What was found.
    public let found: Reconstruction
    /// How near it is, larger is nearer; nil where the attack failed.
    public let score: Double?
  }

  /// The attack that does not know the defense.
  public let plain: Run
  /// The one that does; nil if nobody knows how.
  public let adaptive: Run?
  /// Why there is no adaptive attack, or none on all of the defenses.
  public let nonAdaptiveOnly: String?

  /// The worse of the two for the defender; nil where both failed.
  public var worse: Run? {
    [plain, adaptive].compactMap { $0 }.filter { $0.score != nil }
      .max { ($0.score ?? 0) < ($1.score ?? 0) }
  }

  /// Whether the attacker gains by knowing the defense.
  public var isAdaptiveWorse: Bool { (adaptive?.score ?? -.infinity) > (plain.score ?? -.infinity) }

  /// Runs both from the same random stream.
  ///
  /// - Parameters:
  ///   - attack: The attack as it is on an undefended client.
  ///   - problem: What was observed; what it knows of defenses is left to the second run.
  ///   - counters: What the attacker does about each defense.
  ///   - workers: Threads of each run.
  ///   - score: How near a reconstruction is to the truth, larger is nearer. Called after the runs,
  ///     so that nothing is chosen by it.
  /// - Throws: What the attack, or `score`, throws.
  public init(
    _ attack: GradientMatchingAttack, on problem: InversionProblem, counters: [InversionCounter],
    workers: Int = 1, using generator: Generator, score: (Reconstruction) throws -> Double
  ) throws {
    func run(_ attack: GradientMatchingAttack, _ problem: InversionProblem) throws -> Run {
      try Self.scored(try attack.run(on: problem, workers: workers, using: generator), score)
    }
    var knowledge = problem.knowledge
    knowledge.defenses = []
    plain = try run(attack, try problem.with(knowledge))
    var candidates = [attack.settings]
    var reasons: [String] = []
    var unmet = 0
    for counter in counters {
      switch counter {
      case .forwardModel(let model): knowledge.defenses.append(model)
      case .ignoring(let tensors):
        candidates = candidates.map { $0.ignoring(tensors) }
      case .transformed(let lists):
        let examples = try problem.examples(for: "an attack on transformed examples")
        let choices = Self.choices(of: lists, examples: examples)
        if choices.isEmpty {
          reasons.append(
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
        reasons.append(reason)
        unmet += 1
      }
    }
    nonAdaptiveOnly = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    guard unmet < counters.count else {
      adaptive = nil
      return
    }
    let aware = try problem.with(knowledge)
    let found = try candidates.map { settings in
      try GradientMatchingAttack(settings, arithmetic: attack.arithmetic).run(
        on: aware, workers: workers, using: generator)
    }
    // Chosen by the distance, as an attacker must.
    let best = found.filter { $0.outcome == .found }.min {
      ($0.best?.objective ?? .infinity) < ($1.best?.objective ?? .infinity)
    }
    adaptive = try (best ?? found.first).map { try Self.scored($0, score) }
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

  private static func scored(
    _ found: Reconstruction, _ score: (Reconstruction) throws -> Double
  ) throws -> Run {
    Run(found: found, score: found.outcome == .found ? try score(found) : nil)
  }
}

extension InversionProblem {
  fileprivate func with(_ knowledge: AttackerKnowledge) throws(InversionError) -> InversionProblem {
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
