internal import CryptoCore
internal import SecureAggregation
internal import VerifiableAggregation

/// VerSA with a check ring of 63 bits.
enum VerSAMode: VerifiedMode {
  static let name = "versa"
  static let theory: VerificationTheory = [
    .checksSums, .hidesCoordinates, .hidesVectors, .resistsServer, .bindsCoordinates, .bindsRound,
  ]

  static func round(
    _ number: UInt64, label: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting
  ) throws -> Round {
    try Round(number, inputs: inputs, setting)
  }

  /// A round of VerSA.
  struct Round: VerifiedRound {
    /// The proof is z'.
    let claim: SumClaim<RingVector>
    private let session: MaskingSession
    private let identities: LocalAggregation.Identities
    private let checker: VerSAUser
    private let insider: VerSAUser
    /// The server guesses with these.
    private let guesses: InsecureSeededSecrets

    init(_ number: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting) throws {
      session = try setting.verifiedSession(number)
      identities = try setting.identities()
      let parameters = try VerSAParameters(beside: session)
      var source = setting.secrets("versa \(number)")
      var channels: [X25519.PrivateKey] = []
      for _ in inputs { channels.append(try X25519.PrivateKey(using: &source)) }
      let peers = channels.map(\.publicKey)
      var server = VerSAServer(
        parameters, identity: identities.server, registry: identities.registry)
      var users: [VerSAUser] = []
      for id in inputs.indices {
        users.append(
          try VerSAUser(
            id: id, parameters,
            channel: PairwiseChannel(id: id, key: channels[id], peers: peers),
            identity: identities.clients[id], registry: identities.registry, source: &source))
        try server.receive(users[id].start())
      }
      for id in users.indices { try users[id].receive(server.delivery(to: id)) }
      let second = try inputs.indices.map { try users[$0].checkInput(for: inputs[$0]) }
      let message = try server.announcement(
        of: setting.maskedSum(session, inputs),
        check: setting.maskedSum(parameters.checkSession, second))
      let announced = try VerSAAnnouncement(
        opening: message, in: parameters, registry: identities.registry)
      claim = SumClaim(
        sum: announced.sum, contributors: announced.contributors, proof: announced.checkSum)
      checker = users[setting.checkingClient]
      insider = users[setting.colludingClient]
      guesses = setting.secrets("versa guesses")
    }

    func refusal(of claim: SumClaim<RingVector>) -> String? {
      let message = VerSAAnnouncement(
        sum: claim.sum, checkSum: claim.proof, contributors: claim.contributors
      ).sealed(in: session, by: identities.server)
      do {
        _ = try checker.verify(message)
        return nil
      } catch {
        return "\(error)"
      }
    }

    /// Both sums come masked.
    func recovered(_ client: Int, below bound: UInt64) -> [UInt64]? { nil }
    func fitting(_ candidates: [RingVector], client: Int) -> [Int] { [] }

    /// With a guess of the element of a.
    func forged(adding step: UInt64, at place: Int) throws -> SumClaim<RingVector> {
      var forged = claim(of: sum(adding: step, at: place))
      var guesses = guesses
      let guess = try SecretBytes(random: 8, using: &guesses).revealed()
        .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      forged.proof[place] = (forged.proof[place] &+ guess &* step) & forged.proof.ring.mask
      return forged
    }

    /// With a and b.
    func forgedWithInsider(adding step: UInt64, at place: Int) -> SumClaim<RingVector> {
      var forged = claim(of: sum(adding: step, at: place))
      if let pads = insider.agreed {
        forged.proof = pads.image(of: forged.sum, count: forged.contributors.count)
      }
      return forged
    }

    func permuted(_ first: Int, _ second: Int) -> SumClaim<RingVector> {
      var permuted = claim(of: permutedSum(first, second))
      (permuted.proof[first], permuted.proof[second]) = (
        permuted.proof[second], permuted.proof[first]
      )
      return permuted
    }
  }
}
