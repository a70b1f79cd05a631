package import CryptoCore
internal import Pairings
package import SecureAggregation

/// A client's digest of its commitment: SHA-256 of the session's digest, its number and the point.
///
/// All digests are known before anybody shows a commitment. Without that, a client in league with
/// the server waits for the others' commitments, sends C = h^a g^b / Π C_n, and every sum b is
/// opened by what the two of them know, whatever the others have sent.
package enum CommitmentDigest {
  package static let count = 32

  package static func of(_ encoding: [UInt8], by client: Int, in session: CommittedSession)
    -> [UInt8]
  {
    var writer = WireWriter()
    writer.write(Array("rampart commitment digest".utf8))
    writer.write(session.digest)
    writer.write(UInt32(client))
    writer.write(encoding)
    return SHA256.hash(writer.bytes).bytes
  }
}

/// The digests of all clients that have sent one.
package struct DigestList: Sendable {
  /// By client.
  package let digests: [Int: [UInt8]]
  /// SHA-256 of the session's digest and all entries: who signs a commitment signs this too, so
  /// that clients that were shown different lists do not accept each other's commitments.
  package let root: [UInt8]

  package init(_ digests: [Int: [UInt8]], in session: CommittedSession) {
    self.digests = digests
    var writer = WireWriter()
    writer.write(Array("rampart commitment digests".utf8))
    writer.write(session.digest)
    writer.write(Self.encoded(digests))
    root = SHA256.hash(writer.bytes).bytes
  }

  private static func encoded(_ digests: [Int: [UInt8]]) -> [UInt8] {
    WireWriter.list(digests.sorted { $0.key < $1.key }, by: \.key) { entry, writer in
      writer.write(entry.value)
    }
  }

  package func encoded(in session: CommittedSession, by key: Ed25519.PrivateKey) -> [UInt8] {
    var writer = CommitmentFrame.header(.digestList, from: .server, in: session)
    writer.write(Self.encoded(digests))
    return session.signed(writer.bytes, by: key)
  }

  init(
    decoding bytes: [UInt8], in session: CommittedSession, registry: IdentityRegistry
  ) throws(CommitmentRefusal) {
    let payload = try session.opened(bytes, as: .digestList, registry: registry)
    var digests: [Int: [UInt8]] = [:]
    try reading(.digestList, from: .server) { () throws(MessageRefusal) in
      for entry in try WireReader.list(
        payload, .keyDirectory, in: session.masking,
        { (client, reader) throws(MessageRefusal) in
          (client, Array(try reader.read(CommitmentDigest.count)))
        })
      {
        digests[entry.0] = entry.1
      }
    }
    self.init(digests, in: session)
  }
}

/// A commitment with its client's signature, which stands under the session, the list of digests,
/// the client's number and the point.
package struct SignedCommitment: Sendable, Hashable {
  package static let count = 48 + Ed25519.signatureCount

  /// 48 bytes, compressed.
  package let encoding: [UInt8]
  /// 64 bytes.
  package let signature: [UInt8]

  private static func transcript(
    _ encoding: [UInt8], of client: Int, beside list: DigestList, in session: CommittedSession
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.write(Array("rampart commitment".utf8))
    writer.write(session.digest)
    writer.write(list.root)
    writer.write(UInt32(client))
    writer.write(encoding)
    return writer.bytes
  }

  package init(
    signing encoding: [UInt8], of client: Int, beside list: DigestList,
    in session: CommittedSession, by key: Ed25519.PrivateKey
  ) {
    self.encoding = encoding
    signature = key.sign(Self.transcript(encoding, of: client, beside: list, in: session))
  }

  init(decoding reader: inout WireReader) throws(MessageRefusal) {
    encoding = Array(try reader.read(48))
    signature = Array(try reader.read(Ed25519.signatureCount))
  }

  /// The point, if this is the commitment that `client` announced and signed.
  func checked(
    of client: Int, beside list: DigestList, in session: CommittedSession,
    registry: IdentityRegistry
  ) throws(CommitmentRefusal) -> G1Point {
    guard let digest = list.digests[client] else { throw .withoutDigest(client) }
    guard registry.clients.indices.contains(client),
      registry.clients[client].isValid(
        signature, for: Self.transcript(encoding, of: client, beside: list, in: session))
    else { throw .badSignature(of: .client(client)) }
    guard CommitmentDigest.of(encoding, by: client, in: session) == digest else {
      throw .notAsAnnounced(from: client)
    }
    let point: G1Point
    do throws(PairingError) {
      point = try G1Point(encoding: encoding)
      guard !point.isZero else { throw .infinity }
    } catch {
      throw .badPoint(from: client, error)
    }
    return point
  }
}

/// What the server says came of the sum: whose vectors are in it, their commitments, and the sum.
package struct Announcement: Sendable {
  /// By increasing number of the client.
  package let survivors: [(client: Int, commitment: SignedCommitment)]
  /// Of the vectors, and of the pieces of randomness behind them.
  package let sum: RingVector

  package init(survivors: [(client: Int, commitment: SignedCommitment)], sum: RingVector) {
    self.survivors = survivors
    self.sum = sum
  }

  package func encoded(in session: CommittedSession, by key: Ed25519.PrivateKey) -> [UInt8] {
    var writer = CommitmentFrame.header(.announcement, from: .server, in: session)
    let list = WireWriter.list(survivors, by: \.client) { entry, writer in
      writer.write(entry.commitment.encoding)
      writer.write(entry.commitment.signature)
    }
    writer.write(list)
    writer.write(sum.packed())
    return session.signed(writer.bytes, by: key)
  }

  init(
    decoding bytes: [UInt8], in session: CommittedSession, registry: IdentityRegistry
  ) throws(CommitmentRefusal) {
    let payload = try session.opened(bytes, as: .announcement, registry: registry)
    let (masking, kind) = (session.masking, CommitmentFrame.Kind.announcement)
    let size = masking.ring.packedCount(masking.dimension)
    guard payload.count >= size else {
      throw .malformed(kind, from: .server, "is too short for a sum of \(size) bytes")
    }
    survivors = try reading(kind, from: .server) { () throws(MessageRefusal) in
      try WireReader.list(payload.dropLast(size), .survivorList, in: masking) {
        (client, reader) throws(MessageRefusal) in
        (client, try SignedCommitment(decoding: &reader))
      }
    }
    do throws(EncodingError) {
      sum = try RingVector(
        unpacking: payload.suffix(size), count: masking.dimension, in: masking.ring)
    } catch {
      throw .malformed(kind, from: .server, "has a sum that does not unpack: \(error)")
    }
  }
}

extension CommittedSession {
  /// A message of the server with its signature, which stands under the whole digest of the
  /// session.
  package func signed(_ message: [UInt8], by key: Ed25519.PrivateKey) -> [UInt8] {
    message + key.sign(serverTranscript(message[...]))
  }

  private func serverTranscript(_ message: ArraySlice<UInt8>) -> [UInt8] {
    Array("rampart committed server".utf8) + digest + SHA256.hash(Array(message)).bytes
  }

  /// The payload of a message that the server signed.
  func opened(
    _ bytes: [UInt8], as kind: CommitmentFrame.Kind, registry: IdentityRegistry
  ) throws(CommitmentRefusal) -> ArraySlice<UInt8> {
    let frame = try CommitmentFrame(bytes, as: kind, in: self)
    guard frame.sender == .server else { throw .unexpected(kind, from: frame.sender) }
    guard frame.payload.count >= Ed25519.signatureCount else {
      throw .malformed(kind, from: .server, "is too short for a signature")
    }
    let signature = Array(bytes.suffix(Ed25519.signatureCount))
    guard
      registry.server.isValid(
        signature, for: serverTranscript(bytes.dropLast(Ed25519.signatureCount)))
    else { throw .badSignature(of: .server) }
    return frame.payload.dropLast(Ed25519.signatureCount)
  }
}

/// What a payload that cannot be read makes of what reads it.
func reading<Value>(
  _ kind: CommitmentFrame.Kind, from sender: Party, _ read: () throws(MessageRefusal) -> Value
) throws(CommitmentRefusal) -> Value {
  do { return try read() } catch { throw .malformed(kind, from: sender, "does not read: \(error)") }
}
