public import Components
public import Federation
public import Randomness
internal import Tensors

/// Inner-product manipulation with the factor that hurts the rule in force most.
///
///     m = -ε · mean(benign),  ε found by line search for the largest ‖rule(all) - mean(benign)‖
///
/// A fixed ε is right for one rule and harmless to the next; this one asks the server's own chain,
/// pre-aggregators included, and adapts to every round. The published search tries positive ε only:
/// `variant: positive`. Where the rule would hold the model, the deviation counts as that of standing
/// still.
/// It is a search, not an optimum: where the rule jumps, as Krum does, twenty steps may miss a better
/// ε.
///
/// Example: the plain mean has no best ε: 20 evaluations double the step from 10 nineteen times and
/// send -5242870 times the mean.
///
/// Source: Allouah et al. 2023, *Fixing by Mixing: A Recipe for Optimal Byzantine ML under
/// Heterogeneity*, section 6 (optimised attacks); the search as in the ByzFL library.
public struct OptIPM: Corruption {
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
    name: "opt-ipm",
    summary: "The benign mean reversed, scaled by what moves the server's own rule most.",
    formula: "m = -ε · mean(benign), ε maximises ‖rule(all) - mean(benign)‖",
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
    let mean = try view.benign(parameters.knowledge).mean()
    let line = try view.rule(parameters.knowledge).line(
      from: Vector(zeros: mean.count), along: mean)
    let epsilon = try parameters.variant.best(evaluations: parameters.evaluations) {
      try line.answer(at: -$0).deviation(from: mean)
    }
    var delta = mean
    delta.scale(by: -Float(epsilon))
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }
}
