internal import CryptoCore
internal import SecretSharing
internal import SecureAggregation

/// A client that follows the protocol and tells the adversary all it knows.
struct Insider {
  let id: Int
  let identity: Ed25519.PrivateKey
  let maskKey: X25519.PrivateKey
  private let session: MaskingSession
  private let schedule: KeySchedule
  private let channelKey: X25519.PrivateKey

  /// - Parameter source: The client's own, as it was before the client drew from it: the channel
  ///   key,
  ///   then the secret behind the mask key.
  init(
    id: Int, in session: MaskingSession, identity: Ed25519.PrivateKey,
    source: some SecretSource
  ) throws {
    var source = source
    schedule = KeySchedule(session, modelDigest: [])
    self.id = id
    self.session = session
    self.identity = identity
    channelKey = try X25519.PrivateKey(using: &source)
    maskKey = schedule.maskKey(of: id, from: try Shamir.randomSecret(using: &source))
  }

  /// The shares that a neighbour gave it, of both secrets; nil if the message is not for it.
  func shares(from owner: Int, keys: KeyAdvertisement, _ ciphertext: [UInt8]) -> SharePair? {
    guard let agreed = try? channelKey.sharedSecret(with: keys.channelKey) else { return nil }
    return SharePair(
      ciphertext,
      key: schedule.shareKey(
        from: (owner, keys.channelKey), to: (id, channelKey.publicKey), agreed: agreed),
      header: schedule.shareHeader(from: owner, to: id))
  }

  /// Signs a list of survivors, whatever it said before.
  func sign(_ survivors: [Int]) -> [UInt8] {
    let message = Envelope.seal(
      SurvivorList(survivors).encoded(in: session), .consistencySignature, from: .client(id),
      to: .server, in: session, by: identity)
    return Array(message.suffix(Ed25519.signatureCount))
  }
}

/// One share of each of a client's two secrets, as one ciphertext carries them.
struct SharePair {
  let maskKey: SecretBytes
  let selfMask: SecretBytes

  /// Decrypts; nil if the message is not under this key.
  init?(_ ciphertext: [UInt8], key: SecretBytes, header: [UInt8]) {
    guard
      let both = try? AESGCM.open(
        ciphertext, key: key, nonce: KeySchedule.nonce, associatedData: header),
      both.count == 64
    else { return nil }
    maskKey = both[0..<32]
    selfMask = both[32..<64]
  }
}
