public import CryptoCore
public import Federation
public import SecureAggregation
internal import Tensors

/// VeriFL over masked sums that have been computed, all parties in one process; they exchange bytes
/// only.
///
///     let run = try LocalVeriFL(.mended, identities: keys, channels: channels, hash: hash)
///       .run([epoch1, epoch2], using: &source)
///     run.verdicts[3]                    // client 3 accepts both sums, or says why not
public struct LocalVeriFL: Sendable {
  /// One masked sum.
  public struct Epoch: Sendable {
    /// What all agreed on, of its own round.
    public let session: MaskingSession
    /// One encoded vector a client.
    public let inputs: [RingVector]
    /// What the masked sum came to.
    public let outcome: AggregationOutcome

    /// A masked sum that has been computed.
    public init(session: MaskingSession, inputs: [RingVector], outcome: AggregationOutcome) {
      self.session = session
      self.inputs = inputs
      self.outcome = outcome
    }
  }

  /// What came of it.
  public struct Run: Sendable {
    /// By client that contributed to all epochs: the sums it accepts, or why it refuses.
    public var verdicts: [Int: Result<[VerifiedSum], ProofRefusal>] = [:]
    /// Commitments, what reveals them, openings and checking, the clients' before the server's.
    public var costs: [RoundCost] = []
  }

  private let form: VeriFLForm
  private let identities: LocalAggregation.Identities
  private let channels: [X25519.PrivateKey]
  private let hash: VectorHash
  /// How many contributors check, the first of each epoch; 0 for all.
  public var verifiers = 0
  /// What becomes of the message that opens an epoch.
  public var network: @Sendable (_ epoch: Int, _ message: [UInt8]) -> [UInt8] = { $1 }

  /// Parties with these keys, one channel key a client.
  public init(
    _ form: VeriFLForm, identities: LocalAggregation.Identities, channels: [X25519.PrivateKey],
    hash: VectorHash
  ) {
    precondition(channels.count == identities.clients.count, "one channel key a client")
    self.form = form
    self.identities = identities
    self.channels = channels
    self.hash = hash
  }

  /// The rounds, in their order. What a client does in the last is the check.
  public enum Stage: String, CaseIterable, Sendable {
    case commitment = "VeriFL commitment"
    case reveal = "VeriFL reveal"
    case opening = "VeriFL opening"
    case check = "VeriFL check"
  }

  /// All epochs, and one check of all by each client that contributed to all.
  ///
  /// - Throws: `ProofRefusal` of whoever made going on impossible, or `ParameterError.invalid`.
  public func run(
    _ epochs: [Epoch], using source: inout some SecretSource
  ) throws -> Run {
    var run = Run()
    var costs = Costs()
    var claims: [Int: [VeriFLClaim]] = [:]
    let peers = channels.map(\.publicKey)
    for (number, epoch) in epochs.enumerated() {
      var server = VeriFLServer(
        form, in: epoch.session, identity: identities.server, registry: identities.registry)
      var users = try epoch.inputs.indices.map { id in
        try VeriFLUser(
          id: id, form, in: epoch.session, hash: hash,
          channel: PairwiseChannel(id: id, key: channels[id], peers: peers),
          identity: identities.clients[id], registry: identities.registry)
      }
      for id in users.indices {
        let message = try costs.measured(.commitment, .client) {
          try users[id].commit(epoch.inputs[id], using: &source)
        }
        costs.count(message, .commitment, .client)
        try costs.measured(.commitment, .server) { try server.receive(commitment: message) }
      }
      for id in users.indices {
        let list = costs.measured(.commitment, .server) { server.commitments(for: id) }
        costs.count(list, .commitment, .server)
        if let reveal = try costs.measured(.reveal, .client, { try users[id].receive(list) }) {
          costs.count(reveal, .reveal, .client)
          try costs.measured(.reveal, .server) { try server.receive(reveal: reveal) }
        }
      }
      let announcement = try costs.measured(.opening, .server) {
        try server.announcement(of: epoch.outcome)
      }
      for id in epoch.outcome.contributors {
        costs.count(announcement, .opening, .server)
        let message = try costs.measured(.opening, .client) { try users[id].open(announcement) }
        costs.count(message, .opening, .client)
        try costs.measured(.opening, .server) { try server.receive(opening: message) }
      }
      let openings = network(number, try costs.measured(.check, .server) { try server.openings() })
      let contributors = epoch.outcome.contributors
      for _ in contributors { costs.count(openings, .check, .server) }
      for id in verifiers == 0 ? contributors : Array(contributors.prefix(verifiers)) {
        do throws(ProofRefusal) {
          claims[id, default: []].append(
            try costs.measured(.check, .client) { () throws(ProofRefusal) in
              try users[id].claim(openings)
            })
        } catch {
          run.verdicts[id] = .failure(error)
        }
      }
    }
    for (id, claims) in claims where claims.count == epochs.count && run.verdicts[id] == nil {
      run.verdicts[id] = costs.measured(.check, .client) {
        Result { () throws(ProofRefusal) in try VeriFL.verify(claims, hash: hash) }
      }
    }
    run.costs = costs.list
    return run
  }

  /// What each round costs.
  private struct Costs {
    private(set) var list = Stage.allCases.flatMap { stage in
      [RoundCost.Role.client, .server].map { RoundCost(round: stage.rawValue, role: $0) }
    }

    private func place(_ stage: Stage, _ role: RoundCost.Role) -> Int {
      2 * (Stage.allCases.firstIndex(of: stage) ?? 0) + (role == .client ? 0 : 1)
    }

    mutating func count(_ message: [UInt8], _ stage: Stage, _ role: RoundCost.Role) {
      list[place(stage, role)].messages += 1
      list[place(stage, role)].bytes += message.count
    }

    mutating func measured<Value, Failure: Error>(
      _ stage: Stage, _ role: RoundCost.Role, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
      let began = ProcessorTime.ofThread()
      defer { list[place(stage, role)].cpuSeconds += ProcessorTime.ofThread() - began }
      return try body()
    }
  }
}
