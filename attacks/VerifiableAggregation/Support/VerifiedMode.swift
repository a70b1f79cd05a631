internal import SecureAggregation

/// One way to verify a masked sum, as attackers meet it: a row of the break sheet.
///
/// A new one is a type that conforms and its name in ``verifiedModes``; every attack then has a
/// cell for it, with the outcome that ``theory`` says.
protocol VerifiedMode: Sendable {
  associatedtype Round: VerifiedRound

  /// What the sheet calls it.
  static var name: String { get }
  /// What holds, from what is published about it or proved in its documentation: never from a run.
  static var theory: VerificationTheory { get }

  /// A round that the parties have run honestly.
  ///
  /// - Parameters:
  ///   - number: The round of the session.
  ///   - label: What the server announces as the round's label where the protocol lets it.
  static func round(
    _ number: UInt64, label: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting
  ) throws -> Round
}

/// What a way to verify is good for.
struct VerificationTheory: OptionSet, Sendable {
  let rawValue: Int

  /// A sum altered without its proof is noticed.
  static let checksSums = VerificationTheory(rawValue: 1)
  /// The server cannot read single coordinates out of proofs.
  static let hidesCoordinates = VerificationTheory(rawValue: 2)
  /// The server cannot tell whether a guess of a whole vector is right.
  static let hidesVectors = VerificationTheory(rawValue: 4)
  /// The server alone cannot prove another sum.
  static let resistsServer = VerificationTheory(rawValue: 8)
  /// A coordinate's proof is no other coordinate's.
  static let bindsCoordinates = VerificationTheory(rawValue: 16)
  /// A round's proof is no other round's, whatever the server announces.
  static let bindsRound = VerificationTheory(rawValue: 32)
  /// A server with a colluding client cannot prove another sum.
  static let resistsInsider = VerificationTheory(rawValue: 64)
  /// A client that puts any vector where a clipped one should be is noticed.
  static let boundsInputs = VerificationTheory(rawValue: 128)

  /// The verdict on an attack that this would stop.
  func verdict(_ guarantee: VerificationTheory) -> ProtocolFinding.Verdict {
    isSuperset(of: guarantee) ? .fails : .succeeds
  }
}

/// What a server announces of a sum.
struct SumClaim<Proof: Sendable>: Sendable {
  var sum: RingVector
  var contributors: [Int]
  var proof: Proof
}

/// A round that was run honestly, the server's view of it, and what its adversaries make of it.
protocol VerifiedRound: Sendable {
  associatedtype Proof: Sendable

  /// What an honest server announces.
  var claim: SumClaim<Proof> { get }

  /// Why an honest client does not accept a claim; nil if it does.
  func refusal(of claim: SumClaim<Proof>) -> String?

  /// The server alone: the elements of a client's vector, as far as proofs tell them; nil if they
  /// give it nothing to compute with. Elements are below `bound`.
  func recovered(_ client: Int, below bound: UInt64) throws -> [UInt64]?

  /// The server alone: which of some vectors a client's proof fits.
  func fitting(_ candidates: [RingVector], client: Int) throws -> [Int]

  /// The server alone: a claim with something added to one coordinate, as well proved as it can.
  func forged(adding step: UInt64, at place: Int) throws -> SumClaim<Proof>

  /// The same with all that a colluding client knows.
  func forgedWithInsider(adding step: UInt64, at place: Int) throws -> SumClaim<Proof>

  /// The claim with two coordinates exchanged, and what proves them.
  func permuted(_ first: Int, _ second: Int) -> SumClaim<Proof>
}

extension VerifiedRound {
  /// The claim with another sum and nothing else changed.
  func claim(of sum: RingVector) -> SumClaim<Proof> {
    var changed = claim
    changed.sum = sum
    return changed
  }

  /// The sum with something added to one coordinate.
  func sum(adding step: UInt64, at place: Int) -> RingVector {
    var sum = claim.sum
    sum[place] = (sum[place] &+ step) & sum.ring.mask
    return sum
  }

  /// The sum with two coordinates exchanged.
  func permutedSum(_ first: Int, _ second: Int) -> RingVector {
    var sum = claim.sum
    (sum[first], sum[second]) = (sum[second], sum[first])
    return sum
  }
}

/// A round whose clients commit to their vectors.
protocol CommittingRound: VerifiedRound {
  /// Who tries to open a commitment to something else.
  static var reopener: String { get }

  /// A claim in which one client's commitment is opened to its vector with something added.
  func reopened(_ client: Int, adding step: UInt64, at place: Int) throws -> SumClaim<Proof>

  /// A claim of any sum, for which client 0 makes its commitment from those of all others.
  func rogue(announcing sum: RingVector) throws -> SumClaim<Proof>
}

/// All ways to verify, in the order of the sheet.
let verifiedModes: [any VerifiedMode.Type] = [
  UnverifiedMode.self, VerifyNetPublicCodeMode.self, VerifyNetLabelledMode.self,
  VerifyNetPerVectorMode.self, VeriFLPublishedMode.self, VeriFLMendedMode.self, VerSAMode.self,
  CommittedMode.self,
]

extension ProtocolAttackSetting {
  /// A semi-honest session of all clients in which a majority opens secrets.
  func verifiedSession(_ number: UInt64) throws -> MaskingSession {
    try session(.semiHonest, threshold: clients / 2 + 1, round: number)
  }

  /// The masked sum of a session, as its server computes it.
  func maskedSum(_ session: MaskingSession, _ inputs: [RingVector]) throws -> AggregationOutcome {
    try ProtocolParties(
      in: session, inputs: inputs, identities: identities(),
      secrets: secrets("masks \(session.digest)")
    ).honestSum()
  }

  /// What a server that follows the protocol makes of each masked vector: it takes off what it may,
  /// the clients' own masks.
  func readFromMasks(_ inputs: [RingVector]) throws -> [RingVector] {
    let server = try ProtocolParties(
      in: verifiedSession(1), inputs: inputs, identities: identities(),
      secrets: secrets("read from masks")
    ).dishonestServer()
    try server.followProtocol()
    return inputs.indices.map { server.guess($0, from: server.gathered(of: $0)) }
  }

  /// The client that checks what the server announces.
  var checkingClient: Int { 1 }
  /// The client that colludes where one does.
  var colludingClient: Int { 0 }
}
