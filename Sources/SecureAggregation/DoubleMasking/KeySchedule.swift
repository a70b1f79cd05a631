package import CryptoCore

/// How keys and seeds come from what was agreed or shared.
///
/// All derivations are HKDF-SHA256 (RFC 5869) with the session's digest as salt, and name what they
/// are for and the clients they belong to. Anybody may know how: an adversary with the secrets derives
/// the same keys.
package struct KeySchedule {
  private let salt: [UInt8]
  /// Also names the model that inputs were computed from, so that masks agreed under different models
  /// do not cancel.
  private let maskSalt: [UInt8]

  /// The derivations of a session, for inputs computed from the model of this digest.
  package init(_ session: MaskingSession, modelDigest: [UInt8]) {
    salt = session.digest
    maskSalt = session.digest + modelDigest
  }

  private static func info(_ purpose: String, _ parts: [UInt8]...) -> [UInt8] {
    Array(purpose.utf8) + parts.joined()
  }

  private static func number(_ client: Int) -> [UInt8] {
    var writer = WireWriter()
    writer.write(UInt32(client))
    return writer.bytes
  }

  /// The private key for pairwise masks, from the secret that is shared.
  package func maskKey(of client: Int, from secret: SecretBytes) -> X25519.PrivateKey {
    X25519.PrivateKey(
      derivedFrom: secret,
      info: Self.info("rampart mask key", salt, Self.number(client)))
  }

  /// What the commitment to a self mask is bound to.
  package func commitmentLabel(of client: Int) -> [UInt8] {
    Self.info("rampart self mask", salt, Self.number(client))
  }

  /// The seed of a client's own mask.
  package func selfMask(of client: Int, from secret: SecretBytes) -> SecretBytes {
    HKDF.sha256(
      secret: secret, salt: maskSalt,
      info: Self.info("rampart self mask", Self.number(client)), count: MaskGenerator.seedCount)
  }

  /// The seed of the mask between two clients, the same from both sides.
  package func pairMask(
    _ a: (client: Int, key: X25519.PublicKey), _ b: (client: Int, key: X25519.PublicKey),
    agreed: SecretBytes
  ) -> SecretBytes {
    let (low, high) = a.client < b.client ? (a, b) : (b, a)
    return HKDF.sha256(
      secret: agreed, salt: maskSalt,
      info: Self.info(
        "rampart pair mask", Self.number(low.client), Self.number(high.client), low.key.bytes,
        high.key.bytes),
      count: MaskGenerator.seedCount)
  }

  /// The key under which one client encrypts shares for another: a fresh one for each direction, so
  /// that it serves one message and its nonce can be fixed.
  package func shareKey(
    from sender: (client: Int, key: X25519.PublicKey),
    to recipient: (client: Int, key: X25519.PublicKey), agreed: SecretBytes
  ) -> SecretBytes {
    HKDF.sha256(
      secret: agreed, salt: salt,
      info: Self.info(
        "rampart shares", Self.number(sender.client), Self.number(recipient.client),
        sender.key.bytes, recipient.key.bytes),
      count: AESGCM.keyCount)
  }

  /// Fixed: each key serves one message.
  package static let nonce = [UInt8](repeating: 0, count: AESGCM.nonceCount)

  /// What is authenticated with the shares besides them: whose they are, and whom they are for.
  package func shareHeader(from sender: Int, to recipient: Int) -> [UInt8] {
    Self.info("rampart shares", salt, Self.number(sender), Self.number(recipient))
  }

  /// Whether the mask between `client` and `other` is added to or subtracted from `client`'s input.
  package static func sign(of client: Int, with other: Int) -> MaskTerm.Sign {
    client < other ? .plus : .minus
  }
}
