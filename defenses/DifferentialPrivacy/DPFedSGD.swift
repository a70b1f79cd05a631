public import Components
public import Federation

/// Differential privacy for whole clients that send one gradient each: `dp-fedavg` of gradients.
///
///     w ← w - η/m ( Σ_{k in cohort} g_k min(1, C/|g_k|) + N(0, (z C)² I) )
///
/// The norm is the gradients', so it does not change when the learning rate does: of the updates
/// -η g_k that clients send, each is clipped to η C. For the trainer `fedsgd` alone. Everything else
/// is as in `dp-fedavg`.
///
/// Example: η = 0.5 and C = 1: the update (3, 4), of the gradient (-6, -8), becomes (0.3, 0.4).
///
/// Source: McMahan, Ramage, Talwar, Zhang 2018, *Learning Differentially Private Recurrent Language
/// Models*, algorithm 1 (UserUpdateFedSGD).
public struct DPFedSGD: CentralPrivacy {
  /// What may be set.
  public typealias Parameters = ClientLevelParameters

  /// Name, meaning and source.
  public static let card = Card(
    name: "dp-fedsgd",
    summary: "A trusted server clips clients' gradients and adds noise: privacy for clients.",
    formula: "-η/m (Σ g_k min(1, C/|g_k|) + N(0, (z C)² I))",
    citation: "McMahan et al. 2018, algorithm 1",
    needs: [.individualUpdates],
    parameters: ClientLevelParameters.documentation)

  /// Epsilon 3 at delta 1e-5, norm 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.check(&check)
    try check.finish()
    self.parameters = parameters
  }

  /// What the parameters say.
  public var terms: PrivacyTerms { parameters.terms }

  /// Clients must send gradients.
  public func refusal(in pipeline: RoundPipeline) -> Refusal? {
    guard pipeline.trainer.cardName != "fedsgd" else { return nil }
    return Refusal(
      component: Self.card.name,
      reason: "clips gradients, and \(pipeline.trainer.cardName) sends more than one",
      suggestion: "train with fedsgd, or take dp-fedavg")
  }

  /// The learning rate: updates are that many gradients.
  public func clippingUnit(_ training: TrainingOptions, round: Int) -> Double {
    training.learningRate(round: round)
  }
}
