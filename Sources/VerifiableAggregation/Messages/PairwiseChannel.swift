public import CryptoCore
package import SecureAggregation

/// Secrets from each client to each other, through a server that cannot read them.
///
/// Keys are registered before any session, as signing keys are. One key serves one message: it is
/// derived from what two parties agreed, the session, the purpose and the direction.
public struct PairwiseChannel: Sendable {
  let id: Int
  private let key: X25519.PrivateKey
  private let peers: [X25519.PublicKey]

  /// The channels of client `id`.
  ///
  /// - Parameter peers: Everybody's registered keys, by number.
  public init(id: Int, key: X25519.PrivateKey, peers: [X25519.PublicKey]) {
    self.id = id
    self.key = key
    self.peers = peers
  }

  private func key(
    from sender: Int, to recipient: Int, _ purpose: String, _ session: MaskingSession
  ) throws(ProofFault) -> SecretBytes {
    let other = sender == id ? recipient : sender
    guard peers.indices.contains(other) else { throw .unknownSender }
    let agreed: SecretBytes
    do { agreed = try key.sharedSecret(with: peers[other]) } catch {
      throw .unknownSender
    }
    var info = WireWriter()
    info.write(Array("rampart \(purpose)".utf8))
    info.write(UInt32(sender))
    info.write(UInt32(recipient))
    info.write(peers[sender].bytes + peers[recipient].bytes)
    return HKDF.sha256(
      secret: agreed, salt: session.digest, info: info.bytes, count: AESGCM.keyCount)
  }

  /// Encrypts for one other client. A purpose serves once in a session.
  package func seal(
    _ secret: SecretBytes, to recipient: Int, _ purpose: String, in session: MaskingSession
  ) throws(ProofFault) -> [UInt8] {
    AESGCM.seal(
      secret, key: try key(from: id, to: recipient, purpose, session), nonce: Self.nonce)
  }

  /// Decrypts what another client sealed; nil if it is anything else.
  func open(
    _ box: [UInt8], from sender: Int, _ purpose: String, in session: MaskingSession
  ) throws(ProofFault) -> SecretBytes? {
    try? AESGCM.open(
      box, key: try key(from: sender, to: id, purpose, session), nonce: Self.nonce)
  }

  private static let nonce = [UInt8](repeating: 0, count: AESGCM.nonceCount)
}
