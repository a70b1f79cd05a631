public import CryptoCore
public import Federation
public import SecureAggregation

/// All parties of a sum that VerifyNet's proofs go with, masks and proofs, in one process: for
/// experiments, for measuring, and for trying what users see of a server that lies.
///
///     let run = try LocalVerifyNetAggregation(in: session, inputs: encoded, keys: issued).run()
///     run.sum?.vector                    // of all survivors, checked by every one of them
public struct LocalVerifyNetAggregation: Sendable {
  /// What came of it.
  public struct Run: Sendable {
    /// The sum, if all that checked it accept it.
    public var sum: VerifiedSum?
    /// How many clients checked what the server announced.
    public var verifiers = 0
    /// Who of them does not accept it, and why.
    public var rejections: [Int: ProofRefusal] = [:]
    /// What the server refused of the proofs.
    public var refusals: [ProofRefusal] = []
    /// Why there was nothing to announce of a sum that came out.
    public var abort: ProofRefusal?
    /// The masked sum under it.
    public var masking = LocalAggregation.Run()
    /// By round, the clients' before the server's, those of the masked sum among them.
    public var costs: [RoundCost] = []
    /// What the server announced, true or not.
    package var claim: VerifyNetAnnouncement?
  }

  /// What all agreed on.
  public let session: MaskingSession
  /// One vector a client, of the session's length.
  public let inputs: [RingVector]
  /// The authority's.
  public let keys: VerifyNetKeys
  /// The message of the masked sum that a client no longer sends, nor any after it.
  public var dropouts: [Int: MessageKind] = [:]
  /// How many of the survivors check the sum; 0 for all.
  public var verifiers = 0
  /// How users check.
  public var check = VerifyNetVerifier.Check.batched(bits: 128)
  /// How many threads carry the parties, side by side.
  public var workers: Int
  /// How the server lies.
  public var tamper = Tamper.none
  /// What the server announced in another session, to repeat it.
  package var earlier: VerifyNetAnnouncement?
  /// Each party's long-lived keys.
  public let identities: LocalAggregation.Identities

  /// A run with fresh identities.
  ///
  /// - Precondition: One input a client.
  /// - Throws: `SystemRandomness.Failure`.
  public init(
    in session: MaskingSession, inputs: [RingVector], keys: VerifyNetKeys,
    dropouts: [Int: MessageKind] = [:], identities: LocalAggregation.Identities? = nil,
    workers: Int = 1
  ) throws(SystemRandomness.Failure) {
    precondition(inputs.count == session.clients, "one input a client")
    self.session = session
    self.inputs = inputs
    self.keys = keys
    self.dropouts = dropouts
    self.workers = workers
    if let identities {
      self.identities = identities
    } else {
      self.identities = try LocalAggregation.Identities(clients: session.clients)
    }
  }

  /// All rounds, to the clients' verdicts or to where they end.
  ///
  /// - Throws: `MaskingError`.
  public func run() throws(MaskingError) -> Run {
    var run = Run()
    var local: LocalAggregation
    do throws(SystemRandomness.Failure) {
      local = try LocalAggregation(
        in: session, inputs: inputs, dropouts: dropouts, identities: identities, workers: workers)
    } catch {
      throw .randomness(error)
    }
    local.serverWorkers = 1
    run.masking = try local.run()
    run.costs = run.masking.costs
    guard let outcome = run.masking.outcome else { return run }
    var proofs = LocalVerifyNet(
      after: outcome, in: session, inputs: inputs, identities: identities, keys: keys,
      workers: workers)
    proofs.verifiers = verifiers
    proofs.gone = Set(dropouts.keys)
    proofs.check = check
    proofs.tamper = tamper
    proofs.earlier = earlier
    let checked = proofs.run()
    run.costs += checked.costs
    (run.refusals, run.abort, run.claim) = (checked.refusals, checked.abort, checked.claim)
    run.verifiers = checked.verdicts.count
    var sums: [VerifiedSum] = []
    for (id, verdict) in checked.verdicts {
      switch verdict {
      case .success(let sum): sums.append(sum)
      case .failure(let refusal): run.rejections[id] = refusal
      }
    }
    run.sum = run.rejections.isEmpty ? sums.first : nil
    return run
  }
}
