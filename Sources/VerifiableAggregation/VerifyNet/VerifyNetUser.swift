public import CryptoCore
public import SecureAggregation

/// A user of `verifynet-reconstructed`: proves its vector, beside its masked input.
///
///     let user = VerifyNetUser(id: 3, keys: keys, in: session, identity: key)
///     send(try user.proof(of: encoded))
///
/// What the server learns from a proof depends on the mode (see ``VerifyNetMode``): those of single
/// coordinates give it every coordinate that can be guessed.
public struct VerifyNetUser: Sendable {
  /// Its number in the session.
  public let id: Int
  private let session: MaskingSession
  private let identity: Ed25519.PrivateKey
  private let exponents: VerifyNetExponents
  private let workers: Int

  /// A user of a session.
  ///
  /// - Parameters:
  ///   - label: τ as the server announced it with the public keys. Only `publicCode` trusts it; the
  ///     other modes take the session's digest.
  ///   - workers: How many threads prove.
  /// - Precondition: `id` is a client of the session.
  public init(
    id: Int, keys: VerifyNetKeys, in session: MaskingSession, label: [UInt8] = [],
    identity: Ed25519.PrivateKey, workers: Int = 1
  ) {
    precondition((0..<session.clients).contains(id), "no client \(id) in this session")
    self.id = id
    self.session = session
    self.identity = identity
    self.workers = workers
    exponents = VerifyNetExponents(keys, in: session, label: label)
  }

  /// The message that proves the vector the user has sent under its masks.
  ///
  /// 288 bytes a coordinate, or for the whole vector, and the envelope.
  ///
  /// - Throws: `ProofRefusal` naming this client unless the vector is of the session's length and
  ///   ring.
  /// - Complexity: Four fixed-base products for each proof.
  public func proof(of input: RingVector) throws(ProofRefusal) -> [UInt8] {
    guard input.count == session.dimension, input.ring == session.ring else {
      throw ProofRefusal(
        sender: .client(id),
        fault: .malformed(
          .verifyNetProof,
          "is asked for \(input.count) elements \(input.ring), and the session has "
            + "\(session.dimension) \(session.ring)"))
    }
    let proof = VerifyNetProof(
      hashes: exponents.hash(of: input.elements, users: [id]),
      masks: exponents.masks(of: [id]), inverseD: exponents.keys.inverseD, workers: workers)
    return ProofEnvelope.seal(
      proof.encoded(), .verifyNetProof, from: .client(id), in: session, by: identity)
  }
}
