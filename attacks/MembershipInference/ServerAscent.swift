public import Components
public import Federation
internal import Learning
internal import MembershipInference
public import Tensors

/// The server moves the model up the loss of its candidates before it sends it: a client that
/// trains on one of them pulls it back.
///
///     sent to client k:  w + γ ∇ mean loss of the candidates about k,   γ ‖∇‖ <= γ · bound
///     score of x:        mean over rounds of loss(x; sent) - loss(x; sent + Δ_k)
///
/// Each client is sent a model of its own. Clients that nobody asks about get the honest one. The
/// run's accuracy falls with γ: what that costs is in its results.
///
/// Source: Nasr, Shokri, Houmansadr, "Comprehensive privacy analysis of deep learning" (arXiv
/// 1812.00910), sections III.B and V.D (active global attacker, gradient ascent).
public struct ServerAscent: MembershipAttack, ServerTampering {
  /// Name, meaning and source.
  public static let card = Card(
    name: "server-ascent",
    summary: "The server moves the model against the candidates; members are pulled back.",
    formula: "send w + γ g; score = mean over rounds of loss(x; sent) - loss(x; sent + Δ_k)",
    citation: "Nasr et al. 2019, arXiv 1812.00910, sections III.B and V.D",
    needs: MembershipView.client.needs.union([.weightModification]), control: .membership(),
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

  /// Sends clients that it is asked about a model moved against their candidates.
  public func tamper(
    _ model: Vector, for sending: Sending, memory: inout Memory
  ) throws -> Vector {
    guard let asked = sending.candidates.first(where: { $0.client == sending.client }) else {
      return model
    }
    return model + (try step(from: model, asked, network: sending.network))
  }

  private func step(
    from model: Vector, _ asked: Candidates, network: Network
  ) throws -> Vector {
    try GradientAscent(rate: parameters.rate).step(
      from: model, against: ExampleProbe(network, asked.examples))
  }

  /// How far the client pulled each candidate back.
  public func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]? {
    guard let delta = round.delta(of: asked.client) else { return nil }
    let model = round.observation.modelBefore
    let sent = model + (try step(from: model, asked, network: round.observation.network))
    let probe = round.probe(asked)
    return zip(try probe.negatedLosses(sent + delta), try probe.negatedLosses(sent))
      .map { $0 - $1 }
  }
}
