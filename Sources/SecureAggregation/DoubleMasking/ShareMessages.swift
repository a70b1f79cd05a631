public import CryptoCore

/// Shares of a client's two secrets, encrypted for each of its neighbours.
///
/// On the way to the server the number is the recipient's; in a delivery from the server, the
/// sender's.
public struct EncryptedShares: Sendable, Hashable {
  /// Two shares of 32 bytes under AES-256-GCM.
  public struct Entry: Sendable, Hashable {
    /// Whom they are for, or from.
    public let client: Int
    /// 80 bytes.
    public let ciphertext: [UInt8]

    package init(client: Int, ciphertext: [UInt8]) {
      self.client = client
      self.ciphertext = ciphertext
    }
  }

  static let ciphertextCount = 64 + AESGCM.tagCount

  /// By increasing number of the client.
  public let entries: [Entry]

  package init(entries: [Entry]) { self.entries = entries }

  package func encoded() -> [UInt8] {
    WireWriter.list(entries, by: \.client) { entry, writer in writer.write(entry.ciphertext) }
  }

  package init(
    decoding payload: ArraySlice<UInt8>, as kind: MessageKind, in session: MaskingSession
  ) throws(MessageRefusal) {
    entries = try WireReader.list(payload, kind, in: session) {
      (client, reader) throws(MessageRefusal) in
      Entry(client: client, ciphertext: Array(try reader.read(Self.ciphertextCount)))
    }
  }
}

/// What a client gives so that masks can be taken off: of each neighbour, a share of one secret. Both
/// cannot be said: an entry is one or the other, and a client has one entry.
public struct UnmaskingShares: Sendable {
  /// Which secret the share is of.
  public enum Share: Sendable {
    /// Of a survivor: the secret behind its self mask.
    case selfMask(SecretBytes)
    /// Of one that dropped out: the secret behind its mask key.
    case maskKey(SecretBytes)
  }

  /// One client's share.
  public struct Entry: Sendable {
    /// Whose secret it is.
    public let client: Int
    /// The share of it.
    public let share: Share

    package init(client: Int, share: Share) {
      self.client = client
      self.share = share
    }
  }

  /// By increasing number of the client.
  public let entries: [Entry]

  package init(entries: [Entry]) { self.entries = entries }

  /// The shares are on their way to whom they are for: they leave the store that clears itself.
  package func encoded() -> [UInt8] {
    WireWriter.list(entries, by: \.client) { entry, writer in
      switch entry.share {
      case .selfMask(let share):
        writer.write(UInt8(0))
        writer.write(share.revealed())
      case .maskKey(let share):
        writer.write(UInt8(1))
        writer.write(share.revealed())
      }
    }
  }

  package init(
    decoding payload: ArraySlice<UInt8>, in session: MaskingSession
  ) throws(MessageRefusal) {
    entries = try WireReader.list(payload, .unmaskingShares, in: session) {
      (client, reader) throws(MessageRefusal) in
      let which = try reader.readByte()
      let share = SecretBytes(copying: Array(try reader.read(32)))
      switch which {
      case 0: return Entry(client: client, share: .selfMask(share))
      case 1: return Entry(client: client, share: .maskKey(share))
      default: throw .malformed(.unmaskingShares, "has a share of no secret (kind \(which))")
      }
    }
  }
}
