public import Components
internal import Learning
internal import Randomness
internal import SecureAggregation
internal import Tensors

/// A server that shows everybody but its target a model that learns nothing.
///
///     hidden units of the others:  relu(W x - 1000) = 0, so that their gradients are 0
///     Σ gradients = the target's gradient
///
/// The protocol keeps its promise, and the sum of one client's gradient and zeros is the gradient
/// of one client. Only the last layer's biases still learn with dead units; they are left out of
/// the comparison. Where clients bind their masks to a digest of the model they were shown
/// (`modelDigest`), the masks between the target and the others do not cancel: the server, which
/// here takes off each client's own mask under the model it showed it, is left with noise.
///
/// Source: Pasquini, Francati, Ateniese 2022, *Eluding Secure Aggregation in Federated Learning via
/// Model Inconsistency* (CCS 2022): gradient suppression.
public struct ModelInconsistency: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "model-inconsistency",
    summary:
      "All but the target are shown a model with dead units: the sum is the target's gradient.",
    formula: "Σ gradients = the target's, the others' being 0",
    citation: "Pasquini, Francati, Ateniese 2022")

  /// How alike the sum and the target's gradient are when it counts as told.
  static let told = 0.99

  /// The attack.
  public init() {}

  /// Both variants of the protocol, and masks bound to the model.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    let scene = try InconsistentModels(setting)
    return [
      try cell(setting, scene, .semiHonest, isBound: false),
      try cell(setting, scene, .active, isBound: false),
      try cell(setting, scene, .semiHonest, isBound: true),
      try cell(setting, scene, .active, isBound: true),
    ]
  }

  private func cell(
    _ setting: ProtocolAttackSetting, _ scene: InconsistentModels,
    _ security: MaskingSession.Security, isBound: Bool
  ) throws -> ProtocolFinding {
    let n = setting.clients
    let encoding = try FixedPointEncoding(clip: 1, bits: 16, clients: n)
    var rounding = setting.generator("rounding of gradients")
    let inputs = try scene.gradients.map { try encoding.encode($0, using: &rounding) }
    let session = try setting.session(
      security, threshold: n / 2 + 1, dimension: scene.network.parameterCount, ring: encoding.ring)
    let digests = scene.shown.map { isBound ? InconsistentModels.digest(of: $0) : [] }
    let parties = try ProtocolParties(
      in: session, inputs: inputs, identities: setting.identities(),
      secrets: setting.secrets("models"), modelDigests: digests)
    let server = parties.dishonestServer()
    try server.followProtocol()
    var sum = RingVector(zeros: session.dimension, in: session.ring)
    for client in 0..<n {
      let secret = server.rebuilt(server.gathered(of: client).selfMask)
      if let masked = server.withoutSelfMask(client, secret: secret, modelDigest: digests[client]) {
        try sum.add(masked)
      }
    }
    // Codes around the middle, in signed units.
    let middle = UInt64(n) * (encoding.largestCode / 2)
    let modulus = Int64(session.ring.modulus)
    let decoded = Vector(
      (0..<scene.network.parameterCount).map { index in
        let value = (Int64(sum[index]) - Int64(middle) + modulus) % modulus
        return Float(value < modulus / 2 ? value : value - modulus) * Float(encoding.step)
      })
    let cosine = scene.cosine(decoded, scene.gradients[0])
    let outcome: String
    do {
      _ = try encoding.decode(sum)
      outcome = "a mean came out"
    } catch {
      outcome = "an honest server finds no mean: \(error)"
    }
    return ProtocolFinding(
      attack: Self.card.name,
      variant: "\(security.rawValue), model \(isBound ? "bound" : "not bound")",
      adversary: "server that shows different models", metric: "cosine with gradient",
      value: cosine, control: scene.control, succeeded: cosine >= Self.told,
      expected: isBound ? .fails : .succeeds, evidence: outcome)
  }
}
