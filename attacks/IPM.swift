public import Components
public import Federation
public import Randomness
internal import Tensors

/// Inner-product manipulation: all colluders send the benign mean reversed.
///
///     m = -ε · mean(benign)
///
/// A small ε hides among the honest updates and leads rules that pick the densest spot; the plain
/// mean turns negative exactly when ε > (n-f)/f, where the benign mean is the honest one.
///
/// Example: ε = 2 on the benign updates (1, 2, 3), (4, 5, 6), (7, 8, 9) gives (-8, -10, -12).
///
/// Source: Xie, Koyejo, Gupta 2020, *Fall of Empires: Breaking Byzantine-tolerant SGD by Inner
/// Product Manipulation*, section 4.
public struct IPM: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Length of the sent update in units of the benign mean.
    public var epsilon = 0.5
    /// Whose updates the mean is taken over.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "ipm",
    summary: "All colluders send the mean of the benign updates, reversed and scaled.",
    formula: "m = -ε · mean(benign)",
    citation: "Xie et al. 2020, section 4",
    needs: [.ownUpdates, .honestUpdates],
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("epsilon", "length in units of the benign mean", range: "greater than 0"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// The paper's ε = 0.5, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("epsilon", parameters.epsilon)
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this ε and knowledge.
  public init(epsilon: Double, knowledge: ThreatModel.Knowledge = .omniscient) throws {
    try self.init(Parameters(epsilon: epsilon, knowledge: knowledge))
  }

  /// The honest updates only when told to use them.
  public var needs: Set<Capability> { parameters.knowledge.needs }

  /// The same vector for every colluder. O(nd).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    var delta = try view.benign(parameters.knowledge).mean()
    delta.scale(by: -Float(parameters.epsilon))
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }
}
