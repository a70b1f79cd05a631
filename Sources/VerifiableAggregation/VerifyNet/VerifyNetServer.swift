public import CryptoCore
public import SecureAggregation

/// The server of `verifynet-reconstructed`: takes proofs with the masked inputs, and after the sum
/// is known announces it with the products of the proofs of those whose inputs are in it.
///
///     var server = VerifyNetServer(mode: .labelled, in: session, identity: key, registry: keys)
///     for message in inbox { try server.receive(message) }
///     broadcast(try server.announcement(of: outcome))
public struct VerifyNetServer: Sendable {
  private let mode: VerifyNetMode
  private let session: MaskingSession
  private let identity: Ed25519.PrivateKey
  private let registry: IdentityRegistry
  private let workers: Int
  private var proofs: [Int: VerifyNetProof] = [:]

  /// A server that has no proof yet.
  ///
  /// - Parameter workers: How many threads read points.
  public init(
    mode: VerifyNetMode, in session: MaskingSession, identity: Ed25519.PrivateKey,
    registry: IdentityRegistry, workers: Int = 1
  ) {
    self.mode = mode
    self.session = session
    self.identity = identity
    self.registry = registry
    self.workers = workers
  }

  /// Whose proofs have come.
  public var received: [Int] { proofs.keys.sorted() }

  /// What a client proved, as the server sees it.
  package func proof(of client: Int) -> VerifyNetProof? { proofs[client] }

  /// Takes one client's proof.
  ///
  /// - Returns: The client that signed it.
  /// - Throws: `ProofRefusal`, with the sender; nothing has changed then.
  /// - Complexity: Four decodings with subgroup checks for each proof.
  @discardableResult
  public mutating func receive(_ bytes: [UInt8]) throws(ProofRefusal) -> Int {
    let (client, proof) = try read(bytes)
    try take(proof, of: client)
    return client
  }

  /// A proof that a message holds, if it may be taken: several messages can be read side by side.
  ///
  /// - Throws: `ProofRefusal`, with the sender.
  func read(_ bytes: [UInt8]) throws(ProofRefusal) -> (client: Int, proof: VerifyNetProof) {
    let envelope = try ProofEnvelope(
      opening: bytes, as: .verifyNetProof, in: session, registry: registry)
    guard case .client(let client) = envelope.sender, client < session.clients else {
      throw ProofRefusal(sender: envelope.sender, fault: .unknownSender)
    }
    try expect(client)
    do throws(ProofFault) {
      return (
        client,
        try VerifyNetProof(
          decoding: envelope.payload, count: mode.proofCount(dimension: session.dimension),
          workers: workers)
      )
    } catch {
      throw ProofRefusal(sender: envelope.sender, fault: error)
    }
  }

  /// Takes a proof that was read.
  ///
  /// - Throws: `ProofRefusal` with `.duplicate`.
  mutating func take(_ proof: VerifyNetProof, of client: Int) throws(ProofRefusal) {
    try expect(client)
    proofs[client] = proof
  }

  private func expect(_ client: Int) throws(ProofRefusal) {
    guard proofs[client] == nil else {
      throw ProofRefusal(sender: .client(client), fault: .duplicate(.verifyNetProof))
    }
  }

  /// The message to all users: the sum, whose vectors are in it, and the products of their proofs.
  ///
  /// - Throws: `ProofRefusal` with `.missing`, naming the first contributor without a proof.
  /// - Complexity: O(contributors · proofs) sums in both groups.
  public func announcement(of outcome: AggregationOutcome) throws(ProofRefusal) -> [UInt8] {
    seal(try claim(of: outcome.sum, contributors: outcome.contributors))
  }

  /// The message that makes a claim.
  func seal(_ claim: VerifyNetAnnouncement) -> [UInt8] {
    claim.sealed(in: session, by: identity)
  }

  /// A sum with the products of these contributors' proofs.
  func claim(
    of sum: RingVector, contributors: [Int]
  ) throws(ProofRefusal) -> VerifyNetAnnouncement {
    var total: VerifyNetProof?
    for client in contributors {
      guard let proof = proofs[client] else {
        throw ProofRefusal(sender: .client(client), fault: .missing(.verifyNetProof))
      }
      total?.add(proof)
      total = total ?? proof
    }
    guard let total else {
      throw ProofRefusal(sender: .server, fault: .missing(.verifyNetProof))
    }
    return VerifyNetAnnouncement(sum: sum, contributors: contributors, proof: total)
  }
}

/// What a server says of a sum.
package struct VerifyNetAnnouncement: Sendable {
  /// The claimed sum.
  package var sum: RingVector
  /// The claimed U3.
  package var contributors: [Int]
  /// The claimed products.
  package var proof: VerifyNetProof

  /// An announcement of these claims, true or not.
  package init(sum: RingVector, contributors: [Int], proof: VerifyNetProof) {
    self.sum = sum
    self.contributors = contributors
    self.proof = proof
  }

  /// The message.
  package func sealed(in session: MaskingSession, by key: Ed25519.PrivateKey) -> [UInt8] {
    var writer = WireWriter()
    writer.write(clients: contributors)
    writer.write(sum.packed())
    writer.write(proof.encoded())
    return ProofEnvelope.seal(
      writer.bytes, .verifyNetAnnouncement, from: .server, in: session, by: key)
  }

  init(
    decoding payload: ArraySlice<UInt8>, mode: VerifyNetMode, in session: MaskingSession,
    workers: Int
  ) throws(ProofFault) {
    var reader = ProofReader(payload)
    contributors = try reader.readClients(.verifyNetAnnouncement, in: session)
    sum = try reader.readVector(
      .verifyNetAnnouncement, count: session.dimension, in: session.ring)
    proof = try VerifyNetProof(
      decoding: try reader.read(reader.remaining),
      count: mode.proofCount(dimension: session.dimension), workers: workers)
  }
}
