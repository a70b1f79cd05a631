internal import CryptoCore
internal import Pairings
internal import SecureAggregation
internal import VerifiableAggregation

/// VeriFL as published, with the commitment of the reference code.
enum VeriFLPublishedMode: VeriFLVariant {
  static let form = VeriFLForm.published
  static let theory: VerificationTheory = [
    .checksSums, .hidesCoordinates, .bindsCoordinates, .bindsRound,
  ]
}

/// VeriFL with hiding commitments of which only the sum is opened.
enum VeriFLMendedMode: VeriFLVariant {
  static let form = VeriFLForm.mended
  static let theory: VerificationTheory = [
    .checksSums, .hidesCoordinates, .hidesVectors, .resistsServer, .bindsCoordinates, .bindsRound,
    .resistsInsider,
  ]
}

/// A form of VeriFL in the sheet.
protocol VeriFLVariant: VerifiedMode where Round == VeriFLRound {
  static var form: VeriFLForm { get }
}

extension VeriFLVariant {
  static var name: String { "verifl, \(form.rawValue)" }

  static func round(
    _ number: UInt64, label: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting
  ) throws -> VeriFLRound {
    try VeriFLRound(form, number, inputs: inputs, setting)
  }
}

/// A round of VeriFL, checked on its own.
struct VeriFLRound: CommittingRound {
  static let reopener = "server, with the client whose commitment it is"

  let claim: SumClaim<VeriFLOpenings>
  private let session: MaskingSession
  private let identities: LocalAggregation.Identities
  private let hash: VectorHash
  /// A client that has committed and waits for the sum.
  private let checker: VeriFLUser

  init(
    _ form: VeriFLForm, _ number: UInt64, inputs: [RingVector], _ setting: ProtocolAttackSetting
  ) throws {
    session = try setting.verifiedSession(number)
    identities = try setting.identities()
    hash = try VectorHash(dimension: session.dimension)
    let outcome = try setting.maskedSum(session, inputs)
    var source = setting.secrets("verifl \(number)")
    var channels: [X25519.PrivateKey] = []
    for _ in inputs { channels.append(try X25519.PrivateKey(using: &source)) }
    let peers = channels.map(\.publicKey)
    var server = VeriFLServer(
      form, in: session, identity: identities.server, registry: identities.registry)
    var users: [VeriFLUser] = []
    for id in inputs.indices {
      users.append(
        try VeriFLUser(
          id: id, form, in: session, hash: hash,
          channel: PairwiseChannel(id: id, key: channels[id], peers: peers),
          identity: identities.clients[id], registry: identities.registry))
      try server.receive(commitment: users[id].commit(inputs[id], using: &source))
    }
    for id in users.indices {
      if let reveal = try users[id].receive(server.commitments(for: id)) {
        try server.receive(reveal: reveal)
      }
    }
    checker = users[setting.checkingClient]
    let announcement = try server.announcement(of: outcome)
    for id in outcome.contributors {
      try server.receive(opening: users[id].open(announcement))
    }
    claim = SumClaim(
      sum: outcome.sum, contributors: outcome.contributors, proof: try server.opened())
  }

  /// What opens commitments does not depend on the announced sum, so the server has it beforehand.
  func refusal(of claim: SumClaim<VeriFLOpenings>) -> String? {
    var user = checker
    let announcement = VeriFLAnnouncement(sum: claim.sum, contributors: claim.contributors)
    do {
      _ = try user.open(announcement.sealed(in: session, by: identities.server))
      let epoch = try user.claim(claim.proof.sealed(in: session, by: identities.server))
      _ = try VeriFL.verify([epoch], hash: hash)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// A hash is of a whole vector.
  func recovered(_ client: Int, below bound: UInt64) -> [UInt64]? { nil }

  /// Those whose hash is the opened one, or without randomness the revealed one.
  func fitting(_ candidates: [RingVector], client: Int) throws -> [Int] {
    let seen: [UInt8]
    switch claim.proof {
    case .each(let openings): seen = openings[client]?.hash ?? []
    case .sum(let reveals, _): seen = Self.point(of: reveals[client] ?? [])
    }
    return try candidates.indices.filter { index in
      try hash.hash(of: candidates[index].elements).compressed == seen
    }
  }

  /// The encoded commitment in a revealed message: behind the digest of the list.
  private static func point(of reveal: [UInt8]) -> [UInt8] { Array(reveal.dropLast(64).suffix(48)) }

  func forged(adding step: UInt64, at place: Int) throws -> SumClaim<VeriFLOpenings> {
    switch claim.proof {
    case .each: return try reopened(2, adding: step, at: place)
    // Without a client's key no other commitment can be passed on.
    case .sum: return claim(of: sum(adding: step, at: place))
    }
  }

  func forgedWithInsider(
    adding step: UInt64, at place: Int
  ) throws -> SumClaim<VeriFLOpenings> {
    try reopened(0, adding: step, at: place)
  }

  func permuted(_ first: Int, _ second: Int) -> SumClaim<VeriFLOpenings> {
    claim(of: permutedSum(first, second))
  }

  /// In the published form r' = r XOR H XOR H' opens the digest to any H', without any key. In the
  /// mended form the client signs another point, whose digest is another one.
  func reopened(
    _ client: Int, adding step: UInt64, at place: Int
  ) throws -> SumClaim<VeriFLOpenings> {
    var unit = [UInt64](repeating: 0, count: session.dimension)
    unit[place] = step
    let shift = try hash.hash(of: unit)
    var forged = claim(of: sum(adding: step, at: place))
    forged.proof = try replacing(client) { $0 + shift }
    return forged
  }

  /// H(z) over the product of all others' points: with it the product of all is H(z).
  func rogue(announcing sum: RingVector) throws -> SumClaim<VeriFLOpenings> {
    var others = G1Point.zero
    switch claim.proof {
    case .each(let openings):
      for (client, opening) in openings where client != 0 {
        others += try G1Point(encoding: opening.hash)
      }
    case .sum(let reveals, let pieces):
      for (client, reveal) in reveals where client != 0 {
        others += try G1Point(encoding: Self.point(of: reveal))
      }
      // The randomness stays as it was announced.
      others +=
        -(hash.hiding * MendedCommitment.randomness(low: pieces[0], high: pieces[1]))
    }
    let own = try hash.hash(of: sum.elements) - others
    var forged = claim(of: sum)
    forged.proof = try replacing(0) { _ in own }
    return forged
  }

  /// The openings with another point for one client, as well signed and masked as can be.
  private func replacing(
    _ client: Int, with change: (G1Point) -> G1Point
  ) throws -> VeriFLOpenings {
    switch claim.proof {
    case .each(var openings):
      guard let old = openings[client] else { return claim.proof }
      let other = change(try G1Point(encoding: old.hash)).compressed
      openings[client] = (other, zip(zip(old.hash, old.mask), other).map { $0.0 ^ $0.1 ^ $1 })
      return .each(openings)
    case .sum(var reveals, let pieces):
      guard let old = reveals[client] else { return claim.proof }
      let other = change(try G1Point(encoding: Self.point(of: old))).compressed
      let header = Array(old.dropLast(64 + 80))
      let payload = Array(old.dropLast(64 + 48).suffix(32)) + other
      let signature = identities.clients[client].sign(header + SHA256.hash(payload).bytes)
      reveals[client] = header + payload + signature
      return .sum(reveals: reveals, pieces: pieces)
    }
  }

  /// Whether a client that looks at signed commitments and the equation alone would accept: one
  /// that asks for no digests before.
  func isAcceptedWithoutDigests(_ claim: SumClaim<VeriFLOpenings>) throws -> Bool {
    guard case .sum(let reveals, let pieces) = claim.proof else { return false }
    var product = -(hash.hiding * MendedCommitment.randomness(low: pieces[0], high: pieces[1]))
    for client in claim.contributors {
      guard let reveal = reveals[client] else { return false }
      let header = Array(reveal.dropLast(64 + 80))
      let payload = Array(reveal.dropLast(64).suffix(80))
      guard
        identities.registry.clients[client].isValid(
          Array(reveal.suffix(64)), for: header + SHA256.hash(payload).bytes)
      else { return false }
      product += try G1Point(encoding: Self.point(of: reveal))
    }
    return product == (try hash.hash(of: claim.sum.elements))
  }
}
