internal import CryptoCore
internal import Pairings
internal import SecureAggregation
internal import VerifiableAggregation

/// `verifynet-reconstructed` as in the public code.
enum VerifyNetPublicCodeMode: VerifyNetVariant {
  static let mode = VerifyNetMode.publicCode
  static let theory: VerificationTheory = [.checksSums]
}

/// The same with labels that name session, round, user and coordinate.
enum VerifyNetLabelledMode: VerifyNetVariant {
  static let mode = VerifyNetMode.labelled
  static let theory: VerificationTheory = [
    .checksSums, .resistsServer, .bindsCoordinates, .bindsRound,
  ]
}

/// The same with one hidden proof for a vector.
enum VerifyNetPerVectorMode: VerifyNetVariant {
  static let mode = VerifyNetMode.perVector
  static let theory: VerificationTheory = [
    .checksSums, .hidesCoordinates, .hidesVectors, .resistsServer, .bindsCoordinates, .bindsRound,
  ]
}

/// A form of `verifynet-reconstructed` in the sheet.
protocol VerifyNetVariant: VerifiedMode where Round == VerifyNetRound {
  static var mode: VerifyNetMode { get }
}

extension VerifyNetVariant {
  static var name: String { "verifynet-reconstructed, \(mode)" }

  static func round(
    _ number: UInt64, label: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting
  ) throws -> VerifyNetRound {
    try VerifyNetRound(mode, number, label: "round label \(label)", inputs: inputs, setting)
  }
}

/// A round of `verifynet-reconstructed`.
struct VerifyNetRound: VerifiedRound {
  let claim: SumClaim<VerifyNetProof>
  private let session: MaskingSession
  private let identities: LocalAggregation.Identities
  /// All users' keys. The server's attacks do not touch them; the insider's are these.
  private let keys: VerifyNetKeys
  private let label: [UInt8]
  private let checkingClient: Int
  /// What the server was sent.
  private let proofs: [Int: VerifyNetProof]

  init(
    _ mode: VerifyNetMode, _ number: UInt64, label: String, inputs: [RingVector],
    _ setting: ProtocolAttackSetting
  ) throws {
    let session = try setting.verifiedSession(number)
    let outcome = try setting.maskedSum(session, inputs)
    let identities = try setting.identities()
    let label = Array(label.utf8)
    var source = setting.secrets("verifynet authority")
    let keys = try VerifyNetAuthority.issue(mode, using: &source)
    var server = VerifyNetServer(
      mode: mode, in: session, identity: identities.server, registry: identities.registry)
    var proofs: [Int: VerifyNetProof] = [:]
    for id in outcome.contributors {
      let message = try VerifyNetUser(
        id: id, keys: keys, in: session, label: label, identity: identities.clients[id]
      ).proof(of: inputs[id])
      try server.receive(message)
      proofs[id] = server.proof(of: id)
    }
    let announced = try VerifyNetVerifier(
      id: nil, keys: keys, in: session, label: label, registry: identities.registry
    ).read(server.announcement(of: outcome))
    claim = SumClaim(
      sum: announced.sum, contributors: announced.contributors, proof: announced.proof)
    self.session = session
    self.identities = identities
    self.keys = keys
    self.label = label
    self.proofs = proofs
    checkingClient = setting.checkingClient
  }

  /// Over the wire, signed by the server.
  func refusal(of claim: SumClaim<VerifyNetProof>) -> String? {
    let message = VerifyNetAnnouncement(
      sum: claim.sum, contributors: claim.contributors, proof: claim.proof
    ).sealed(in: session, by: identities.server)
    do {
      _ = try VerifyNetVerifier(
        id: checkingClient, keys: keys, in: session, label: label, registry: identities.registry
      ).verify(message)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// What the server knows, and nothing else.
  private var adversary: VerifyNetAdversary { VerifyNetAdversary(proofs: proofs, claim: claim) }

  func recovered(_ client: Int, below bound: UInt64) throws -> [UInt64]? {
    try adversary.recovered(client, below: bound)
  }

  func fitting(_ candidates: [RingVector], client: Int) throws -> [Int] {
    try adversary.fitting(candidates, client: client)
  }

  func forged(adding step: UInt64, at place: Int) throws -> SumClaim<VerifyNetProof> {
    var forged = claim(of: sum(adding: step, at: place))
    adversary.shift(&forged.proof, by: step, at: place)
    return forged
  }

  func forgedWithInsider(
    adding step: UInt64, at place: Int
  ) throws -> SumClaim<VerifyNetProof> {
    var forged = claim(of: sum(adding: step, at: place))
    forged.proof = VerifyNetAdversary.proof(
      of: forged, VerifyNetExponents(keys, in: session, label: label))
    return forged
  }

  func permuted(_ first: Int, _ second: Int) -> SumClaim<VerifyNetProof> {
    var permuted = claim(of: permutedSum(first, second))
    guard claim.proof.count > 1 else { return permuted }
    permuted.proof.a.swapAt(first, second)
    permuted.proof.b.swapAt(first, second)
    permuted.proof.l.swapAt(first, second)
    permuted.proof.q.swapAt(first, second)
    return permuted
  }
}
