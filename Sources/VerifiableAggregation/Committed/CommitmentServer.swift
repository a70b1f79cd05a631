public import CryptoCore
internal import Pairings
public import SecureAggregation

/// The server's side: it gathers digests and commitments, and announces what came of the sum.
///
///     var server = CommitmentServer(in: session, identity: key, registry: keys)
///     for message in inbox { try server.receive(message) }
///     broadcast(server.closeDigests())
///     for message in inbox { try server.receive(message) }
///     ...                                      // the double-masked sum, of `committed` clients
///     broadcast(try server.announce(outcome))
public struct CommitmentServer: Sendable {
  /// What everybody agreed on.
  public let session: CommittedSession
  private let identity: Ed25519.PrivateKey
  private let registry: IdentityRegistry
  private var digests: [Int: [UInt8]] = [:]
  private var list: DigestList?
  private(set) var commitments: [Int: SignedCommitment] = [:]

  /// A server that waits for digests.
  public init(
    in session: CommittedSession, identity: Ed25519.PrivateKey, registry: IdentityRegistry
  ) {
    self.session = session
    self.identity = identity
    self.registry = registry
  }

  /// Who has sent a commitment that is as it must be: no other client's vector may go into the sum,
  /// or nobody will accept it.
  public var committed: [Int] { commitments.keys.sorted() }

  /// Takes a digest, or after ``closeDigests()`` a commitment.
  ///
  /// - Returns: The client that sent it.
  /// - Throws: `CommitmentRefusal`; nothing has changed then.
  @discardableResult
  public mutating func receive(_ bytes: [UInt8]) throws(CommitmentRefusal) -> Int {
    guard let list else {
      let frame = try CommitmentFrame(bytes, as: .digest, in: session)
      let client = try frame.client()
      guard frame.payload.count == CommitmentDigest.count else {
        throw .malformed(.digest, from: frame.sender, "has \(frame.payload.count) bytes, not 32")
      }
      guard digests[client] == nil else { throw .unexpected(.digest, from: frame.sender) }
      digests[client] = Array(frame.payload)
      return client
    }
    let frame = try CommitmentFrame(bytes, as: .commitment, in: session)
    let client = try frame.client()
    guard commitments[client] == nil else { throw .unexpected(.commitment, from: frame.sender) }
    let payload = frame.payload
    let commitment = try reading(.commitment, from: frame.sender) { () throws(MessageRefusal) in
      var reader = WireReader(payload)
      let commitment = try SignedCommitment(decoding: &reader)
      try reader.finish()
      return commitment
    }
    _ = try commitment.checked(of: client, beside: list, in: session, registry: registry)
    commitments[client] = commitment
    return client
  }

  /// Ends the round of digests: what everybody is told.
  public mutating func closeDigests() -> [UInt8] {
    let closed = list ?? DigestList(digests, in: session)
    list = closed
    return closed.encoded(in: session, by: identity)
  }

  /// What everybody is told of the sum.
  ///
  /// - Throws: `CommitmentRefusal.withoutDigest` if somebody's vector is in it that has not
  ///   committed.
  public func announce(_ outcome: AggregationOutcome) throws(CommitmentRefusal) -> [UInt8] {
    try announce(outcome.contributors, outcome.sum)
  }

  /// The same of any survivors and any sum.
  package func announce(
    _ survivors: [Int], _ sum: RingVector
  ) throws(CommitmentRefusal) -> [UInt8] {
    var entries: [(client: Int, commitment: SignedCommitment)] = []
    for client in survivors {
      guard let commitment = commitments[client] else { throw .withoutDigest(client) }
      entries.append((client, commitment))
    }
    return Announcement(survivors: entries, sum: sum).encoded(in: session, by: identity)
  }
}
