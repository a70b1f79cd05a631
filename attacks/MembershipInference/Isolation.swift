public import Components
public import Federation
internal import MembershipInference
public import Randomness
public import Tensors

/// The server never mixes its victims: each is sent its own last model in place of the global one,
/// and learns its data by heart, undisturbed by others.
///
///     sent to victim k:  w_k^(t-1) + Δ_k^(t-1), the global model in the first round
///     score of x:        mean over rounds of -loss(x; w_k^t + Δ_k^t)
///
/// Clients that nobody asks about are treated honestly, and the victims' updates go into the global
/// model as ever.
///
/// Source: Nasr, Shokri, Houmansadr, "Comprehensive privacy analysis of deep learning" (arXiv
/// 1812.00910), sections III.B and V.D (isolating attacker).
public struct Isolation: MembershipAttack, ServerTampering {
  /// Name, meaning and source.
  public static let card = Card(
    name: "isolation",
    summary: "The server sends each victim its own last model, never the mixture.",
    formula: "send w_k + Δ_k; score = mean over rounds of -loss(x; w_k + Δ_k)",
    citation: "Nasr et al. 2019, arXiv 1812.00910, sections III.B and V.D",
    needs: MembershipView.client.needs.union([.weightModification]), control: .membership(),
    parameters: MembershipQuestion.parameters)

  /// 10 clients, 100 candidates of each kind.
  public static let defaults = MembershipQuestion()

  /// The parameters in force.
  public let parameters: MembershipQuestion

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: MembershipQuestion = MembershipQuestion()) throws {
    try parameters.validate()
    self.parameters = parameters
  }

  /// How much it is asked.
  public var question: MembershipQuestion { parameters }

  /// The victim's own last model.
  public func tamper(
    _ model: Vector, for sending: Sending, memory: inout Memory
  ) -> Vector {
    guard sending.candidates.contains(where: { $0.client == sending.client }) else { return model }
    return memory[Victims.self]?.models[sending.client] ?? model
  }

  /// Moves each victim's model on, and asks it.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    var notes = memory[MembershipNotes.self] ?? MembershipNotes()
    var victims = memory[Victims.self] ?? Victims()
    let round = SeenRound(observation)
    for asked in observation.candidates {
      notes.meet(asked)
      guard let delta = round.delta(of: asked.client) else { continue }
      let model = (victims.models[asked.client] ?? observation.modelBefore) + delta
      victims.models[asked.client] = model
      notes.add(try round.probe(asked).negatedLosses(model), about: asked.client)
    }
    memory[MembershipNotes.self] = notes
    memory[Victims.self] = victims
  }

  /// Nothing: what is asked depends on earlier rounds.
  public func scores(_ asked: Candidates, in round: SeenRound) -> [Double]? { nil }

  /// Each victim's model.
  private struct Victims: Codable { var models: [Int: Vector] = [:] }
}
