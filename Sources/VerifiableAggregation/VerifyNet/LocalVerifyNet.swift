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
    /// What the server announced, true or not.
    package var claim: VerifyNetAnnouncement?
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
  /// How many contributors check, the first; 0 for all that are still there.
  public var verifiers = 0
  /// Who is no longer there to check.
  public var gone: Set<Int> = []
  /// How the server lies.
  public var tamper = Tamper.none
  /// What the server announced in another session, to repeat it.
  package var earlier: VerifyNetAnnouncement?
  /// How many threads carry the parties, side by side; one party alone uses them all.
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

  /// The round of proofs: its time is that of the provers.
  public static let proving = "VerifyNet proof"
  /// What the server does: reads proofs, multiplies them, announces the sum.
  public static let announcing = "VerifyNet announcement"
  /// What clients do with the announcement.
  public static let checking = "VerifyNet check"

  /// Proofs, announcement, checks.
  public func run() -> Run {
    var run = Run()
    var server = VerifyNetServer(
      mode: keys.mode, in: session, identity: identities.server, registry: identities.registry,
      workers: threads(of: outcome.contributors.count))
    let messages = prove(&run)
    var cost = RoundCost(round: Self.announcing, role: .server)
    receive(messages, by: &server, &cost, &run)
    do throws(ProofRefusal) {
      let began = ProcessorTime.ofThread()
      let claim = try server.claim(of: outcome, by: tamper, earlier: earlier)
      let announcement = server.seal(claim)
      cost.cpuSeconds += ProcessorTime.ofThread() - began
      cost.messages = outcome.contributors.count
      cost.bytes = outcome.contributors.count * announcement.count
      run.claim = claim
      run.costs.append(cost)
      verify(announcement, &run)
    } catch {
      run.abort = error
      run.costs.append(cost)
    }
    return run
  }

  /// How many threads one of so many parties uses: what is not used to carry several.
  private func threads(of parties: Int) -> Int { parties == 1 ? workers : 1 }

  /// Does the work of several parties, and says what each took.
  private func measured<Value: Sendable>(
    _ parties: Int, _ work: @Sendable (Int) -> Value
  ) -> [(value: Value, seconds: Double)] {
    // A party with threads of its own is measured by the process, in which nobody else works then.
    let clock = threads(of: parties) > 1 ? ProcessorTime.ofProcess : ProcessorTime.ofThread
    return WorkerPool.map(parties, workers: workers) { place, _ in
      let began = clock()
      return (work(place), clock() - began)
    }
  }

  /// The contributors' messages as they arrive.
  private func prove(_ run: inout Run) -> [[UInt8]] {
    let members = outcome.contributors
    let threads = threads(of: members.count)
    let made = measured(members.count) { place in
      let id = members[place]
      let user = VerifyNetUser(
        id: id, keys: keys, in: session, label: label, identity: identities.clients[id],
        workers: threads)
      return Result { () throws(ProofRefusal) in try user.proof(of: inputs[id]) }
    }
    var cost = RoundCost(round: Self.proving, role: .client)
    var arriving: [[UInt8]] = []
    for (id, (message, seconds)) in zip(members, made) {
      do throws(ProofRefusal) {
        let message = try message.get()
        cost.cpuSeconds += seconds
        cost.messages += 1
        cost.bytes += message.count
        arriving += network(.client(id), .server, message)
      } catch {
        run.refusals.append(error)
      }
    }
    run.costs.append(cost)
    return arriving
  }

  /// The server reads the proofs.
  private func receive(
    _ messages: [[UInt8]], by server: inout VerifyNetServer, _ cost: inout RoundCost,
    _ run: inout Run
  ) {
    let reader = server
    let read = measured(messages.count) { place in
      Result { () throws(ProofRefusal) in try reader.read(messages[place]) }
    }
    for (proof, seconds) in read {
      cost.cpuSeconds += seconds
      do throws(ProofRefusal) {
        let (client, proof) = try proof.get()
        try server.take(proof, of: client)
      } catch {
        run.refusals.append(error)
      }
    }
  }

  /// The verdicts.
  private func verify(_ announcement: [UInt8], _ run: inout Run) {
    let present = outcome.contributors.filter { !gone.contains($0) }
    let told = (verifiers == 0 ? present : Array(present.prefix(verifiers))).flatMap { id in
      network(.server, .client(id), announcement).map { (id: id, message: $0) }
    }
    let threads = threads(of: told.count)
    let registry = identities.registry
    let verdicts = measured(told.count) { place in
      let (id, message) = told[place]
      let verifier = VerifyNetVerifier(
        id: id, keys: keys, in: session, label: label, registry: registry, workers: threads)
      return Result { () throws(ProofRefusal) in try verifier.verify(message, check: check) }
    }
    for (told, verdict) in zip(told, verdicts) { run.verdicts[told.id] = verdict.value }
    run.costs.append(
      RoundCost(
        round: Self.checking, role: .client,
        cpuSeconds: verdicts.reduce(0) { $0 + $1.seconds }))
  }
}
