public import Components
public import Federation
internal import Learning
internal import MembershipInference
internal import Tensors

/// A member's gradient is a part of the update: the mean over rounds of the cosine between the two.
///
/// The example's gradient is taken at the model that the round started from. With `view: sum` it is
/// compared with the change of the global model.
///
/// Source: Li, Li, Sun et al., "Effective passive membership inference attacks in federated
/// learning against overparameterized models", ICLR 2023.
public struct GradientCosine: MembershipAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "gradient-cosine",
    summary: "A member's gradient points along the client's update.",
    formula: "mean over rounds of cos(∇loss(x; w^t), -Δ_k^t)",
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

  /// One gradient a candidate.
  public func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]? {
    guard let change = round.change(seenBy: parameters.view, of: asked.client) else { return nil }
    return try round.probe(asked).cosines(
      at: round.observation.modelBefore, with: [UpdateDirection(delta: change)])[0]
  }
}
