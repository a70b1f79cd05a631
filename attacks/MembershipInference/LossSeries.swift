public import Components
public import Federation
internal import Learning
internal import MembershipInference
internal import Tensors

/// Members have a small loss: the mean over rounds of the negated loss.
///
/// Of the client's own model (`view: client`), which its update reveals, or of the global one
/// (`view: sum`), which everybody has under any transport and which tells of all clients' data
/// together.
///
/// Source: Yeom, Giacomelli, Fredrikson, Jha, "Privacy risk in machine learning" (arXiv
/// 1709.01604), as a series over rounds in Zhu et al., "FedMIA" (arXiv 2402.06289), section 5.
public struct LossSeries: MembershipAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "loss-series",
    summary: "Members have a small loss, round after round.",
    formula: "mean over rounds of -loss(x; w^t + Δ_k^t); view sum: of -loss(x; w^(t+1))",
    citation: "Yeom et al. 2018; Zhu et al. 2024, section 5",
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

  /// One forward pass over the candidates.
  public func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]? {
    guard let change = round.change(seenBy: parameters.view, of: asked.client) else { return nil }
    return try round.probe(asked).negatedLosses(round.observation.modelBefore + change)
  }
}
