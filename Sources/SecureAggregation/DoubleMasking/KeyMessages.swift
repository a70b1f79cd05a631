public import CryptoCore

/// A client's fresh public keys for one session: its first message.
///
/// The commitment lets everybody who rebuilds the secret behind the self mask see whether it is the
/// right one; for the secret behind the mask key, the mask key itself does.
public struct KeyAdvertisement: Sendable, Hashable {
  /// With which others encrypt shares for it.
  public let channelKey: X25519.PublicKey
  /// With which pairwise masks are agreed.
  public let maskKey: X25519.PublicKey
  /// SHA-256 of a label and the secret behind the self mask.
  public let commitment: [UInt8]

  package func encoded() -> [UInt8] { channelKey.bytes + maskKey.bytes + commitment }

  package init(channelKey: X25519.PublicKey, maskKey: X25519.PublicKey, commitment: [UInt8]) {
    self.channelKey = channelKey
    self.maskKey = maskKey
    self.commitment = commitment
  }

  /// Reads a payload that is an advertisement and nothing else.
  package init(whole payload: ArraySlice<UInt8>) throws(MessageRefusal) {
    var reader = WireReader(payload)
    try self.init(decoding: &reader)
    try reader.finish()
  }

  init(decoding reader: inout WireReader) throws(MessageRefusal) {
    channelKey = try Self.key(&reader)
    maskKey = try Self.key(&reader)
    commitment = Array(try reader.read(32))
  }

  private static func key(_ reader: inout WireReader) throws(MessageRefusal) -> X25519.PublicKey {
    let bytes = Array(try reader.read(32))
    do { return try X25519.PublicKey(bytes) } catch { throw .truncated(missing: 32 - bytes.count) }
  }

  /// Why no client that follows the protocol has these keys; nil if one may.
  var fault: KeyFault? {
    for key in [channelKey, maskKey] {
      guard key.isCanonical else { return .notCanonical }
      guard !key.isSmallOrder else { return .smallOrder }
    }
    return channelKey == maskKey ? .sameTwice : nil
  }
}

/// Why a public key is refused.
public enum KeyFault: Sendable, Hashable, CustomStringConvertible {
  /// Not a number below 2^255 - 19: another encoding of a key would pass for a different key.
  case notCanonical
  /// What is agreed with it is known to everybody.
  case smallOrder
  /// One key for both purposes.
  case sameTwice
  /// The key of a client that has sent its own before.
  case taken(by: Int)

  /// What the key is or does.
  public var description: String {
    switch self {
    case .notCanonical: "is no number below 2^255 - 19"
    case .smallOrder: "has small order, so that what is agreed with it is no secret"
    case .sameTwice: "is the same for both purposes"
    case .taken(let id): "is one that client \(id) has sent"
    }
  }
}

/// The keys of a client's neighbours and its own, from the server.
public struct KeyDirectory: Sendable, Hashable {
  /// One client's keys, with its signature under the advertisement where sessions are `active`.
  public struct Entry: Sendable, Hashable {
    /// Whose keys they are.
    public let client: Int
    /// The keys.
    public let keys: KeyAdvertisement
    /// 64 bytes, or nil in a semi-honest session.
    public let signature: [UInt8]?

    package init(client: Int, keys: KeyAdvertisement, signature: [UInt8]?) {
      self.client = client
      self.keys = keys
      self.signature = signature
    }
  }

  /// By increasing number of the client.
  public let entries: [Entry]

  package func encoded() -> [UInt8] {
    WireWriter.list(entries, by: \.client) { entry, writer in
      writer.write(entry.keys.encoded())
      writer.write(entry.signature ?? [])
    }
  }

  package init(entries: [Entry]) { self.entries = entries }

  package init(decoding payload: ArraySlice<UInt8>, in session: MaskingSession)
    throws(MessageRefusal)
  {
    entries = try WireReader.list(payload, .keyDirectory, in: session) {
      (client, reader) throws(MessageRefusal) in
      let keys = try KeyAdvertisement(decoding: &reader)
      let signature =
        session.security == .active ? Array(try reader.read(Ed25519.signatureCount)) : nil
      return Entry(client: client, keys: keys, signature: signature)
    }
  }
}
