public import CryptoCore
public import Federation
internal import Tensors

/// All parties of a double-masked sum in one process: for experiments, for measuring, and for trying
/// what happens when messages do not arrive as they were sent.
///
///     let run = try LocalAggregation(in: session, inputs: encoded, dropouts: [3: .maskedInput]).run()
///     run.outcome?.sum                   // of all but client 3, exactly
///
/// Parties exchange bytes only, so that what holds here holds over a network.
public struct LocalAggregation: Sendable {
  /// What came of it.
  public struct Run: Sendable {
    /// The sum, or nil if the server gave up.
    public var outcome: AggregationOutcome?
    /// Why the server gave up.
    public var abort: AggregationAbort?
    /// Why clients ended the session, by number.
    public var clientAborts: [Int: AggregationAbort] = [:]
    /// What was refused: by whom, and why.
    public var refusals: [(party: Party, reason: MessageRefusal)] = []
    /// By round, the clients' before the server's.
    public var costs: [RoundCost] = []

    /// Of nothing yet.
    package init() {}
  }

  /// What all agreed on.
  public let session: MaskingSession
  /// One vector a client.
  public let inputs: [RingVector]
  /// The message that a client no longer sends, nor any after it.
  public var dropouts: [Int: MessageKind]
  /// The model each client was shown, by digest; empty for all the same.
  public var modelDigests: [[UInt8]] = []
  /// How many threads carry the clients, side by side.
  public var workers: Int
  /// How many threads the server takes masks off with.
  public var serverWorkers: Int
  /// What becomes of a message on its way: one or none or several that arrive instead.
  public var network: @Sendable (_ from: Party, _ to: Party, _ message: [UInt8]) -> [[UInt8]] = {
    [$2]
  }
  /// Each party's long-lived keys.
  public let identities: Identities

  /// The signing keys of all parties of a local run.
  public struct Identities: Sendable {
    /// One for each client.
    public let clients: [Ed25519.PrivateKey]
    /// The server's.
    public let server: Ed25519.PrivateKey

    /// Fresh keys.
    ///
    /// - Throws: `SystemRandomness.Failure`.
    public init(clients: Int) throws(SystemRandomness.Failure) {
      var source = SystemRandomness()
      try self.init(clients: clients, using: &source)
    }

    /// Keys of 32 bytes each of `source`, the clients' before the server's.
    ///
    /// - Throws: `SystemRandomness.Failure`.
    package init(clients: Int, using source: inout some SecretSource)
      throws(SystemRandomness.Failure)
    {
      var keys: [Ed25519.PrivateKey] = []
      for _ in 0..<clients { keys.append(try Ed25519.PrivateKey(using: &source)) }
      self.clients = keys
      server = try Ed25519.PrivateKey(using: &source)
    }

    /// What everybody knows.
    public var registry: IdentityRegistry {
      IdentityRegistry(clients: clients.map(\.publicKey), server: server.publicKey)
    }
  }

  /// A run with fresh identities.
  ///
  /// - Precondition: One input a client.
  /// - Throws: `SystemRandomness.Failure`.
  public init(
    in session: MaskingSession, inputs: [RingVector], dropouts: [Int: MessageKind] = [:],
    identities: Identities? = nil, workers: Int = 1
  ) throws(SystemRandomness.Failure) {
    precondition(inputs.count == session.clients, "one input a client")
    self.session = session
    self.inputs = inputs
    self.dropouts = dropouts
    self.workers = workers
    serverWorkers = workers
    if let identities {
      self.identities = identities
    } else {
      self.identities = try Identities(clients: session.clients)
    }
  }

  /// All rounds, to the sum or to where they end.
  ///
  /// - Throws: `AggregationAbort.wrongInput`, or `MaskingError.randomness`.
  public func run() throws(MaskingError) -> Run {
    let registry = identities.registry
    var run = Run()
    var clients: [MaskingClient] = []
    for id in 0..<session.clients {
      do throws(AggregationAbort) {
        clients.append(
          try MaskingClient(
            id: id, in: session, input: inputs[id], identity: identities.clients[id],
            registry: registry, modelDigest: modelDigests.isEmpty ? [] : modelDigests[id]))
      } catch {
        throw .aborted(error)
      }
    }
    var server = MaskingServer(
      in: session, identity: identities.server, registry: registry,
      modelDigest: modelDigests.first ?? [], workers: serverWorkers)
    // Of a server with threads of its own the whole process is counted, of others the calling thread.
    let serverTime = serverWorkers > 1 ? ProcessorTime.ofProcess : ProcessorTime.ofThread

    var inboxes: [(client: Int, messages: [[UInt8]])] = (0..<session.clients).map { ($0, []) }
    var isStart = true
    while let awaited = server.awaited {
      // Clients, side by side.
      let present = inboxes.filter { inbox in
        dropouts[inbox.client].map { awaited.rawValue < $0.rawValue } ?? true
      }
      let starts = isStart
      let members = clients
      let answers = WorkerPool.map(present.count, workers: workers) { index, _ in
        Self.act(
          members[present[index].client], on: present[index].messages, starts: starts)
      }
      isStart = false
      var cost = RoundCost(round: awaited.description, role: .client)
      let began = serverTime()
      var serverCost = RoundCost(round: awaited.description, role: .server)
      for (inbox, answer) in zip(present, answers) {
        let party = Party.client(inbox.client)
        cost.cpuSeconds += answer.seconds
        run.refusals += answer.refusals.map { (party, $0) }
        if let abort = members[inbox.client].abort { run.clientAborts[inbox.client] = abort }
        if let failure = answer.failure { throw .randomness(failure) }
        for message in answer.messages {
          cost.messages += 1
          cost.bytes += message.count
          for arriving in network(party, .server, message) {
            do throws(MessageRefusal) {
              try server.receive(arriving)
            } catch {
              run.refusals.append((.server, error))
            }
          }
        }
      }
      do throws(AggregationAbort) {
        inboxes = try server.closeRound().map { outgoing in
          serverCost.messages += 1
          serverCost.bytes += outgoing.message.count
          return (
            outgoing.client, network(.server, .client(outgoing.client), outgoing.message)
          )
        }
      } catch {
        run.abort = error
      }
      serverCost.cpuSeconds = serverTime() - began
      run.costs += [cost, serverCost]
      if run.abort != nil { break }
    }
    run.outcome = server.outcome
    return run
  }

  private struct Answer: Sendable {
    var messages: [[UInt8]] = []
    var refusals: [MessageRefusal] = []
    var failure: SystemRandomness.Failure?
    var seconds = 0.0
  }

  private static func act(
    _ client: MaskingClient, on messages: [[UInt8]], starts: Bool
  ) -> Answer {
    let began = ProcessorTime.ofThread()
    var answer = Answer()
    func attempt(_ act: () throws(MaskingError) -> [UInt8]?) {
      do throws(MaskingError) {
        if let message = try act() { answer.messages.append(message) }
      } catch {
        switch error {
        case .refused(let refusal): answer.refusals.append(refusal)
        case .aborted: break
        case .randomness(let failure): answer.failure = failure
        }
      }
    }
    if starts { attempt { () throws(MaskingError) in try client.start() } }
    for message in messages {
      attempt { () throws(MaskingError) in try client.receive(message) }
    }
    answer.seconds = ProcessorTime.ofThread() - began
    return answer
  }
}
