internal import CryptoCore
public import Federation
public import SecureAggregation
internal import Tensors

/// The proofs of a double-masked sum that has been computed, all parties in one process.
///
///     let run = try LocalAggregation(in: session, inputs: encoded, identities: keys).run()
///     let proofs = LocalVerifyNet(
///       after: outcome, in: session, inputs: encoded, identities: keys, keys: issued)
///     proofs.run().verdicts[3]                     // client 3 accepts the sum, or says why not
///
/// Parties exchange bytes only. A client that sent its masked input sends its proof with it, so the
/// contributors of the sum are those whose proofs are multiplied.
public struct LocalVerifyNet: Sendable {
  /// What came of it.
  public struct Run: Sendable {
    /// By contributor: the sum it accepts, or why it refuses.
    public var verdicts: [Int: Result<VerifiedSum, ProofRefusal>] = [:]
    /// What the server refused.
    public var refusals: [ProofRefusal] = []
    /// Why there was nothing to announce.
    public var abort: ProofRefusal?
    /// Proving, the announcement and checking.
    public var costs: [RoundCost] = []

    /// Whether every contributor accepts.
    public var isAccepted: Bool {
      !verdicts.isEmpty
        && verdicts.values.allSatisfy { if case .success = $0 { true } else { false } }
    }
  }

  /// The round's sum and whose vectors are in it.
  public let outcome: AggregationOutcome
  /// What all agreed on.
  public let session: MaskingSession
  /// One encoded vector a client, as it went under the masks.
  public let inputs: [RingVector]
  /// Each party's long-lived keys.
  public let identities: LocalAggregation.Identities
  /// The authority's.
  public let keys: VerifyNetKeys
  /// τ, as the server announces it.
  public var label: [UInt8] = []
  /// How users check.
  public var check = VerifyNetVerifier.Check.batched(bits: 128)
  /// How many threads each party uses.
  public var workers: Int
  /// What becomes of a message on its way.
  public var network: @Sendable (_ from: Party, _ to: Party, _ message: [UInt8]) -> [[UInt8]] = {
    [$2]
  }

  /// The proof round after a sum.
  ///
  /// - Precondition: One input a client.
  public init(
    after outcome: AggregationOutcome, in session: MaskingSession, inputs: [RingVector],
    identities: LocalAggregation.Identities, keys: VerifyNetKeys, workers: Int = 1
  ) {
    precondition(inputs.count == session.clients, "one input a client")
    self.outcome = outcome
    self.session = session
    self.inputs = inputs
    self.identities = identities
    self.keys = keys
    self.workers = workers
  }

  /// Proofs, announcement, checks.
  public func run() -> Run {
    var run = Run()
    let registry = identities.registry
    var server = VerifyNetServer(
      mode: keys.mode, in: session, identity: identities.server, registry: registry,
      workers: workers)
    var proving = RoundCost(round: "VerifyNet proof", role: .client)
    var announcing = RoundCost(round: "VerifyNet announcement", role: .server)
    let clock = workers > 1 ? ProcessorTime.ofProcess : ProcessorTime.ofThread
    for id in outcome.contributors {
      let user = VerifyNetUser(
        id: id, keys: keys, in: session, label: label, identity: identities.clients[id],
        workers: workers)
      let began = clock()
      do throws(ProofRefusal) {
        let message = try user.proof(of: inputs[id])
        proving.cpuSeconds += clock() - began
        proving.messages += 1
        proving.bytes += message.count
        let arrived = clock()
        for message in network(.client(id), .server, message) { try server.receive(message) }
        announcing.cpuSeconds += clock() - arrived
      } catch {
        run.refusals.append(error)
      }
    }
    var checking = RoundCost(round: "VerifyNet check", role: .client)
    do throws(ProofRefusal) {
      let began = clock()
      let announcement = try server.announcement(of: outcome)
      announcing.cpuSeconds += clock() - began
      for id in outcome.contributors {
        announcing.messages += 1
        announcing.bytes += announcement.count
        let verifier = VerifyNetVerifier(
          id: id, keys: keys, in: session, label: label, registry: registry, workers: workers)
        for message in network(.server, .client(id), announcement) {
          let began = clock()
          run.verdicts[id] = Result { () throws(ProofRefusal) in
            try verifier.verify(message, check: check)
          }
          checking.cpuSeconds += clock() - began
        }
      }
    } catch {
      run.abort = error
    }
    run.costs = [proving, announcing, checking]
    return run
  }
}
