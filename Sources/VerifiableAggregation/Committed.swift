public import Components
internal import CryptoCore
public import Federation
public import Randomness
internal import SecureAggregation

/// Secure aggregation whose sum every client checks: the clients commit to their updates before
/// they mask them, and take a sum only if it opens the product of the commitments.
///
///     C_i = Π h_k^ρ_ik · Π g_j^x_ij,   accept z iff  Π_{i ∈ U} C_i = Π h_k^Σρ_k · Π g_j^z_j
///
/// Updates are masked as `double-masking` does against a server that may lie, and the server sees
/// no more than the sum. Clients then know of the sum that each survivor's update is in it as it
/// was sent, once and in this round, be the server and any other clients in league
/// (``CommittingClient`` says what that rests on). A sum that a client refuses is not used: the
/// model is held for the round. Who lied is not known: the server, or a client that masked another
/// update than it committed to.
///
/// With `tamper` the server lies in every round, or in round `tamper-round` alone, about the sum
/// that it has computed.
///
/// A client spends two multi-exponentiations as long as the update beyond masking, one to commit
/// and one to check; `verifiers` says how many clients check, in a simulation in which all would
/// find the same.
///
/// Source: Pedersen 1991, *Non-Interactive and Information-Theoretic Secure Verifiable Secret
/// Sharing* (Crypto 1991), on vectors; Bonawitz et al. 2017, figure 4, for the sum.
public struct Committed: Transport {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Coordinates are clipped to -clip...clip.
    public var clip = 8.0
    /// Bits of a coordinate.
    public var bits = 24
    /// The largest weight.
    public var maxWeight = 4096
    /// How many clients check the sum; 0 for all.
    public var verifiers = 0
    /// How the server lies.
    public var tamper = Tamper.none
    /// In which round it lies, from 1; 0 for every round.
    public var tamperRound = 0
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "committed",
    summary:
      "Masked updates are committed to, and clients take only the sum of what was committed.",
    formula: "accept z iff Π C_i = Π h_k^Σρ_k · Π g_j^z_j over the survivors i",
    citation: "Pedersen 1991; Bonawitz et al. 2017, figure 4",
    parameters: [
      .init("clip", "coordinates are clipped to -clip...clip", range: "above 0"),
      .init("bits", "bits of a coordinate", range: "2 to 32"),
      .init("max-weight", "the largest weight, a whole number", range: "1 or more"),
    ] + Tamper.parameters)

  /// Sums of coordinates of 24 bits, up to 8, checked by everybody.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Sums with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    MaskedDelivery.check(
      clip: parameters.clip, bits: parameters.bits, maxWeight: parameters.maxWeight, &check)
    Tamper.check(
      verifiers: parameters.verifiers, round: parameters.tamperRound, &check)
    try check.finish()
    self.parameters = parameters
  }

  private var delivery: MaskedDelivery {
    MaskedDelivery(
      name: cardName,
      quantization: .init(
        clip: parameters.clip, bits: parameters.bits, maxWeight: parameters.maxWeight))
  }

  /// The sum.
  public var reveals: Set<Capability> { [.sum, .globalModel] }

  /// Two.
  public var minimumClients: Int { delivery.minimumClients }

  /// The distance of two codes.
  public var resolution: Double { delivery.resolution }

  /// One item, and a refusal if the server lies.
  ///
  /// - Throws: `EncodingError` if the sums of so many clients do not fit 63 bits, `ParameterError`,
  ///   `SystemRandomness.Failure`.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery {
    try delivery.deliver(uploads, using: &generator) { group, _, books in
      var local = try aggregation(of: group, round: group.round)
      let tamper = parameters.tamper.told(in: group.round, only: parameters.tamperRound)
      local.tampering = try tampering(tamper, with: group)
      let run = try local.run()
      var masking = run.masking
      masking.costs = run.costs
      delivery.add(masking, to: &books)
      guard let outcome = run.masking.outcome else { return nil }
      // The server has computed the sum and knows it, whatever it announced.
      if run.sum == nil { books.refusal = refusal(run) }
      return (local.session.vector(of: outcome.sum), outcome.contributors)
    }
  }

  /// A session of its own, with fresh keys.
  private func aggregation(
    of group: MaskedDelivery.Group, round: Int
  ) throws -> LocalCommittedAggregation {
    let clients = group.inputs.count
    let session = try CommittedSession(
      id: SystemRandomness.bytes(32), round: UInt64(round), clients: clients,
      threshold: 2 * clients / 3 + 1, length: group.inputs[0].count, ring: group.encoding.ring)
    var local = try LocalCommittedAggregation(
      in: session, inputs: group.inputs,
      dropouts: Dictionary(uniqueKeysWithValues: group.silent.map { ($0, .maskedInput) }),
      workers: group.workers)
    local.verifiers = parameters.verifiers
    return local
  }

  /// The lie, if the server has what it takes.
  private func tampering(
    _ tamper: Tamper, with group: MaskedDelivery.Group
  ) throws -> Tampering? {
    switch tamper {
    case .none: return nil
    case .wrongSum: return .wrongSum
    case .swappedCoordinates: return .swappedCoordinates
    case .droppedUser: return .droppedUser
    case .replayedAggregate:
      // An earlier session of the same clients; that a run may end and go on between rounds, it is
      // held here and now.
      var earlier = try aggregation(of: group, round: group.round)
      earlier.verifiers = 1
      return try earlier.run().masking.outcome.map { Tampering.replayedAggregate($0.sum) }
    }
  }

  /// What the clients that checked know.
  private func refusal(_ run: LocalCommittedAggregation.Run) -> String {
    SharedRefusal(
      name: cardName, verifiers: run.verifiers.count,
      reasons: run.rejections.values.map { "\($0)" },
      blamesServer: run.rejections.values.contains { $0 != .wrongSum }
    ).sentence
  }
}
