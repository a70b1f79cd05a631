public import CryptoCore
public import SecureAggregation

/// The server of VerSA: passes sealed seeds on, and announces both sums.
public struct VerSAServer: Sendable {
  private let parameters: VerSAParameters
  private let identity: Ed25519.PrivateKey
  private let registry: IdentityRegistry
  /// By sender, then by recipient.
  private var boxes: [Int: [Int: [UInt8]]] = [:]

  static let boxCount = 32 + AESGCM.tagCount

  /// A server without seeds.
  public init(
    _ parameters: VerSAParameters, identity: Ed25519.PrivateKey, registry: IdentityRegistry
  ) {
    self.parameters = parameters
    self.identity = identity
    self.registry = registry
  }

  /// Takes one client's sealed seeds.
  ///
  /// - Throws: `ProofRefusal` with the sender; nothing has changed then.
  public mutating func receive(_ bytes: [UInt8]) throws(ProofRefusal) {
    let session = parameters.session
    let envelope = try ProofEnvelope(
      opening: bytes, as: .verSASeeds, in: session, registry: registry)
    do throws(ProofFault) {
      guard case .client(let client) = envelope.sender, client < session.clients else {
        throw .unknownSender
      }
      guard boxes[client] == nil else { throw .duplicate(.verSASeeds) }
      var reader = ProofReader(envelope.payload)
      var own: [Int: [UInt8]] = [:]
      for other in 0..<session.clients where other != client {
        own[other] = Array(try reader.read(Self.boxCount))
      }
      try reader.finish()
      boxes[client] = own
    } catch {
      throw ProofRefusal(sender: envelope.sender, fault: error)
    }
  }

  /// What client `id` is told: the seeds of all who sent any.
  public func delivery(to id: Int) -> [UInt8] {
    let senders = boxes.keys.sorted()
    var writer = WireWriter()
    writer.write(clients: senders)
    for sender in senders where sender != id { writer.write(boxes[sender]?[id] ?? []) }
    return ProofEnvelope.seal(
      writer.bytes, .verSADelivery, from: .server, in: parameters.session, by: identity)
  }

  /// The message with both sums.
  ///
  /// - Throws: `ProofRefusal` naming a client that is in one of the sums only.
  public func announcement(
    of outcome: AggregationOutcome, check: AggregationOutcome
  ) throws(ProofRefusal) -> [UInt8] {
    let difference = Set(outcome.contributors).symmetricDifference(check.contributors)
    if let client = difference.min() {
      throw ProofRefusal(
        sender: .client(client),
        fault: .malformed(.verSAAnnouncement, "would have one sum with this client, one without"))
    }
    return VerSAAnnouncement(
      sum: outcome.sum, checkSum: check.sum, contributors: outcome.contributors
    ).sealed(in: parameters.session, by: identity)
  }
}

/// Sealed seeds for one client, by sender.
struct VerSADelivery {
  let boxes: [Int: [UInt8]]

  init(
    opening bytes: [UInt8], in session: MaskingSession, for id: Int, registry: IdentityRegistry
  ) throws(ProofRefusal) {
    let envelope = try ProofEnvelope(
      opening: bytes, as: .verSADelivery, in: session, registry: registry)
    do throws(ProofFault) {
      guard envelope.sender == .server else { throw .unknownSender }
      var reader = ProofReader(envelope.payload)
      let senders = try reader.readClients(.verSADelivery, in: session)
      guard senders.contains(id) else {
        throw .malformed(.verSADelivery, "leaves out client \(id), for which it is")
      }
      guard senders.count >= max(2, session.threshold) else {
        throw .malformed(.verSADelivery, "has seeds of \(senders.count) clients only")
      }
      var boxes: [Int: [UInt8]] = [:]
      for sender in senders where sender != id {
        boxes[sender] = Array(try reader.read(VerSAServer.boxCount))
      }
      try reader.finish()
      self.boxes = boxes
    } catch {
      throw ProofRefusal(sender: envelope.sender, fault: error)
    }
  }
}

/// What a server says of both sums.
package struct VerSAAnnouncement: Sendable {
  /// z.
  package var sum: RingVector
  /// z'.
  package var checkSum: RingVector
  /// U3.
  package var contributors: [Int]

  /// Claims, true or not.
  package init(sum: RingVector, checkSum: RingVector, contributors: [Int]) {
    self.sum = sum
    self.checkSum = checkSum
    self.contributors = contributors
  }

  /// The message.
  package func sealed(in session: MaskingSession, by key: Ed25519.PrivateKey) -> [UInt8] {
    var writer = WireWriter()
    writer.write(clients: contributors)
    writer.write(sum.packed())
    writer.write(checkSum.packed())
    return ProofEnvelope.seal(
      writer.bytes, .verSAAnnouncement, from: .server, in: session, by: key)
  }

  /// Reads a message.
  package init(
    opening bytes: [UInt8], in parameters: VerSAParameters, registry: IdentityRegistry
  ) throws(ProofRefusal) {
    let session = parameters.session
    let envelope = try ProofEnvelope(
      opening: bytes, as: .verSAAnnouncement, in: session, registry: registry)
    do throws(ProofFault) {
      guard envelope.sender == .server else { throw .unknownSender }
      var reader = ProofReader(envelope.payload)
      contributors = try reader.readClients(.verSAAnnouncement, in: session)
      sum = try reader.readVector(
        .verSAAnnouncement, count: session.dimension, in: session.ring)
      checkSum = try reader.readVector(
        .verSAAnnouncement, count: session.dimension, in: parameters.checkSession.ring)
      try reader.finish()
    } catch {
      throw ProofRefusal(sender: envelope.sender, fault: error)
    }
  }
}
