internal import CryptoCore
internal import Pairings
internal import SecureAggregation
internal import VerifiableAggregation

/// Committed sums: signed commitments that hide and bind, digests of all before any is shown.
enum CommittedMode: VerifiedMode {
  static let name = "committed"
  static let theory: VerificationTheory = [
    .checksSums, .hidesCoordinates, .hidesVectors, .resistsServer, .bindsCoordinates, .bindsRound,
    .resistsInsider,
  ]

  static func round(
    _ number: UInt64, label: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting
  ) throws -> Round {
    try Round(number, inputs: inputs, setting)
  }

  /// What opens the sum besides the vector.
  struct Opening: Sendable {
    /// Sums of the pieces of randomness.
    let pieces: [UInt64]
    /// By client.
    var commitments: [Int: SignedCommitment]
  }

  /// A round of committed sums.
  struct Round: CommittingRound {
    static let reopener = "server, with the client whose commitment it is"

    let claim: SumClaim<Opening>
    private let session: CommittedSession
    private let identities: LocalAggregation.Identities
    private let generators: CommitmentGenerators
    private let inputs: [RingVector]
    private let sources: [InsecureSeededSecrets]
    private let digests: [Int: [UInt8]]
    /// A client that waits for the sum.
    private let checker: CommittingClient

    init(_ number: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting) throws {
      let session = try CommittedSession(
        id: SHA256.hash("protocol attack \(setting.seed)").bytes, round: number,
        security: .semiHonest, clients: setting.clients, threshold: setting.clients / 2 + 1,
        length: setting.dimension + 1, ring: setting.encoding().ring)
      let identities = try setting.identities()
      let generators = try CommitmentGenerators(for: session)
      let sources = inputs.indices.map { setting.secrets("committed \(number) client \($0)") }
      var server = CommitmentServer(
        in: session, identity: identities.server, registry: identities.registry)
      var clients: [CommittingClient] = []
      var digests: [Int: [UInt8]] = [:]
      for id in inputs.indices {
        let client = try CommittingClient(
          id: id, in: session, vector: inputs[id], identity: identities.clients[id],
          registry: identities.registry, generators: generators, source: sources[id])
        try server.receive(client.digestMessage)
        digests[id] = Array(client.digestMessage.suffix(CommitmentDigest.count))
        clients.append(client)
      }
      let list = server.closeDigests()
      var commitments: [Int: SignedCommitment] = [:]
      for id in inputs.indices {
        let message = try clients[id].receive(list: list)
        try server.receive(message)
        commitments[id] = SignedCommitment(
          signing: Self.encoding(in: message), of: id, beside: DigestList(digests, in: session),
          in: session, by: identities.clients[id])
      }
      let outcome = try setting.maskedSum(session.masking, clients.map(\.maskedInput))
      let sum = outcome.sum.elements
      claim = SumClaim(
        sum: RingVector(Array(sum.prefix(session.length)), in: session.masking.ring),
        contributors: outcome.contributors,
        proof: Opening(
          pieces: Array(sum.dropFirst(session.length)), commitments: commitments))
      self.session = session
      self.identities = identities
      self.generators = generators
      self.inputs = inputs
      self.sources = sources
      self.digests = digests
      checker = clients[setting.checkingClient]
    }

    /// The point in a client's second message: before its signature.
    private static func encoding(in message: [UInt8]) -> [UInt8] {
      Array(message.suffix(SignedCommitment.count).prefix(48))
    }

    func refusal(of claim: SumClaim<Opening>) -> String? {
      let survivors = claim.contributors.compactMap { client in
        claim.proof.commitments[client].map { (client: client, commitment: $0) }
      }
      let message = Announcement(
        survivors: survivors,
        sum: RingVector(claim.sum.elements + claim.proof.pieces, in: session.masking.ring)
      ).encoded(in: session, by: identities.server)
      var client = checker
      do {
        _ = try client.verify(message)
        return nil
      } catch {
        return "\(error)"
      }
    }

    /// Commitments hide.
    func recovered(_ client: Int, below bound: UInt64) -> [UInt64]? { nil }
    func fitting(_ candidates: [RingVector], client: Int) -> [Int] { [] }

    func forged(adding step: UInt64, at place: Int) -> SumClaim<Opening> {
      claim(of: sum(adding: step, at: place))
    }

    func forgedWithInsider(adding step: UInt64, at place: Int) throws -> SumClaim<Opening> {
      try reopened(0, adding: step, at: place)
    }

    func permuted(_ first: Int, _ second: Int) -> SumClaim<Opening> {
      claim(of: permutedSum(first, second))
    }

    /// The client signs the commitment to another vector with the same randomness, which would open
    /// the forged sum; its digest is another one.
    func reopened(
      _ client: Int, adding step: UInt64, at place: Int
    ) throws -> SumClaim<Opening> {
      var forged = claim(of: sum(adding: step, at: place))
      var vector = inputs[client]
      vector[place] = (vector[place] &+ step) & vector.ring.mask
      forged.proof.commitments[client] = signed(
        try commitment(to: vector, by: client).encoding, by: client)
      return forged
    }

    /// The commitment to z over the product of all others': with it the product of all is that to
    /// z.
    func rogue(announcing sum: RingVector) throws -> SumClaim<Opening> {
      let (encoding, pieces) = try commitment(to: sum, by: 0)
      var own = try G1Point(encoding: encoding)
      for (client, commitment) in claim.proof.commitments where client != 0 {
        own += -(try G1Point(encoding: commitment.encoding))
      }
      var commitments = claim.proof.commitments
      commitments[0] = signed(own.compressed, by: 0)
      return SumClaim(
        sum: sum, contributors: claim.contributors,
        proof: Opening(pieces: pieces, commitments: commitments))
    }

    /// A commitment to any vector with a client's randomness, and the pieces of that.
    private func commitment(
      to vector: RingVector, by client: Int
    ) throws -> (encoding: [UInt8], pieces: [UInt64]) {
      var other = try CommittingClient(
        id: client, in: session, vector: vector, identity: identities.clients[client],
        registry: identities.registry, generators: generators, source: sources[client])
      var digests = digests
      digests[client] = Array(other.digestMessage.suffix(CommitmentDigest.count))
      let message = try other.receive(
        list: DigestList(digests, in: session).encoded(in: session, by: identities.server))
      return (
        Self.encoding(in: message), Array(other.maskedInput.elements.dropFirst(session.length))
      )
    }

    /// Signed beside the list of digests that all were shown.
    private func signed(_ encoding: [UInt8], by client: Int) -> SignedCommitment {
      SignedCommitment(
        signing: encoding, of: client, beside: DigestList(digests, in: session), in: session,
        by: identities.clients[client])
    }
  }
}
