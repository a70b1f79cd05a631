internal import CryptoCore
internal import SecureAggregation

/// The messages of verifiable sums, besides those of the sum itself.
public enum ProofKind: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case verifyNetProof = 1
  case verifyNetAnnouncement
  case verSASeeds
  case verSADelivery
  case verSAAnnouncement
  case veriFLCommitment
  case veriFLCommitments
  case veriFLReveal
  case veriFLAnnouncement
  case veriFLOpening
  case veriFLOpenings

  /// "VerifyNet proof", ...
  public var description: String {
    switch self {
    case .verifyNetProof: "VerifyNet proof"
    case .verifyNetAnnouncement: "VerifyNet announcement"
    case .verSASeeds: "VerSA seeds"
    case .verSADelivery: "VerSA delivery"
    case .verSAAnnouncement: "VerSA announcement"
    case .veriFLCommitment: "VeriFL commitment"
    case .veriFLCommitments: "list of VeriFL commitments"
    case .veriFLReveal: "VeriFL commitment revealed"
    case .veriFLAnnouncement: "VeriFL announcement"
    case .veriFLOpening: "VeriFL opening"
    case .veriFLOpenings: "list of VeriFL openings"
    }
  }
}

/// What every message of a proof travels in: who says what, in which round of which session,
/// signed.
///
///     "RVP" version kind sender session round digest length payload signature
///       3      1     1     4       32     8     32     4      ...      64     bytes
///
/// The signature (Ed25519) is over everything before the payload and the SHA-256 of the payload. It
/// is checked before the session is, so that whoever is blamed for a foreign message has signed it.
struct ProofEnvelope {
  static let version: UInt8 = 1
  /// Bytes besides the payload.
  static let overhead = 85 + Ed25519.signatureCount
  private static let magic: [UInt8] = Array("RVP".utf8)

  let sender: Party
  let payload: ArraySlice<UInt8>

  /// Signs a message.
  static func seal(
    _ payload: [UInt8], _ kind: ProofKind, from sender: Party, in session: MaskingSession,
    by key: Ed25519.PrivateKey
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.write(magic + [version, kind.rawValue])
    writer.write(sender.number)
    writer.write(session.id)
    writer.write(session.round)
    writer.write(session.digest)
    writer.write(UInt32(payload.count))
    let signature = key.sign(writer.bytes + SHA256.hash(payload).bytes)
    return writer.bytes + payload + signature
  }

  /// Opens a message that must be of one kind.
  ///
  /// - Throws: `ProofRefusal` unless it is one whole envelope of this session and round that a
  ///   registered party signed.
  init(
    opening bytes: [UInt8], as expected: ProofKind, in session: MaskingSession,
    registry: IdentityRegistry
  ) throws(ProofRefusal) {
    var known: Party?
    do throws(ProofFault) {
      var reader = ProofReader(bytes[...])
      guard try reader.read(3).elementsEqual(Self.magic) else { throw .notAProof }
      let version = try reader.readByte()
      guard version == Self.version else { throw .version(version) }
      let number = try reader.readByte()
      let sender = Party(number: try reader.readWord())
      known = sender
      let id = try reader.read(32)
      let round = try reader.readLong()
      let digest = try reader.read(32)
      let count = Int(try reader.readWord())
      let payload = try reader.read(count)
      let signature = Array(try reader.read(Ed25519.signatureCount))
      try reader.finish()
      guard let key = registry.signingKey(of: sender) else { throw .unknownSender }
      let signed = bytes[..<payload.startIndex] + SHA256.hash(Array(payload)).bytes
      guard key.isValid(signature, for: Array(signed)) else { throw .badSignature }
      guard id.elementsEqual(session.id) else { throw .foreignSession }
      guard round == session.round else { throw .foreignRound(round) }
      guard digest.elementsEqual(session.digest) else { throw .foreignCohort }
      guard let kind = ProofKind(rawValue: number) else { throw .unknownKind(number) }
      guard kind == expected else { throw .unexpected(kind, awaited: expected) }
      self.sender = sender
      self.payload = payload
    } catch {
      throw ProofRefusal(sender: known, fault: error)
    }
  }
}

extension Party {
  /// As it is written: all ones for the server.
  var number: UInt32 {
    switch self {
    case .server: .max
    case .client(let id): UInt32(id)
    }
  }

  init(number: UInt32) { self = number == .max ? .server : .client(Int(number)) }
}

extension IdentityRegistry {
  /// What the signatures of a party are checked with; nil if nobody has registered it.
  func signingKey(of party: Party) -> Ed25519.PublicKey? {
    switch party {
    case .server: server
    case .client(let id): clients.indices.contains(id) ? clients[id] : nil
    }
  }
}
