public import Components
public import Federation
internal import Learning
internal import MembershipInference
public import Randomness
internal import Tensors

/// Colluding clients push the global model up the loss of the candidates; who trains on one of them
/// pulls it back, and the next global model shows it.
///
///     sent:        own clean update + γ ∇ mean loss of all candidates at the global model
///     score of x:  mean over rounds of -loss(x; w^(t+1))
///
/// The colluders see global models only, so that the attack works through sums and masks. What it
/// finds is whether an example is anybody's: other clients' members look like the client's own.
///
/// Source: Nasr, Shokri, Houmansadr, "Comprehensive privacy analysis of deep learning" (arXiv
/// 1812.00910), sections III.B and V.D (active local attacker).
public struct ClientAscent: MembershipAttack, Corruption {
  /// Name, meaning and source.
  public static let card = Card(
    name: "client-ascent",
    summary: "Colluding clients push the model against the candidates; members are pulled back.",
    formula: "send Δ + γ g(w); score = mean over rounds of -loss(x; w^(t+1))",
    citation: "Nasr et al. 2019, arXiv 1812.00910, sections III.B and V.D",
    needs: MembershipView.sum.needs, control: .membership(),
    parameters: AscentQuestion.parameters)

  /// γ = 0.5, 10 clients, 100 candidates of each kind.
  public static let defaults = AscentQuestion()

  /// The parameters in force.
  public let parameters: AscentQuestion

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: AscentQuestion = AscentQuestion()) throws {
    try parameters.validate()
    self.parameters = parameters
  }

  /// How much it is asked.
  public var question: MembershipQuestion { parameters.question }

  /// The colluders' clean updates, pushed.
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let clean = view.colluders.indices.map { view.own.row($0) }
    guard let push = try Self.push(view, rate: parameters.rate) else {
      return clean.map { CraftedUpdate($0) }
    }
    return clean.map { CraftedUpdate($0 + push) }
  }

  /// The step against all candidates; nil without any.
  private static func push(_ view: CorruptionView, rate: Double) throws -> Vector? {
    let all = view.candidates.map(\.examples)
    guard let first = all.first, let network = view.network else { return nil }
    let examples = try LabeledExamples(
      features: all.flatMap(\.features), labels: all.flatMap(\.labels), shape: first.shape,
      classes: first.classes)
    return try GradientAscent(rate: rate).step(
      from: view.globalModel, against: ExampleProbe(network, examples))
  }

  /// The negated loss of the global model.
  public func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]? {
    try round.probe(asked).negatedLosses(round.observation.modelAfter)
  }
}
