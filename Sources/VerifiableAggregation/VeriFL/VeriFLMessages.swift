package import CryptoCore
package import SecureAggregation

/// A user's commitment of one epoch, with shares of what opens it for each other user.
struct VeriFLCommitmentMessage {
  let digest: [UInt8]
  /// By recipient.
  let boxes: [Int: [UInt8]]

  func encoded() -> [UInt8] {
    digest + boxes.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  init(digest: [UInt8], boxes: [Int: [UInt8]]) {
    self.digest = digest
    self.boxes = boxes
  }

  init(
    decoding payload: ArraySlice<UInt8>, from client: Int, form: VeriFLForm,
    in session: MaskingSession
  ) throws(ProofFault) {
    var reader = ProofReader(payload)
    digest = Array(try reader.read(32))
    var boxes: [Int: [UInt8]] = [:]
    for other in 0..<session.clients where other != client {
      boxes[other] = Array(try reader.read(form.layout.shareCount + AESGCM.tagCount))
    }
    try reader.finish()
    self.boxes = boxes
  }
}

/// All commitments of an epoch, with one recipient's boxes.
struct VeriFLCommitmentList {
  /// By client.
  let digests: [Int: [UInt8]]
  /// By sender, without the recipient.
  let boxes: [Int: [UInt8]]

  /// What users sign so that those who were shown other commitments notice.
  static func root(of digests: [Int: [UInt8]]) -> [UInt8] {
    var writer = WireWriter()
    for (client, digest) in digests.sorted(by: { $0.key < $1.key }) {
      writer.write(UInt32(client))
      writer.write(digest)
    }
    return SHA256.hash(Array("rampart verifl root".utf8) + writer.bytes).bytes
  }

  func encoded() -> [UInt8] {
    var writer = WireWriter()
    let clients = digests.keys.sorted()
    writer.write(clients: clients)
    for client in clients { writer.write(digests[client] ?? []) }
    for client in clients { writer.write(boxes[client] ?? []) }
    return writer.bytes
  }

  init(digests: [Int: [UInt8]], boxes: [Int: [UInt8]]) {
    self.digests = digests
    self.boxes = boxes
  }

  init(
    decoding payload: ArraySlice<UInt8>, for id: Int, form: VeriFLForm, in session: MaskingSession
  ) throws(ProofFault) {
    var reader = ProofReader(payload)
    let clients = try reader.readClients(.veriFLCommitments, in: session)
    guard clients.count >= max(2, session.threshold), clients.contains(id) else {
      throw .malformed(
        .veriFLCommitments, "is of \(clients.count) clients, too few or without client \(id)")
    }
    var digests: [Int: [UInt8]] = [:]
    for client in clients { digests[client] = Array(try reader.read(32)) }
    var boxes: [Int: [UInt8]] = [:]
    for client in clients where client != id {
      boxes[client] = Array(try reader.read(form.layout.shareCount + AESGCM.tagCount))
    }
    try reader.finish()
    self.digests = digests
    self.boxes = boxes
  }
}

/// What a server says of the sum of an epoch.
package struct VeriFLAnnouncement: Sendable {
  /// z.
  package var sum: RingVector
  /// U3.
  package var contributors: [Int]

  /// A claim, true or not.
  package init(sum: RingVector, contributors: [Int]) {
    self.sum = sum
    self.contributors = contributors
  }

  /// The message.
  package func sealed(in session: MaskingSession, by key: Ed25519.PrivateKey) -> [UInt8] {
    var writer = WireWriter()
    writer.write(clients: contributors)
    writer.write(sum.packed())
    return ProofEnvelope.seal(
      writer.bytes, .veriFLAnnouncement, from: .server, in: session, by: key)
  }

  init(decoding payload: ArraySlice<UInt8>, in session: MaskingSession) throws(ProofFault) {
    var reader = ProofReader(payload)
    contributors = try reader.readClients(.veriFLAnnouncement, in: session)
    sum = try reader.readVector(.veriFLAnnouncement, count: session.dimension, in: session.ring)
    try reader.finish()
  }
}

/// What opens the commitments of an epoch, from the server.
package enum VeriFLOpenings: Sendable {
  /// Of the published form: by contributor, the encoded hash (48 bytes) and r (48).
  case each([Int: (hash: [UInt8], mask: [UInt8])])
  /// Of the mended form: the contributors' revealed commitments as they signed them, and the sum of
  /// the pieces of their randomness, 32 bytes each.
  case sum(reveals: [Int: [UInt8]], pieces: [[UInt8]])

  /// Bytes of a revealed commitment: a digest of the list, a point, the envelope.
  static let revealCount = 32 + 48 + ProofEnvelope.overhead

  /// The message.
  package func sealed(in session: MaskingSession, by key: Ed25519.PrivateKey) -> [UInt8] {
    var bytes: [UInt8] = []
    switch self {
    case .each(let openings):
      for (_, opening) in openings.sorted(by: { $0.key < $1.key }) {
        bytes += opening.hash + opening.mask
      }
    case .sum(let reveals, let pieces):
      for (_, reveal) in reveals.sorted(by: { $0.key < $1.key }) { bytes += reveal }
      bytes += pieces.joined()
    }
    return ProofEnvelope.seal(bytes, .veriFLOpenings, from: .server, in: session, by: key)
  }

  init(
    decoding payload: ArraySlice<UInt8>, of contributors: [Int], form: VeriFLForm
  ) throws(ProofFault) {
    var reader = ProofReader(payload)
    switch form {
    case .published:
      var openings: [Int: (hash: [UInt8], mask: [UInt8])] = [:]
      for client in contributors {
        openings[client] = (Array(try reader.read(48)), Array(try reader.read(48)))
      }
      self = .each(openings)
    case .mended:
      var reveals: [Int: [UInt8]] = [:]
      for client in contributors {
        reveals[client] = Array(try reader.read(Self.revealCount))
      }
      self = .sum(
        reveals: reveals, pieces: [Array(try reader.read(32)), Array(try reader.read(32))])
    }
    try reader.finish()
  }
}
