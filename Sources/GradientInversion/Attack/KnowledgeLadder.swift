public import Components
internal import Learning
public import Randomness

/// The same attack with one thing less known at each rung: where it falls off shows what it lived
/// on.
///
/// Settings that lean on what is gone fall back on what an attacker would do instead: labels are
/// recovered from the gradient, the box is dropped without the normalisation, an unrolled attack
/// without the hyper-parameters takes the update for a gradient if it is one. Where nothing is left
/// to fall back on the rung says so.
public struct KnowledgeLadder: Sendable {
  /// One rung.
  public struct Rung: Sendable {
    /// What was taken away here; nil on the first, where all is known.
    public let removed: Capability?
    /// What is still known.
    public let capabilities: Set<Capability>
    /// What the attack found, or why it could not run.
    public let result: Result<Reconstruction, Refusal>
  }

  /// Why a rung could not run.
  public struct Refusal: Error, Sendable, CustomStringConvertible {
    /// In words.
    public let description: String
  }

  /// From everything known to the least.
  public let rungs: [Rung]

  /// Runs the attack once for each rung, from the same random stream.
  ///
  /// - Parameters:
  ///   - order: What to take away, one after the other; what was not known anyway is skipped.
  ///   - workers: Threads of each run.
  public init(
    _ attack: GradientMatchingAttack, on problem: InversionProblem, removing order: [Capability],
    workers: Int = 1, using generator: Generator
  ) {
    var knowledge = problem.knowledge
    var steps: [(Capability?, AttackerKnowledge)] = [(nil, knowledge)]
    for capability in order where knowledge.capabilities.contains(capability) {
      knowledge = knowledge.without(capability, classes: problem.network.classes)
      steps.append((capability, knowledge))
    }
    rungs = steps.map { removed, knowledge in
      Rung(
        removed: removed, capabilities: knowledge.capabilities,
        result: Self.run(attack, problem, knowledge, workers, generator))
    }
  }

  private static func run(
    _ attack: GradientMatchingAttack, _ problem: InversionProblem,
    _ knowledge: AttackerKnowledge, _ workers: Int, _ generator: Generator
  ) -> Result<Reconstruction, Refusal> {
    do {
      let rung = try InversionProblem(
        network: problem.network, parameters: problem.parameters, observed: problem.observed,
        knowledge: knowledge, mode: problem.mode)
      let adapted = GradientMatchingAttack(
        attack.settings.adapted(to: knowledge), arithmetic: attack.arithmetic)
      return .success(try adapted.run(on: rung, workers: workers, using: generator))
    } catch {
      return .failure(Refusal(description: "\(error)"))
    }
  }
}

extension AttackSettings {
  /// The settings an attacker with this knowledge would choose in place of those that need more.
  public func adapted(to knowledge: AttackerKnowledge) -> AttackSettings {
    var settings = self
    if settings.labels == .known, knowledge.labels == .unknown {
      settings.labels = .recovered(.biasCorrected)
    }
    if knowledge.inputRange == nil { settings.box = false }
    if knowledge.training == nil { settings.flow = .gradient }
    if settings.flow == .unroll, let training = knowledge.training, training.epochs > 1,
      !knowledge.knowsOrder
    {
      settings.flow = .dummiesByEpoch
    }
    return settings
  }
}
