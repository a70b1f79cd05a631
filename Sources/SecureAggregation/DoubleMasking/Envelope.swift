package import CryptoCore

/// The messages of double masking, in the order in which they are sent.
public enum MessageKind: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case keyAdvertisement = 1
  case keyDirectory
  case shareDistribution
  case shareDelivery
  case maskedInput
  case survivorList
  case consistencySignature
  case consistencyProof
  case unmaskingShares

  /// "key advertisement", ...
  public var description: String {
    switch self {
    case .keyAdvertisement: "key advertisement"
    case .keyDirectory: "key directory"
    case .shareDistribution: "share distribution"
    case .shareDelivery: "share delivery"
    case .maskedInput: "masked input"
    case .survivorList: "survivor list"
    case .consistencySignature: "consistency signature"
    case .consistencyProof: "consistency proof"
    case .unmaskingShares: "unmasking shares"
    }
  }
}

/// What every message travels in: who says what to whom, in which round of which session under which
/// parameters, signed.
///
///     "RDM" version kind sender recipient session round digest length payload signature
///       3      1     1     4        4        32     8     32     4      ...      64     bytes
///
/// The signature (Ed25519) is over everything before the payload and the SHA-256 of the payload.
public struct Envelope: Sendable, Hashable {
  /// The version of the protocol.
  public static let version: UInt8 = 1
  /// Bytes of an envelope besides its payload.
  public static let overhead = 89 + Ed25519.signatureCount
  private static let magic: [UInt8] = Array("RDM".utf8)

  /// What the payload is.
  public let kind: MessageKind
  /// Who signed it.
  public let sender: Party
  /// Whom it is for.
  public let recipient: Party
  /// The message itself.
  public let payload: ArraySlice<UInt8>
  /// 64 bytes.
  public let signature: [UInt8]

  /// Signs a message.
  package static func seal(
    _ payload: [UInt8], _ kind: MessageKind, from sender: Party, to recipient: Party,
    in session: MaskingSession, by key: Ed25519.PrivateKey
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.write(header(kind, sender, recipient, session, count: payload.count))
    let signature = key.sign(writer.bytes + SHA256.hash(payload).bytes)
    writer.write(payload)
    writer.write(signature)
    return writer.bytes
  }

  private static func header(
    _ kind: MessageKind, _ sender: Party, _ recipient: Party, _ session: MaskingSession, count: Int
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.write(magic)
    writer.write(version)
    writer.write(kind.rawValue)
    writer.write(sender.code)
    writer.write(recipient.code)
    writer.write(session.id)
    writer.write(session.round)
    writer.write(session.digest)
    writer.write(UInt32(count))
    return writer.bytes
  }

  /// Whether `sender` signed this payload for `recipient`, wherever the signature came from.
  static func isSigned(
    _ payload: [UInt8], _ kind: MessageKind, by sender: Party, for recipient: Party,
    in session: MaskingSession, _ signature: [UInt8], registry: IdentityRegistry
  ) -> Bool {
    guard let key = registry.key(of: sender) else { return false }
    let header = header(kind, sender, recipient, session, count: payload.count)
    return key.isValid(signature, for: header + SHA256.hash(payload).bytes)
  }

  /// Opens what came for `recipient`.
  ///
  /// - Throws: `MessageRefusal` unless it is one whole envelope of this session, round and parameters
  ///   that a registered party signed.
  package init(
    opening bytes: [UInt8], for recipient: Party, in session: MaskingSession,
    registry: IdentityRegistry
  ) throws(MessageRefusal) {
    var reader = WireReader(bytes[...])
    guard try reader.read(3).elementsEqual(Self.magic) else { throw .notAnEnvelope }
    let version = try reader.readByte()
    guard version == Self.version else { throw .version(version) }
    let number = try reader.readByte()
    guard let kind = MessageKind(rawValue: number) else { throw .unknownKind(number) }
    let sender = Party(code: try reader.readWord())
    let addressee = Party(code: try reader.readWord())
    guard try reader.read(32).elementsEqual(session.id) else { throw .foreignSession }
    let round = try reader.readLong()
    guard round == session.round else { throw .foreignRound(round) }
    guard try reader.read(32).elementsEqual(session.digest) else { throw .foreignParameters }
    let count = Int(try reader.readWord())
    let payload = try reader.read(count)
    let signature = try reader.read(Ed25519.signatureCount)
    try reader.finish()
    guard let key = registry.key(of: sender) else {
      if case .client(let id) = sender { throw .unknownSender(id) }
      throw .badSignature(sender)
    }
    guard addressee == recipient else { throw .foreignRecipient(addressee) }
    var hasher = SHA256()
    hasher.update(Array(payload))
    guard key.isValid(Array(signature), for: bytes[..<payload.startIndex] + hasher.finalize().bytes)
    else { throw .badSignature(sender) }
    self.kind = kind
    self.sender = sender
    self.recipient = recipient
    self.payload = payload
    self.signature = Array(signature)
  }
}
