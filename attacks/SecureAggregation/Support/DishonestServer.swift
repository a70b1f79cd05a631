internal import CryptoCore
internal import SecureAggregation

/// A server that says what it likes to whom it likes, and remembers all that it hears.
///
/// It has the server's signing key and clients' messages, nothing else. Left to its defaults it
/// keeps to the protocol. What clients refuse it notes in `refusals`; a client that ended the
/// session answers no more.
final class DishonestServer {
  let session: MaskingSession
  private let identity: Ed25519.PrivateKey
  private let registry: IdentityRegistry
  private let clients: [MaskingClient]

  /// The keys that clients sent, with signatures.
  private(set) var advertisements: [Int: KeyDirectory.Entry] = [:]
  /// The keys that each client was shown, by owner.
  private(set) var shown: [Int: [Int: KeyAdvertisement]] = [:]
  /// Encrypted shares by sender, then by recipient.
  private(set) var ciphertexts: [Int: [Int: [UInt8]]] = [:]
  /// Whose shares each client was given: with these it agreed a mask.
  private(set) var delivered: [Int: [Int]] = [:]
  /// Masked inputs by sender.
  private(set) var masked: [Int: RingVector] = [:]
  /// Signatures under the list that each client was shown.
  private(set) var signatures: [Int: [UInt8]] = [:]
  /// Shares that clients opened, of all their answers together, by owner.
  private(set) var opened: [Int: SecretShares] = [:]
  /// The last refusal of each client.
  private(set) var refusals: [Int: MaskingError] = [:]
  /// What was said last, by kind and client, for saying it again.
  private(set) var said: [MessageKind: [Int: [UInt8]]] = [:]
  /// Messages of another run that are sent before what is to be said; those that were taken are in
  /// `taken`.
  var recorded: [MessageKind: [Int: [UInt8]]] = [:]
  private(set) var taken = 0

  init(
    in session: MaskingSession, identity: Ed25519.PrivateKey, registry: IdentityRegistry,
    clients: [MaskingClient]
  ) {
    self.session = session
    self.identity = identity
    self.registry = registry
    self.clients = clients
  }

  // MARK: The rounds

  /// Has every client advertise its keys.
  func collectKeys() throws {
    for client in clients { try hear(client.start()) }
  }

  /// Shows each client keys, by default everybody's own.
  func showKeys(_ directory: ((_ reader: Int) -> [KeyDirectory.Entry])? = nil) {
    for reader in clients.map(\.id) {
      let entries = directory?(reader) ?? genuineDirectory
      shown[reader] = Dictionary(uniqueKeysWithValues: entries.map { ($0.client, $0.keys) })
      say(KeyDirectory(entries: entries).encoded(), .keyDirectory, to: reader)
    }
  }

  /// Everybody's own keys.
  var genuineDirectory: [KeyDirectory.Entry] {
    advertisements.values.sorted { $0.client < $1.client }
      .map {
        .init(
          client: $0.client, keys: $0.keys,
          signature: session.security == .active ? $0.signature : nil)
      }
  }

  /// Gives each client the shares that are for it, by default as they came.
  func deliverShares(
    _ entries: ((_ reader: Int) -> [EncryptedShares.Entry])? = nil
  ) {
    for reader in clients.map(\.id) where refusals[reader] == nil {
      let list = entries?(reader) ?? shares(for: reader)
      delivered[reader] = list.map(\.client)
      say(EncryptedShares(entries: list).encoded(), .shareDelivery, to: reader)
    }
  }

  /// The shares for a client, as they came.
  func shares(for reader: Int) -> [EncryptedShares.Entry] {
    ciphertexts.keys.sorted().compactMap { sender in
      ciphertexts[sender]?[reader].map { .init(client: sender, ciphertext: $0) }
    }
  }

  /// Tells each client who is in the sum, by default everybody whose input came; nil tells nothing.
  func showSurvivors(_ list: ((_ reader: Int) -> [Int]?)? = nil) {
    for reader in clients.map(\.id) where masked[reader] != nil {
      guard let survivors = list == nil ? masked.keys.sorted() : list?(reader) else { continue }
      say(SurvivorList(survivors).encoded(in: session), .survivorList, to: reader)
    }
  }

  /// Shows each client signatures, by default all there are; nil shows nothing. Only clients of an
  /// `active` session wait for them.
  func showSignatures(
    _ proof: ((_ reader: Int) -> [ConsistencyProof.Entry]?)? = nil
  ) {
    guard session.security == .active else { return }
    for reader in clients.map(\.id) where signatures[reader] != nil {
      guard let entries = proof == nil ? allSignatures : proof?(reader) else { continue }
      say(ConsistencyProof(entries: entries).encoded(), .consistencyProof, to: reader)
    }
  }

  private var allSignatures: [ConsistencyProof.Entry] {
    signatures.keys.sorted().compactMap { client in
      signatures[client].map { .init(client: client, signature: $0) }
    }
  }

  /// All rounds as the protocol has them.
  func followProtocol() throws {
    try collectKeys()
    showKeys()
    deliverShares()
    showSurvivors()
    showSignatures()
  }

  // MARK: Saying and hearing

  /// Signs a message and sends it.
  func say(_ payload: [UInt8], _ kind: MessageKind, to client: Int) {
    let message = Envelope.seal(
      payload, kind, from: .server, to: .client(client), in: session, by: identity)
    said[kind, default: [:]][client] = message
    if let old = recorded[kind]?[client], send(old, to: client) { taken += 1 }
    send(message, to: client)
  }

  /// Sends bytes as they are; false if they were refused.
  @discardableResult
  func send(_ message: [UInt8], to client: Int) -> Bool {
    do throws(MaskingError) {
      if let answer = try clients[client].receive(message) { try? hear(answer) }
      return true
    } catch {
      refusals[client] = error
      return false
    }
  }

  /// Remembers what a client says.
  private func hear(_ message: [UInt8]) throws {
    let envelope = try Envelope(opening: message, for: .server, in: session, registry: registry)
    guard case .client(let client) = envelope.sender else { return }
    let payload = envelope.payload
    switch envelope.kind {
    case .keyAdvertisement:
      advertisements[client] = .init(
        client: client, keys: try KeyAdvertisement(whole: payload), signature: envelope.signature)
    case .shareDistribution:
      let list = try EncryptedShares(decoding: payload, as: envelope.kind, in: session)
      ciphertexts[client] = Dictionary(
        uniqueKeysWithValues: list.entries.map { ($0.client, $0.ciphertext) })
    case .maskedInput:
      masked[client] = try RingVector(
        unpacking: payload, count: session.dimension, in: session.ring)
    case .consistencySignature:
      signatures[client] = envelope.signature
    case .unmaskingShares:
      let list = try UnmaskingShares(decoding: payload, in: session)
      for entry in list.entries {
        switch entry.share {
        case .maskKey(let share): opened[entry.client, default: .init()].maskKey[client] = share
        case .selfMask(let share): opened[entry.client, default: .init()].selfMask[client] = share
        }
      }
    default:
      break
    }
  }
}
