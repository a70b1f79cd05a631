public import Components
public import Federation
public import Randomness
internal import Tensors

/// A little is enough, with the shift that hurts the rule in force most.
///
///     m = μ + zσ,  z found by line search for the largest ‖rule(all) - μ‖
///
/// The quantile of ALIE is the same for every rule; this one asks the server's own chain,
/// pre-aggregators included, and adapts to every round. The published search tries positive z only:
/// `variant: positive`. σ divides by (count - 1).
/// It is a search, not an optimum: where the rule jumps, as Krum does, twenty steps may miss a better
/// z.
///
/// Example: with one benign update σ = 0, and the mean is sent whatever z.
///
/// Source: Allouah et al. 2023, *Fixing by Mixing: A Recipe for Optimal Byzantine ML under
/// Heterogeneity*, section 6 (optimised attacks); the search as in the ByzFL library.
public struct OptALIE: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Questions to the rule a round, for each sign.
    public var evaluations = 20
    /// Which factors are tried.
    public var variant = SearchedSigns.both
    /// Whose updates count as benign.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "opt-alie",
    summary: "The benign mean shifted by the number of deviations that moves the rule most.",
    formula: "m = μ + zσ, z maximises ‖rule(all) - μ‖",
    citation: "Allouah et al. 2023, section 6",
    needs: [.ownUpdates, .honestUpdates, .aggregationRule],
    control: .accuracyLoss(),
    parameters: [
      .init("evaluations", "questions to the rule a round and sign", range: "1 or more"),
      .init("variant", "factors tried", range: "both signs, or positive (ByzFL)"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// Twenty questions for each sign, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("evaluations", parameters.evaluations)
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this many questions, signs and knowledge.
  public init(
    evaluations: Int = 20, variant: SearchedSigns = .both,
    knowledge: ThreatModel.Knowledge = .omniscient
  ) throws {
    try self.init(
      Parameters(evaluations: evaluations, variant: variant, knowledge: knowledge))
  }

  /// The rule, and the honest updates only when told to use them.
  public var needs: Set<Capability> { parameters.knowledge.needs.union([.aggregationRule]) }

  /// The same vector for every colluder. O(nd) and the questions.
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let benign = try view.benign(parameters.knowledge)
    let mean = benign.mean()
    let deviation = benign.standardDeviation(correction: 1)
    let line = try view.rule(parameters.knowledge).line(from: mean, along: deviation)
    let z = try parameters.variant.best(evaluations: parameters.evaluations) {
      try line.answer(at: $0).deviation(from: mean)
    }
    var delta = mean
    delta.add(deviation, scale: Float(z))
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }
}
