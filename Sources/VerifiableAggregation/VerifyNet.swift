public import Components
internal import CryptoCore
public import Federation
public import Randomness
internal import SecureAggregation

/// VerifyNet, reconstructed and repaired: proofs go with the masked updates, and clients take only
/// a sum that the product of the proofs is the proof of.
///
///     A = g^HF(x)   B = h^HF(x)   L = (g^k / A)^(1/d)   Q = (h^k / B)^(1/d)   a coordinate,
///     accept σ iff Π A = g^HF_N(σ), Π B = h^HF_N(σ), and the products have the exponents of Σ k
///
/// Updates are masked as `double-masking` does against a server that may lie. A trusted authority
/// gives all clients the same keys, here anew for every session. Clients then know that the sum is
/// that of the survivors' updates, as long as the server is in league with none of them: one client
/// that tells the server its keys lets it prove any sum. A sum that a client refuses is not used:
/// the model is held for the round. Who lied is not known: a client with a false proof spoils an
/// honest server's sum, too.
///
/// The forms, of which ``VerifyNetMode`` says what breaks them:
///
/// - `labelled`: a proof of 288 bytes for each coordinate, whose masks name session, round, user
///   and coordinate. Clients are safe from a lone server's forgeries; their updates are not from
///   its guesses, since a proof tells a server that tries all values of a coordinate which one is
///   right. What a transport reveals is what the protocol hands out: attacks on proofs are not
///   among the views of the round, but in `rampart secagg verify-attack`.
/// - `per-vector`: one proof, of 288 bytes, that hides the vector.
/// - `public-code`: as in public code, whose server can swap coordinates and repeat old sums. Then
///   clients accept the lie, and the round uses it.
///
/// All equations of a client are folded with random weights of 128 bits. Proofs of single
/// coordinates cost a client some tenths of a millisecond each to make and to check, and the server
/// as much for each client: rounds take seconds to minutes where those of `committed` take
/// milliseconds. `verifiers` says how many clients check, in a simulation in which all would find
/// the same.
///
/// Source: Xu, Li, Liu, Yang, Lin, *VerifyNet* (IEEE TIFS 15, 2020), by way of public
/// implementations (``VerifyNetMode``), not of the paper's text; Bonawitz et al. 2017, figure 4,
/// for the sum.
public struct VerifyNet: Transport {
  /// What is proved, and under which labels.
  public enum Mode: String, CaseIterable, Codable, Hashable, Sendable {
    /// Every coordinate, each under a label of its own.
    case labelled
    /// The whole vector at once.
    case perVector = "per-vector"
    /// Every coordinate under one label, as in public code.
    case publicCode = "public-code"

    var form: VerifyNetMode {
      switch self {
      case .labelled: .labelled
      case .perVector: .perVector
      case .publicCode: .publicCode
      }
    }
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Coordinates are clipped to -clip...clip.
    public var clip = 8.0
    /// Bits of a coordinate.
    public var bits = 24
    /// The largest weight.
    public var maxWeight = 4096
    /// What is proved.
    public var mode = Mode.labelled
    /// How many clients check the sum; 0 for all.
    public var verifiers = 0
    /// How the server lies.
    public var tamper = Tamper.none
    /// In which round it lies, from 1; 0 for every round.
    public var tamperRound = 0
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "verifynet",
    summary:
      "VerifyNet, reconstructed: proofs go with masked updates, and clients check the sum's.",
    formula: "A = g^HF(x), L = (g^k / A)^(1/d); accept σ iff Π A = g^HF_N(σ), Π A · Π L^d = g^Σk",
    citation: "Xu et al. 2020, by way of public implementations; Bonawitz et al. 2017, figure 4",
    parameters: [
      .init("clip", "coordinates are clipped to -clip...clip", range: "above 0"),
      .init("bits", "bits of a coordinate", range: "2 to 32"),
      .init("max-weight", "the largest weight, a whole number", range: "1 or more"),
      .init(
        "mode",
        "what is proved: each coordinate, which lets the server read it; the vector, hidden; or "
          + "coordinates as in public code, which also lets it lie",
        range: Mode.allCases.map(\.rawValue).joined(separator: ", ")),
    ] + Tamper.parameters)

  /// Sums of coordinates of 24 bits, up to 8, each proved, checked by everybody.
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

  /// One item: what the clients accept, or what the server knows beside a refusal.
  ///
  /// - Throws: `EncodingError` if the sums of so many clients do not fit 63 bits, `ParameterError`,
  ///   `PairingError.randomness`, `SystemRandomness.Failure`.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery {
    try delivery.deliver(uploads, using: &generator) { group, _, books in
      var source = SystemRandomness()
      let keys = try VerifyNetAuthority.issue(parameters.mode.form, using: &source)
      var local = try aggregation(of: group.inputs, in: group, keys)
      local.tamper = parameters.tamper.told(in: group.round, only: parameters.tamperRound)
      if local.tamper == .replayedAggregate { local.earlier = try earlier(group, keys) }
      let run = try local.run()
      var masking = run.masking
      masking.costs = run.costs
      delivery.add(masking, to: &books)
      guard let outcome = run.masking.outcome else { return nil }
      if let abort = run.abort {
        delivery.note("no sum: \(abort)", in: &books)
        return nil
      }
      if let sum = run.sum { return (sum.vector, sum.survivors) }
      // The server has computed the sum and knows it, whatever it announced.
      books.refusal = refusal(run)
      return (outcome.sum, outcome.contributors)
    }
  }

  /// A session of its own, with fresh keys to mask and sign with.
  private func aggregation(
    of inputs: [RingVector], in group: MaskedDelivery.Group, _ keys: VerifyNetKeys
  ) throws -> LocalVerifyNetAggregation {
    let clients = inputs.count
    let session = try MaskingSession(
      id: SystemRandomness.bytes(32), round: UInt64(group.round), security: .active,
      clients: clients, threshold: 2 * clients / 3 + 1, dimension: inputs[0].count,
      ring: group.encoding.ring)
    var local = try LocalVerifyNetAggregation(
      in: session, inputs: inputs, keys: keys,
      dropouts: Dictionary(uniqueKeysWithValues: group.silent.map { ($0, .maskedInput) }),
      workers: group.workers)
    local.verifiers = parameters.verifiers
    return local
  }

  /// What was announced in an earlier session under the same keys. That a run may end and go on
  /// between rounds, it is held here and now, with updates that are those of this round backwards.
  private func earlier(
    _ group: MaskedDelivery.Group, _ keys: VerifyNetKeys
  ) throws -> VerifyNetAnnouncement? {
    let backwards = group.inputs.map { input in
      RingVector(
        input.elements(0..<input.count - 1).reversed() + [input[input.count - 1]], in: input.ring)
    }
    var local = try aggregation(of: backwards, in: group, keys)
    local.verifiers = 1
    return try local.run().claim
  }

  /// What the clients that checked know.
  private func refusal(_ run: LocalVerifyNetAggregation.Run) -> String {
    SharedRefusal(
      name: cardName, verifiers: run.verifiers,
      reasons: run.rejections.values.map { "\($0.fault)" },
      blamesServer: run.rejections.values.contains { refusal in
        if case .failed = refusal.fault { false } else { true }
      }
    ).sentence
  }
}
