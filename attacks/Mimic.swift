public import Components
public import Federation
public import Randomness
internal import Tensors

/// All colluders copy one honest client, the one whose overweight biases the average most.
///
///     z_0 random;   μ_t = t/(t+1) μ_{t-1} + 1/(t+1) mean(x)            for t < warm-up
///     z_{t+1} ∝ t/(t+1) z_t + 1/(t+1) normalised Σ_i ⟨x_i - μ_t, z_t⟩ (x_i - μ_t)
///     i* = argmax_i ⟨x_i, z⟩, chosen anew in the warm-up, then frozen;   m_j = x_{i*}
///
/// The crafted updates are honest ones, so no rule can tell them apart: robust rules that look for
/// the densest spot follow the copied client, and the others' data is not learned. It bites where
/// clients differ; on identically distributed data it does nothing.
///
/// z follows the direction of largest variance by power steps (Oja's rule). The honest updates of a
/// round are counted in client order: after the warm-up i* is the same client where everybody takes
/// part in every round, and otherwise the same place in that order.
///
/// Example: with `target: 0` on (1, 2, 3), (4, 5, 6), (7, 8, 9) every colluder sends (1, 2, 3).
///
/// Source: Karimireddy, He, Jaggi 2022, *Byzantine-Robust Learning on Heterogeneous Datasets via
/// Bucketing*, section 4.2 and appendix; the running means as in the authors' code.
public struct Mimic: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Whom to copy.
    public var target = Target.principal
    /// For how many rounds the target is searched; then it stays.
    public var warmUp = 10
    /// Whose updates may be copied.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// Whom to copy.
  public enum Target: WordOrNumber, ExpressibleByIntegerLiteral {
    /// The client farthest along the direction of largest variance.
    case principal
    /// Always this one of the benign updates, from 0.
    case index(Int)

    /// `target: 0` in code.
    public init(integerLiteral value: Int) { self = .index(value) }

    /// `principal`.
    public static let word = "principal"

    /// The value for this number; nil is `principal`.
    public init(_ number: Int?) { self = number.map(Self.index) ?? .principal }

    /// The number, unless it is `principal`.
    public var number: Int? {
      if case .index(let number) = self { number } else { nil }
    }
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "mimic",
    summary: "All colluders copy the honest client that biases the average most.",
    formula: "m = x_i*, i* = argmax ⟨x_i, z⟩, z by Oja's power steps on x_i - μ, then frozen",
    citation: "Karimireddy et al. 2022, section 4.2",
    needs: [.ownUpdates, .honestUpdates],
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("target", "whom to copy", range: "principal, or a place among the benign, from 0"),
      .init("warm-up", "rounds in which the target is searched", range: "1 or more"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// The principal client, searched for ten rounds, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    if case .index(let index) = parameters.target {
      check("target", index >= 0, "must be 0 or more, or 'principal'", got: index)
    }
    check.oneOrMore("warm-up", parameters.warmUp)
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this target, warm-up and knowledge.
  public init(
    target: Target = .principal, warmUp: Int = 10,
    knowledge: ThreatModel.Knowledge = .omniscient
  ) throws {
    try self.init(Parameters(target: target, warmUp: warmUp, knowledge: knowledge))
  }

  /// The honest updates only when told to use them.
  public var needs: Set<Capability> { parameters.knowledge.needs }

  /// What the warm-up has found.
  private struct Search: Codable {
    var rounds = 0
    var mean: Vector
    var direction: Vector
    var target = 0
  }

  /// The same benign update for every colluder. O(nd).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let benign = try view.benign(parameters.knowledge)
    let target: Int
    switch parameters.target {
    case .index(let index): target = index
    case .principal:
      var search =
        memory[Search.self]
        ?? Search(
          mean: Vector(zeros: benign.dimension),
          direction: Vector(generator.normals(benign.dimension)))
      if search.rounds < parameters.warmUp { Self.advance(&search, with: benign) }
      memory[Search.self] = search
      target = search.target
    }
    let delta = benign.row(min(target, benign.count - 1))
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }

  /// One round of the warm-up.
  private static func advance(_ search: inout Search, with benign: UpdateView) {
    let share = 1 / Float(search.rounds + 1)
    search.mean.scale(by: 1 - share)
    search.mean.add(benign.mean(), scale: share)

    // Σ_i w_i (x_i - μ) with w_i = ⟨x_i - μ, z⟩.
    let offset = search.mean.dot(search.direction)
    let weights = benign.innerProducts(with: search.direction).map { $0 - offset }
    var step = benign.combination(weights)
    step.add(search.mean, scale: -Float(weights.reduce(0, +)))
    let length = step.norm
    if length > 0 {
      search.direction.scale(by: 1 - share)
      search.direction.add(step, scale: share / Float(length))
      let norm = search.direction.norm
      if norm > 0 { search.direction.scale(by: Float(1 / norm)) }
    }

    let scores = benign.innerProducts(with: search.direction)
    search.target = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    search.rounds += 1
  }
}
