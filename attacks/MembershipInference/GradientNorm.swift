public import Components
public import Federation
internal import Learning
internal import MembershipInference
internal import Tensors

/// Members have a small gradient: what was fitted pulls no more. The mean over rounds of -‖g‖.
///
/// Of the client's own model, or with `view: sum` of the global one.
///
/// Source: as a baseline in Li et al., "Effective passive membership inference attacks in federated
/// learning against overparameterized models", ICLR 2023.
public struct GradientNorm: MembershipAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "gradient-norm",
    summary: "Members have a small gradient.",
    formula: "mean over rounds of -‖∇loss(x; w^t + Δ_k^t)‖",
    citation: "Li et al. 2023, ICLR",
    needs: MembershipView.client.needs, control: .membership(),
    parameters: ViewedQuestion.parameters)

  /// The client's own; 10 clients, 100 candidates of each kind.
  public static let defaults = ViewedQuestion()

  /// The parameters in force.
  public let parameters: ViewedQuestion

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: ViewedQuestion = ViewedQuestion()) throws {
    try parameters.question.validate()
    self.parameters = parameters
  }

  /// The candidates, and clients' updates unless the view is the sum.
  public var needs: Set<Capability> { parameters.view.needs }

  /// How much it is asked.
  public var question: MembershipQuestion { parameters.question }

  /// One pass over the candidates; no gradient is formed.
  public func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]? {
    guard let change = round.change(seenBy: parameters.view, of: asked.client) else { return nil }
    return try round.probe(asked).negatedNorms(at: round.observation.modelBefore + change)
  }
}
