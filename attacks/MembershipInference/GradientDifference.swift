public import Components
public import Federation
internal import Learning
internal import MembershipInference
internal import Tensors

/// Taking a member's gradient away shortens the update: the mean over rounds of ‖U‖² - ‖U - g‖².
///
/// U and g must be in one unit, so that the update is divided by what its steps add up to: the
/// learning rate times the steps that the client claims. Of the sum, whose steps nobody claims, one
/// step is assumed.
///
/// Source: Li, Li, Sun et al., "Effective passive membership inference attacks in federated
/// learning against overparameterized models", ICLR 2023.
public struct GradientDifference: MembershipAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "gradient-difference",
    summary: "Taking a member's gradient away shortens the client's update.",
    formula: "mean over rounds of ‖U‖² - ‖U - g‖², g = ∇loss(x; w^t), U = -Δ_k^t/(η steps)",
    citation: "Li et al. 2023, ICLR",
    needs: MembershipView.client.needs.union([.trainingParameters]), control: .membership(),
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
  public var needs: Set<Capability> { parameters.view.needs.union([.trainingParameters]) }

  /// How much it is asked.
  public var question: MembershipQuestion { parameters.question }

  /// One gradient a candidate.
  ///
  /// - Throws: `FederationError.notGranted` if the threat model hides the learning rate.
  public func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]? {
    guard var change = round.change(seenBy: parameters.view, of: asked.client) else { return nil }
    let rate = try round.observation.training().learningRate(round: round.observation.round)
    let steps =
      parameters.view == .client
      ? round.rows[asked.client].flatMap { round.observation.items[$0].steps } ?? 1 : 1
    change.scale(by: Float(1 / (rate * max(steps, 1))))
    return try round.probe(asked).differences(
      at: round.observation.modelBefore, with: [UpdateDirection(delta: change)])[0]
  }
}
