public import Components
public import Federation
public import Randomness
internal import Tensors

/// The benign mean pushed back as far as the rule in force lets it take effect.
///
///     m = μ - γp,  p = μ/‖μ‖, sign(μ) or σ: `direction`
///     objective distance:   γ with the largest ‖rule(all) - μ‖
///     objective selection:  the largest γ at which the rule keeps every crafted update, or only such
///     search: γ = 10, step = 10; success: note γ, γ ← γ + step/2; else γ ← γ - step/2; halve the step
///
/// The paper derives the objective from the rule: selection for Krum, Multi-Krum and Bulyan, distance
/// for the coordinate rules. `automatic` does the same by asking whether the rule keeps a set. A push
/// succeeds by distance when it beats the best so far; the authors' notebooks compare with the trial
/// before, better or not.
///
/// γ is in units of p: with unit p in those of the updates themselves, and 20 is the most it reaches.
///
/// Example: against the plain mean every push beats the one before: γ = 10 + 5 + 2.5 + … = 20.
///
/// Source: Shejwalkar, Houmansadr 2021, *Manipulating the Byzantine: Optimizing Model Poisoning
/// Attacks and Defenses for Federated Learning*, section IV.B and algorithm 1.
public struct AGRTailored: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The direction p of the push.
    public var direction = Perturbation.unit
    /// When a push succeeds.
    public var objective = Objective.automatic
    /// The first γ, and the first step.
    public var initial = 10.0
    /// The difference to the last success at which the search ends.
    public var tolerance = 1e-5
    /// Whose updates count as benign.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// When a push succeeds.
  public enum Objective: String, CaseIterable, Codable, Hashable, Sendable {
    /// By selection if the rule keeps a set, otherwise by distance.
    case automatic
    /// When the aggregate is farther from the benign mean than ever before.
    case distance
    /// When the rule keeps every crafted update, or returns it alone.
    case selection
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "agr-tailored",
    summary: "The benign mean pushed back as far as the server's own rule lets it take effect.",
    formula: "m = μ - γp, γ maximises ‖rule(all) - μ‖, or is the largest that the rule keeps",
    citation: "Shejwalkar and Houmansadr 2021, section IV.B",
    needs: [.ownUpdates, .honestUpdates, .aggregationRule],
    control: .accuracyLoss(),
    parameters: [
      .init("direction", "direction p of the push", range: "unit, sign or std"),
      .init("objective", "when a push succeeds", range: "automatic, distance or selection"),
      .init("initial", "first γ and first step", range: "greater than 0"),
      .init("tolerance", "step at which the search ends", range: "greater than 0"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// The paper's search along the unit vector, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    for (key, value) in [("initial", parameters.initial), ("tolerance", parameters.tolerance)] {
      check.positive(key, value)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this direction, objective and knowledge.
  public init(
    direction: Perturbation = .unit, objective: Objective = .automatic,
    knowledge: ThreatModel.Knowledge = .omniscient
  ) throws {
    try self.init(
      Parameters(direction: direction, objective: objective, knowledge: knowledge))
  }

  /// The rule, and the honest updates only when told to use them.
  public var needs: Set<Capability> { parameters.knowledge.needs.union([.aggregationRule]) }

  /// The same vector for every colluder. O(nd) and about twenty questions.
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let benign = try view.benign(parameters.knowledge)
    let mean = benign.mean()
    let push = parameters.direction.direction(of: benign, mean: mean)
    let line = try view.rule(parameters.knowledge).line(from: mean, along: push)
    var best = -1.0
    let gamma = try largestSuccess { gamma in
      let answer = try line.answer(at: -gamma)
      if parameters.objective != .distance, let kept = answer.kept {
        return kept.allSatisfy { $0 }
          || Self.isThatUpdate(answer.aggregate, mean: mean, push: push, gamma: gamma)
      }
      if parameters.objective == .selection { return false }
      let deviation = answer.deviation(from: mean)
      defer { best = max(best, deviation) }
      return deviation > best
    }
    var delta = mean
    delta.add(push, scale: -Float(gamma))
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }

  /// Whether the rule returned the crafted update itself: Krum keeps one of the copies.
  private static func isThatUpdate(
    _ aggregate: Vector?, mean: Vector, push: Vector, gamma: Double
  ) -> Bool {
    guard let aggregate else { return false }
    var crafted = mean
    crafted.add(push, scale: -Float(gamma))
    return aggregate.squaredDistance(to: crafted) <= 1e-10 * crafted.squaredNorm
  }

  /// The last γ that succeeded in the halving search; 0 if none did.
  private func largestSuccess(_ succeeds: (Double) throws -> Bool) rethrows -> Double {
    var success = 0.0
    var gamma = parameters.initial
    var step = parameters.initial
    while abs(success - gamma) > parameters.tolerance, step > 0 {
      if try succeeds(gamma) {
        success = gamma
        gamma += step / 2
      } else {
        gamma -= step / 2
      }
      step /= 2
    }
    return success
  }
}
