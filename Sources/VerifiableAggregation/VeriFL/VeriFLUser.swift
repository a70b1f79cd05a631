public import CryptoCore
internal import Pairings
internal import SecretSharing
public import SecureAggregation

/// A user of VeriFL in one epoch: commits, shares, opens, checks.
///
///     var user = try VeriFLUser(id: 3, .mended, in: session, hash: hash, channel: channel,
///                               identity: key, registry: keys)
///     send(try user.commit(encoded, using: &source))
///     if let reveal = try user.receive(commitments) { send(reveal) }   // then the masked sum
///     send(try user.open(announcement))
///     claims.append(try user.claim(openings))
///     ...                                                   // after some epochs
///     let sums = try VeriFL.verify(claims, hash: hash)
///
/// Messages do not grow with the vector. A user opens for one list of contributors an epoch: a
/// threshold above (n + c) / 2 keeps a server with c of n users from having two lists opened, whose
/// difference would uncover a user. What is enforced is c = 0.
public struct VeriFLUser: Sendable {
  /// Its number in the session.
  public let id: Int
  private let form: VeriFLForm
  private let session: MaskingSession
  private let hash: VectorHash
  private let channel: PairwiseChannel
  private let identity: Ed25519.PrivateKey
  private let registry: IdentityRegistry
  /// Of its own secret.
  private var ownShare: SecretBytes?
  /// The commitment of the mended form.
  private var point: [UInt8] = []
  private var list: VeriFLCommitmentList?
  /// Of everybody's secrets, its own included.
  private var shares: [Int: SecretBytes] = [:]
  private var announced: VeriFLAnnouncement?

  private static let purpose = "verifl shares"

  /// A user that has sent nothing.
  ///
  /// - Parameter session: That of the epoch's masked sum.
  /// - Throws: `ParameterError.invalid` for a hash of another length than the session's, or if half
  ///   of the users could open.
  public init(
    id: Int, _ form: VeriFLForm, in session: MaskingSession, hash: VectorHash,
    channel: PairwiseChannel, identity: Ed25519.PrivateKey, registry: IdentityRegistry
  ) throws(ParameterError) {
    precondition((0..<session.clients).contains(id), "no client \(id) in this session")
    guard hash.dimension == session.dimension else {
      throw .invalid(
        "hash", "\(hash.dimension) bases", "must have one for each of \(session.dimension) elements"
      )
    }
    guard 2 * session.threshold > session.clients else {
      throw .invalid(
        "threshold", "\(session.threshold)",
        "must be above half of \(session.clients): two lists of contributors could be opened")
    }
    self.id = id
    self.form = form
    self.session = session
    self.hash = hash
    self.channel = channel
    self.identity = identity
    self.registry = registry
  }

  private func refusal(_ sender: Party, _ fault: ProofFault) -> ProofRefusal {
    ProofRefusal(sender: sender, fault: fault)
  }

  private func seal(_ payload: [UInt8], _ kind: ProofKind) -> [UInt8] {
    ProofEnvelope.seal(payload, kind, from: .client(id), in: session, by: identity)
  }

  /// Commits to the vector that will go under the masks.
  ///
  /// - Throws: `ProofRefusal` naming this client if the vector is of another shape, it has
  ///   committed already or there is no randomness, or a client whose registered key is of small
  ///   order.
  /// - Complexity: One multi-exponentiation with short exponents.
  public mutating func commit(
    _ input: RingVector, using source: inout some SecretSource
  ) throws(ProofRefusal) -> [UInt8] {
    guard input.count == session.dimension, input.ring == session.ring, ownShare == nil else {
      throw refusal(
        .client(id), .malformed(.veriFLCommitment, "is of another shape, or the second"))
    }
    let digest: [UInt8]
    let dealt: [SecretBytes]
    do {
      let hashed = try hash.hash(of: input.elements)
      let secret: SecretBytes
      switch form {
      case .published:
        let mask = try SecretBytes(random: 48, using: &source)
        let bytes = hashed.compressed
        secret = SecretBytes(joining: [SecretBytes(copying: bytes), mask])
        digest = PublishedCommitment.digest(hash: bytes, mask: mask.revealed())
      case .mended:
        secret = try SecretBytes(random: 32, using: &source)
        let randomness = MendedCommitment.randomness(
          low: secret[0..<16].revealed(), high: secret[16..<32].revealed())
        point = (hashed + hash.hiding * randomness).compressed
        digest = MendedCommitment.digest(of: point)
      }
      dealt = try ShareLimbs.share(
        secret, form.layout, threshold: session.threshold,
        points: (0..<session.clients).map { session.point(of: $0) }, using: &source)
    } catch {
      throw refusal(.client(id), .malformed(.veriFLCommitment, "cannot be made: \(error)"))
    }
    var boxes: [Int: [UInt8]] = [:]
    for other in 0..<session.clients where other != id {
      do throws(ProofFault) {
        boxes[other] = try channel.seal(dealt[other], to: other, Self.purpose, in: session)
      } catch {
        throw refusal(.client(other), error)
      }
    }
    ownShare = dealt[id]
    return seal(
      VeriFLCommitmentMessage(digest: digest, boxes: boxes).encoded(), .veriFLCommitment)
  }

  /// Takes everybody's commitments; in the mended form the answer reveals its own.
  ///
  /// - Throws: `ProofRefusal` naming the server, or the client whose shares do not open.
  public mutating func receive(_ bytes: [UInt8]) throws(ProofRefusal) -> [UInt8]? {
    guard let ownShare else { throw refusal(.client(id), .missing(.veriFLCommitment)) }
    guard list == nil else { throw refusal(.server, .duplicate(.veriFLCommitments)) }
    let received = try fromServer(bytes, .veriFLCommitments) { (payload) throws(ProofFault) in
      try VeriFLCommitmentList(decoding: payload, for: id, form: form, in: session)
    }
    var shares = [id: ownShare]
    for (client, box) in received.boxes.sorted(by: { $0.key < $1.key }) {
      do throws(ProofFault) {
        guard let share = try channel.open(box, from: client, Self.purpose, in: session),
          ShareLimbs.areValid(share, form.layout)
        else { throw .malformed(.veriFLCommitment, "has shares that do not open") }
        shares[client] = share
      } catch {
        throw refusal(.client(client), error)
      }
    }
    self.shares = shares
    list = received
    guard form == .mended else { return nil }
    return seal(VeriFLCommitmentList.root(of: received.digests) + point, .veriFLReveal)
  }

  /// Takes the announced sum and gives shares of what opens the commitments in it: of each, or in
  /// the mended form of the sum.
  ///
  /// - Throws: `ProofRefusal` naming the server; a second announcement is refused.
  public mutating func open(_ bytes: [UInt8]) throws(ProofRefusal) -> [UInt8] {
    guard announced == nil else { throw refusal(.server, .duplicate(.veriFLAnnouncement)) }
    let claim = try fromServer(bytes, .veriFLAnnouncement) { (payload) throws(ProofFault) in
      let claim = try VeriFLAnnouncement(decoding: payload, in: session)
      try session.check(claim.contributors, include: id, in: .veriFLAnnouncement)
      if let stranger = claim.contributors.first(where: { shares[$0] == nil }) {
        throw .malformed(.veriFLAnnouncement, "counts client \(stranger), which has not committed")
      }
      return claim
    }
    announced = claim
    let opened = claim.contributors.compactMap { shares[$0]?.revealed() }
    let payload: [UInt8]
    switch form {
    case .published: payload = Array(opened.joined())
    case .mended: payload = opened.dropFirst().reduce(opened[0], ShareLimbs.sum)
    }
    return seal(payload, .veriFLOpening)
  }

  /// The epoch's claim: the sum beside the product of hashes that it must be the hash of.
  ///
  /// - Throws: `ProofRefusal` naming the server if commitments do not open or belong to another
  ///   list: an honest server passes no such message on.
  public func claim(_ bytes: [UInt8]) throws(ProofRefusal) -> VeriFLClaim {
    guard let list, let announced else {
      throw refusal(.server, .missing(.veriFLAnnouncement))
    }
    let openings = try fromServer(bytes, .veriFLOpenings) { (payload) throws(ProofFault) in
      try VeriFLOpenings(decoding: payload, of: announced.contributors, form: form)
    }
    var product = G1Point.zero
    switch openings {
    case .each(let openings):
      for client in announced.contributors {
        guard let (hash, mask) = openings[client],
          list.digests[client] == PublishedCommitment.digest(hash: hash, mask: mask)
        else {
          throw refusal(
            .server, .failed("the commitment of client \(client) does not open", coordinate: nil))
        }
        product += try Self.point(hash, of: client)
      }
    case .sum(let reveals, let pieces):
      let root = VeriFLCommitmentList.root(of: list.digests)
      for client in announced.contributors {
        let bytes = try revealed(reveals[client] ?? [], by: client)
        guard bytes.prefix(32).elementsEqual(root) else {
          throw refusal(
            .server, .failed("client \(client) was shown other commitments", coordinate: nil))
        }
        let point = Array(bytes.dropFirst(32))
        guard list.digests[client] == MendedCommitment.digest(of: point) else {
          throw refusal(
            .server,
            .failed("the commitment of client \(client) does not open", coordinate: nil))
        }
        product += try Self.point(point, of: client)
      }
      let randomness = MendedCommitment.randomness(low: pieces[0], high: pieces[1])
      product = product - hash.hiding * randomness
    }
    return VeriFLClaim(
      sum: VerifiedSum(vector: announced.sum, survivors: announced.contributors),
      product: product)
  }

  /// The payload of a reveal that the server passed on. An honest server takes no other, so what is
  /// wrong here is the server's.
  private func revealed(
    _ bytes: [UInt8], by client: Int
  ) throws(ProofRefusal) -> ArraySlice<UInt8> {
    do throws(ProofRefusal) {
      let envelope = try ProofEnvelope(
        opening: bytes, as: .veriFLReveal, in: session, registry: registry)
      guard envelope.sender == .client(client) else {
        throw refusal(envelope.sender, .unknownSender)
      }
      return envelope.payload
    } catch {
      throw refusal(
        .server, .malformed(.veriFLOpenings, "have no reveal of client \(client): \(error)"))
    }
  }

  private static func point(_ bytes: [UInt8], of client: Int) throws(ProofRefusal) -> G1Point {
    do throws(PairingError) { return try G1Point(encoding: bytes) } catch {
      throw ProofRefusal(
        sender: .server,
        fault: .malformed(.veriFLOpenings, "have no point for client \(client): \(error)"))
    }
  }

  private func fromServer<Value>(
    _ bytes: [UInt8], _ kind: ProofKind,
    _ read: (ArraySlice<UInt8>) throws(ProofFault) -> Value
  ) throws(ProofRefusal) -> Value {
    let envelope = try ProofEnvelope(
      opening: bytes, as: kind, in: session, registry: registry)
    do throws(ProofFault) {
      guard envelope.sender == .server else { throw .unknownSender }
      return try read(envelope.payload)
    } catch {
      throw refusal(envelope.sender, error)
    }
  }
}
