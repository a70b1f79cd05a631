public import CryptoCore
internal import SecretSharing

/// The server of a double-masked sum.
///
/// It takes clients' messages one by one, refuses what it does not expect, and moves on when it is
/// told that a round is over: whoever has not sent by then has dropped out.
///
///     var server = MaskingServer(in: session, identity: key, registry: keys)
///     for message in inbox { try? server.receive(message) }
///     for (client, message) in try server.closeRound() { send(message, to: client) }
///     ...                                                  // until server.outcome is there
///
/// Of the inputs it learns the sum of those that came, and of those alone.
///
/// Source: Bonawitz et al. 2017, figure 4.
public struct MaskingServer: Sendable {
  /// What everybody agreed on.
  public let session: MaskingSession
  let registry: IdentityRegistry
  private let identity: Ed25519.PrivateKey
  let schedule: KeySchedule
  private let workers: Int
  private(set) var round: MessageKind? = .keyAdvertisement

  /// Keys by client: who is there at all (U1).
  var advertisements: [Int: (keys: KeyAdvertisement, signature: [UInt8])] = [:]
  /// Whose each advertised key is.
  private var owners: [X25519.PublicKey: Int] = [:]
  /// Shares by sender (U2), then by recipient.
  var shares: [Int: [Int: [UInt8]]] = [:]
  /// Whose input is in the sum (U3).
  var survivors: Set<Int> = []
  /// The sum of the inputs that came, with their masks.
  var sum: RingVector
  private var signatures: [Int: [UInt8]] = [:]
  /// Shares of secrets by sender, then by owner.
  var openings: [Int: [Int: UnmaskingShares.Share]] = [:]

  /// The result, once there is one.
  public private(set) var outcome: AggregationOutcome?

  /// A server that waits for key advertisements.
  ///
  /// - Parameters:
  ///   - modelDigest: That of the model the server broadcast, as clients compute it.
  ///   - workers: How many threads take masks off.
  public init(
    in session: MaskingSession, identity: Ed25519.PrivateKey, registry: IdentityRegistry,
    modelDigest: [UInt8] = [], workers: Int = 1
  ) {
    self.session = session
    self.identity = identity
    self.registry = registry
    self.workers = workers
    schedule = KeySchedule(session, modelDigest: modelDigest)
    sum = RingVector(zeros: session.dimension, in: session.ring)
  }

  /// What it waits for; nil when it is done.
  public var awaited: MessageKind? { round }

  /// Who has sent what is awaited.
  public var received: [Int] {
    switch round {
    case .keyAdvertisement: advertisements.keys.sorted()
    case .shareDistribution: shares.keys.sorted()
    case .maskedInput: survivors.sorted()
    case .consistencySignature: signatures.keys.sorted()
    case .unmaskingShares: openings.keys.sorted()
    default: []
    }
  }

  // MARK: Taking

  /// Takes one message of one client.
  ///
  /// - Returns: The client that signed it, for whatever carries the answers.
  /// - Throws: `MessageRefusal`; nothing has changed then, and the client may still send the right one.
  /// - Complexity: O(dimension) for a masked input.
  @discardableResult
  public mutating func receive(_ bytes: [UInt8]) throws(MessageRefusal) -> Int {
    let envelope = try Envelope(opening: bytes, for: .server, in: session, registry: registry)
    guard case .client(let client) = envelope.sender else {
      throw .badSignature(envelope.sender)
    }
    guard client < session.clients else { throw .unknownSender(client) }
    guard envelope.kind == round else {
      throw .unexpected(envelope.kind, while: round.map { "a \($0)" } ?? "nothing: it is done")
    }
    let payload = envelope.payload
    switch envelope.kind {
    case .keyAdvertisement:
      guard advertisements[client] == nil else { throw .duplicate(envelope.kind, from: client) }
      let keys = try KeyAdvertisement(whole: payload)
      if let fault = keys.fault ?? taken(keys) { throw .badKey(from: client, fault) }
      advertisements[client] = (keys, envelope.signature)
      owners[keys.channelKey] = client
      owners[keys.maskKey] = client
    case .shareDistribution:
      guard shares[client] == nil else { throw .duplicate(envelope.kind, from: client) }
      let message = try EncryptedShares(decoding: payload, as: envelope.kind, in: session)
      let expected = session.neighbours(of: client).filter { advertisements[$0] != nil }
      guard advertisements[client] != nil, message.entries.map(\.client) == expected else {
        throw .malformed(envelope.kind, "is not for exactly the clients it was shown")
      }
      shares[client] = Dictionary(
        uniqueKeysWithValues: message.entries.map { ($0.client, $0.ciphertext) })
    case .maskedInput:
      guard shares[client] != nil else {
        throw .malformed(envelope.kind, "comes from a client that shared no secrets")
      }
      guard !survivors.contains(client) else { throw .duplicate(envelope.kind, from: client) }
      do {
        let masked = try RingVector(
          unpacking: payload, count: session.dimension, in: session.ring)
        try sum.add(masked)
      } catch {
        throw .malformed(envelope.kind, "does not unpack: \(error)")
      }
      survivors.insert(client)
    case .consistencySignature:
      guard survivors.contains(client) else {
        throw .malformed(envelope.kind, "comes from a client that is not on the list")
      }
      guard signatures[client] == nil else { throw .duplicate(envelope.kind, from: client) }
      let signed = try SurvivorList(decoding: payload, as: envelope.kind, in: session)
      guard signed.clients == survivors.sorted() else {
        throw .malformed(envelope.kind, "is under another list")
      }
      signatures[client] = envelope.signature
    case .unmaskingShares:
      guard survivors.contains(client) else {
        throw .malformed(envelope.kind, "come from a client that is not on the list")
      }
      guard openings[client] == nil else { throw .duplicate(envelope.kind, from: client) }
      openings[client] = try checked(
        UnmaskingShares(decoding: payload, in: session), from: client)
    default:
      throw .unexpected(envelope.kind, while: "messages of clients")
    }
    return client
  }

  /// Whether one of these keys has come from another client: listed together they would make
  /// clients end the session.
  private func taken(_ keys: KeyAdvertisement) -> KeyFault? {
    (owners[keys.channelKey] ?? owners[keys.maskKey]).map { .taken(by: $0) }
  }

  /// Shares must be of the secrets that were asked for.
  private func checked(
    _ message: UnmaskingShares, from client: Int
  ) throws(MessageRefusal) -> [Int: UnmaskingShares.Share] {
    var kept: [Int: UnmaskingShares.Share] = [:]
    for entry in message.entries {
      guard shares[entry.client] != nil,
        entry.client == client || shares[entry.client]?[client] != nil
      else {
        throw .malformed(.unmaskingShares, "have one of client \(entry.client), which gave none")
      }
      switch (entry.share, survivors.contains(entry.client)) {
      case (.selfMask, true), (.maskKey, false): kept[entry.client] = entry.share
      case (.selfMask, false), (.maskKey, true):
        throw .malformed(
          .unmaskingShares, "open the wrong secret of client \(entry.client)")
      }
    }
    return kept
  }

  // MARK: Moving on

  /// Ends a round: what clients are told next, or nothing after the last one, when `outcome` is there.
  ///
  /// - Throws: `AggregationAbort` if too few clients are left or a secret is lost; the session is over.
  /// - Complexity: For the last round, O(dimension (survivors + dropouts neighbours)).
  public mutating func closeRound() throws(AggregationAbort) -> [(client: Int, message: [UInt8])] {
    guard let closing = round else { return [] }
    round = nil
    switch closing {
    case .keyAdvertisement:
      try require(advertisements.count, at: closing)
      round = .shareDistribution
      return advertisements.keys.sorted().map { client in
        let near = ([client] + session.neighbours(of: client)).sorted()
        let entries = near.compactMap { other in
          advertisements[other].map {
            KeyDirectory.Entry(
              client: other, keys: $0.keys,
              signature: session.security == .active ? $0.signature : nil)
          }
        }
        return (client, seal(KeyDirectory(entries: entries).encoded(), .keyDirectory, to: client))
      }
    case .shareDistribution:
      try require(shares.count, at: closing)
      round = .maskedInput
      return shares.keys.sorted().map { client in
        let entries = session.neighbours(of: client).compactMap { other in
          shares[other]?[client].map { EncryptedShares.Entry(client: other, ciphertext: $0) }
        }
        return (
          client, seal(EncryptedShares(entries: entries).encoded(), .shareDelivery, to: client)
        )
      }
    case .maskedInput:
      try require(survivors.count, at: closing)
      round = session.security == .active ? .consistencySignature : .unmaskingShares
      let list = SurvivorList(survivors.sorted()).encoded(in: session)
      return survivors.sorted().map { ($0, seal(list, .survivorList, to: $0)) }
    case .consistencySignature:
      try require(signatures.count, at: closing)
      round = .unmaskingShares
      let proof = ConsistencyProof(
        entries: signatures.keys.sorted().compactMap { client in
          signatures[client].map { .init(client: client, signature: $0) }
        })
      let payload = proof.encoded()
      return signatures.keys.sorted().map { ($0, seal(payload, .consistencyProof, to: $0)) }
    default:
      outcome = try unmasked(workers: workers)
      return []
    }
  }

  private func require(_ count: Int, at kind: MessageKind) throws(AggregationAbort) {
    // In a graph each neighbourhood has its own threshold, which its clients check.
    let needed = max(2, session.graph == nil ? session.threshold : 2, session.quorum)
    guard count >= needed else { throw .tooFew(have: count, needed: needed, at: kind) }
  }

  private func seal(_ payload: [UInt8], _ kind: MessageKind, to client: Int) -> [UInt8] {
    Envelope.seal(payload, kind, from: .server, to: .client(client), in: session, by: identity)
  }
}
