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
    /// Commitments, openings and checking.
    public var costs: [RoundCost] = []
  }

  private let form: VeriFLForm
  private let identities: LocalAggregation.Identities
  private let channels: [X25519.PrivateKey]
  private let hash: VectorHash
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

  /// All epochs, and one check of all by each client that contributed to all.
  ///
  /// - Throws: `ProofRefusal` of whoever made going on impossible, or `ParameterError.invalid`.
  public func run(
    _ epochs: [Epoch], using source: inout some SecretSource
  ) throws -> Run {
    var run = Run()
    var committing = RoundCost(round: "VeriFL commitment", role: .client)
    var passing = RoundCost(round: "VeriFL server", role: .server)
    var opening = RoundCost(round: "VeriFL opening", role: .client)
    var checking = RoundCost(round: "VeriFL check", role: .client)
    func measured<Value>(_ cost: inout RoundCost, _ body: () throws -> Value) rethrows -> Value {
      let began = ProcessorTime.ofThread()
      defer { cost.cpuSeconds += ProcessorTime.ofThread() - began }
      return try body()
    }
    func count(_ message: [UInt8], _ cost: inout RoundCost) {
      cost.messages += 1
      cost.bytes += message.count
    }
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
        let message = try measured(&committing) {
          try users[id].commit(epoch.inputs[id], using: &source)
        }
        count(message, &committing)
        try measured(&passing) { try server.receive(commitment: message) }
      }
      for id in users.indices {
        let list = measured(&passing) { server.commitments(for: id) }
        count(list, &passing)
        if let reveal = try measured(&committing, { try users[id].receive(list) }) {
          count(reveal, &committing)
          try measured(&passing) { try server.receive(reveal: reveal) }
        }
      }
      let announcement = try server.announcement(of: epoch.outcome)
      for id in epoch.outcome.contributors {
        count(announcement, &passing)
        let message = try measured(&opening) { try users[id].open(announcement) }
        count(message, &opening)
        try measured(&passing) { try server.receive(opening: message) }
      }
      let openings = network(number, try measured(&passing) { try server.openings() })
      for id in epoch.outcome.contributors {
        count(openings, &passing)
        do throws(ProofRefusal) {
          let began = ProcessorTime.ofThread()
          claims[id, default: []].append(try users[id].claim(openings))
          checking.cpuSeconds += ProcessorTime.ofThread() - began
        } catch {
          run.verdicts[id] = .failure(error)
        }
      }
    }
    for (id, claims) in claims where claims.count == epochs.count && run.verdicts[id] == nil {
      let began = ProcessorTime.ofThread()
      run.verdicts[id] = Result { () throws(ProofRefusal) in
        try VeriFL.verify(claims, hash: hash)
      }
      checking.cpuSeconds += ProcessorTime.ofThread() - began
    }
    run.costs = [committing, passing, opening, checking]
    return run
  }
}
