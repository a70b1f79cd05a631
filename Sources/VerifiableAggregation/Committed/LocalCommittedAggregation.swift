public import CryptoCore
public import Federation
internal import Pairings
public import SecureAggregation
internal import Tensors

/// All parties of a committed sum in one process: for experiments, for measuring, and for trying
/// what users see of a server that lies.
///
///     let run = try LocalCommittedAggregation(in: session, inputs: encoded).run()
///     run.sum?.vector                    // of all survivors, checked by every one of them
///
/// Parties exchange bytes only, so that what holds here holds over a network.
public struct LocalCommittedAggregation: Sendable {
  /// What came of it.
  public struct Run: Sendable {
    /// The sum, if all that checked it accept it.
    public var sum: VerifiedSum?
    /// Who checked what the server announced.
    public var verifiers: [Int] = []
    /// Who of them does not accept it, and why.
    public var rejections: [Int: CommitmentRefusal] = [:]
    /// Which commitments the server refused, by client, and why.
    public var refusals: [Int: CommitmentRefusal] = [:]
    /// The masked sum under it: with the randomness of commitments behind the vector.
    public var masking = LocalAggregation.Run()
    /// By round, the clients' before the server's, those of the masked sum among them.
    public var costs: [RoundCost] = []
  }

  /// What all agreed on.
  public let session: CommittedSession
  /// One vector a client, of the session's length.
  public let inputs: [RingVector]
  /// The message of this protocol that a client no longer sends, nor any after it of either.
  public var silent: [Int: CommitmentFrame.Kind] = [:]
  /// The message of the masked sum that a client no longer sends, nor any after it.
  public var dropouts: [Int: MessageKind] = [:]
  /// How many of the survivors check the sum; 0 for all.
  public var verifiers = 0
  /// How many threads carry the clients, side by side.
  public var workers: Int
  /// How the server lies; nil if it does not.
  public var tampering: Tampering?
  /// Each party's long-lived keys.
  public let identities: LocalAggregation.Identities

  /// A run with fresh identities.
  ///
  /// - Precondition: One input a client.
  /// - Throws: `SystemRandomness.Failure`.
  public init(
    in session: CommittedSession, inputs: [RingVector], dropouts: [Int: MessageKind] = [:],
    identities: LocalAggregation.Identities? = nil, workers: Int = 1
  ) throws(SystemRandomness.Failure) {
    precondition(inputs.count == session.masking.clients, "one input a client")
    self.session = session
    self.inputs = inputs
    self.dropouts = dropouts
    self.workers = workers
    if let identities {
      self.identities = identities
    } else {
      self.identities = try LocalAggregation.Identities(clients: session.masking.clients)
    }
  }

  /// All rounds, to the clients' verdicts or to where they end.
  ///
  /// - Throws: `MaskingError`, or `CommitmentRefusal.randomness`.
  public func run() throws -> Run {
    let generators = try CommitmentGenerators(for: session, workers: workers)
    var run = Run()
    var server = CommitmentServer(
      in: session, identity: identities.server, registry: identities.registry)
    var clients = try commit(to: &server, with: generators, &run)
    try show(&clients, to: &server, &run)
    let outcome = try mask(clients, committed: server.committed, &run)
    guard let outcome else { return run }
    let began = ProcessorTime.ofThread()
    let lie = Tampering.Lie(of: outcome, length: session.length, by: tampering)
    let announcement = try server.announce(lie.survivors, lie.sum)
    run.costs.append(
      RoundCost(
        round: Self.verification, role: .server, messages: outcome.contributors.count,
        bytes: outcome.contributors.count * announcement.count,
        cpuSeconds: ProcessorTime.ofThread() - began))
    try verify(announcement, outcome.contributors, clients, &run)
    return run
  }

  /// The round in which clients make their commitments: its time is that of the provers.
  public static let commitment = "commitment digest"
  /// The round in which clients check the sum: its time is that of the verifiers.
  public static let verification = "announcement"

  private func isSilent(_ client: Int, at kind: CommitmentFrame.Kind) -> Bool {
    silent[client].map { $0.rawValue <= kind.rawValue } ?? false
  }

  /// Digests.
  private func commit(
    to server: inout CommitmentServer, with generators: CommitmentGenerators, _ run: inout Run
  ) throws -> [Int: CommittingClient] {
    let present = inputs.indices.filter { !isSilent($0, at: .digest) }
    let registry = identities.registry
    let made = try WorkerPool.map(present.count, workers: workers) { place, _ in
      let began = ProcessorTime.ofThread()
      let id = present[place]
      let client = try CommittingClient(
        id: id, in: session, vector: inputs[id], identity: identities.clients[id],
        registry: registry, generators: generators)
      return (client, ProcessorTime.ofThread() - began)
    }
    for (client, _) in made { try server.receive(client.digestMessage) }
    run.costs.append(
      RoundCost(
        round: Self.commitment, role: .client, messages: made.count,
        bytes: made.reduce(0) { $0 + $1.0.digestMessage.count },
        cpuSeconds: made.reduce(0) { $0 + $1.1 }))
    return Dictionary(uniqueKeysWithValues: made.map { ($0.0.id, $0.0) })
  }

  /// Commitments.
  private func show(
    _ clients: inout [Int: CommittingClient], to server: inout CommitmentServer, _ run: inout Run
  ) throws {
    let began = ProcessorTime.ofThread()
    let list = server.closeDigests()
    run.costs.append(
      RoundCost(
        round: Self.commitment, role: .server, messages: clients.count,
        bytes: clients.count * list.count, cpuSeconds: ProcessorTime.ofThread() - began))
    var own = RoundCost(round: "commitment", role: .client)
    var others = RoundCost(round: "commitment", role: .server)
    for id in clients.keys.sorted() where !isSilent(id, at: .commitment) {
      let began = ProcessorTime.ofThread()
      do throws(CommitmentRefusal) {
        guard let message = try clients[id]?.receive(list: list) else { continue }
        let sent = ProcessorTime.ofThread()
        own.messages += 1
        own.bytes += message.count
        own.cpuSeconds += sent - began
        defer { others.cpuSeconds += ProcessorTime.ofThread() - sent }
        try server.receive(message)
      } catch {
        run.refusals[id] = error
      }
    }
    run.costs += [own, others]
  }

  /// The masked sum of those that have committed.
  private func mask(
    _ clients: [Int: CommittingClient], committed: [Int], _ run: inout Run
  ) throws -> AggregationOutcome? {
    var dropouts = dropouts
    func drop(_ client: Int, before kind: MessageKind) {
      dropouts[client] = [dropouts[client], kind].compactMap { $0 }.min {
        $0.rawValue < $1.rawValue
      }
    }
    for client in inputs.indices where !committed.contains(client) {
      switch silent[client] {
      case .digest: drop(client, before: .keyAdvertisement)
      case .commitment: drop(client, before: .shareDistribution)
      default: drop(client, before: .maskedInput)
      }
    }
    let empty = RingVector(zeros: session.masking.dimension, in: session.masking.ring)
    var local = try LocalAggregation(
      in: session.masking, inputs: inputs.indices.map { clients[$0]?.maskedInput ?? empty },
      dropouts: dropouts, identities: identities, workers: workers)
    local.serverWorkers = 1
    run.masking = try local.run()
    run.costs += run.masking.costs
    return run.masking.outcome
  }

  /// The verdicts.
  private func verify(
    _ announcement: [UInt8], _ contributors: [Int], _ clients: [Int: CommittingClient],
    _ run: inout Run
  ) throws {
    let checking = verifiers == 0 ? contributors : Array(contributors.prefix(verifiers))
    let verdicts = WorkerPool.map(checking.count, workers: workers) { place, _ in
      let began = ProcessorTime.ofThread()
      var verdict = Result<VerifiedSum?, CommitmentRefusal>.success(nil)
      if var client = clients[checking[place]] {
        do throws(CommitmentRefusal) {
          verdict = .success(try client.verify(announcement))
        } catch {
          verdict = .failure(error)
        }
      }
      return (verdict, ProcessorTime.ofThread() - began)
    }
    var sums: [VerifiedSum] = []
    for (id, (verdict, _)) in zip(checking, verdicts) {
      switch verdict {
      case .success(let sum): if let sum { sums.append(sum) }
      case .failure(let refusal): run.rejections[id] = refusal
      }
    }
    run.verifiers = checking
    run.sum = run.rejections.isEmpty ? sums.first : nil
    run.costs.append(
      RoundCost(
        round: Self.verification, role: .client, cpuSeconds: verdicts.reduce(0) { $0 + $1.1 }))
  }
}
