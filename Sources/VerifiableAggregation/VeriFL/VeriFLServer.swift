public import CryptoCore
internal import SecretSharing
public import SecureAggregation

/// The server of VeriFL in one epoch: passes commitments and shares on, announces the sum, and puts
/// together what opens the commitments.
///
/// A user that gives false shares makes openings that nobody accepts; who it was is not found out.
public struct VeriFLServer: Sendable {
  private let form: VeriFLForm
  private let session: MaskingSession
  private let identity: Ed25519.PrivateKey
  private let registry: IdentityRegistry
  private var commitments: [Int: VeriFLCommitmentMessage] = [:]
  private var reveals: [Int: [UInt8]] = [:]
  private var shares: [Int: [UInt8]] = [:]
  private var contributors: [Int] = []

  /// A server that waits for commitments.
  public init(
    _ form: VeriFLForm, in session: MaskingSession, identity: Ed25519.PrivateKey,
    registry: IdentityRegistry
  ) {
    self.form = form
    self.session = session
    self.identity = identity
    self.registry = registry
  }

  /// Takes a user's commitment.
  ///
  /// - Throws: `ProofRefusal` with the sender; nothing has changed then.
  public mutating func receive(commitment bytes: [UInt8]) throws(ProofRefusal) {
    let (client, payload) = try opened(bytes, .veriFLCommitment, taken: Set(commitments.keys))
    do throws(ProofFault) {
      commitments[client] = try VeriFLCommitmentMessage(
        decoding: payload, from: client, form: form, in: session)
    } catch {
      throw ProofRefusal(sender: .client(client), fault: error)
    }
  }

  /// What a user is told of everybody's commitments.
  public func commitments(for id: Int) -> [UInt8] {
    let list = VeriFLCommitmentList(
      digests: commitments.mapValues(\.digest),
      boxes: commitments.filter { $0.key != id }.compactMapValues { $0.boxes[id] })
    return ProofEnvelope.seal(
      list.encoded(), .veriFLCommitments, from: .server, in: session, by: identity)
  }

  /// Takes a user's revealed commitment (mended form).
  ///
  /// - Throws: `ProofRefusal` with the sender; nothing has changed then.
  public mutating func receive(reveal bytes: [UInt8]) throws(ProofRefusal) {
    let (client, payload) = try opened(bytes, .veriFLReveal, taken: Set(reveals.keys))
    let digests = commitments.mapValues(\.digest)
    guard bytes.count == VeriFLOpenings.revealCount,
      payload.prefix(32).elementsEqual(VeriFLCommitmentList.root(of: digests)),
      digests[client] == MendedCommitment.digest(of: Array(payload.dropFirst(32)))
    else {
      throw ProofRefusal(
        sender: .client(client),
        fault: .malformed(.veriFLReveal, "is not of the commitment that was sent before"))
    }
    reveals[client] = bytes
  }

  /// The message with the sum.
  ///
  /// - Throws: `ProofRefusal` with `.missing`, naming a contributor that has not committed.
  public mutating func announcement(
    of outcome: AggregationOutcome
  ) throws(ProofRefusal) -> [UInt8] {
    for client in outcome.contributors {
      guard commitments[client] != nil else {
        throw ProofRefusal(sender: .client(client), fault: .missing(.veriFLCommitment))
      }
      guard form == .published || reveals[client] != nil else {
        throw ProofRefusal(sender: .client(client), fault: .missing(.veriFLReveal))
      }
    }
    contributors = outcome.contributors
    return VeriFLAnnouncement(sum: outcome.sum, contributors: contributors)
      .sealed(in: session, by: identity)
  }

  /// Takes a user's shares.
  ///
  /// - Throws: `ProofRefusal` with the sender; nothing has changed then.
  public mutating func receive(opening bytes: [UInt8]) throws(ProofRefusal) {
    let (client, payload) = try opened(bytes, .veriFLOpening, taken: Set(shares.keys))
    let count = form.layout.shareCount * (form == .published ? contributors.count : 1)
    guard payload.count == count else {
      throw ProofRefusal(
        sender: .client(client),
        fault: payload.count < count
          ? .truncated(missing: count - payload.count) : .overlong(extra: payload.count - count))
    }
    shares[client] = Array(payload)
  }

  /// What opens the commitments, from the shares that came.
  ///
  /// - Throws: `ProofRefusal` if there are too few shares.
  package func opened() throws(ProofRefusal) -> VeriFLOpenings {
    let size = form.layout.shareCount
    func pieces(_ place: Int) throws(ProofRefusal) -> [[UInt8]] {
      let parts = shares.sorted { $0.key < $1.key }.map {
        (session.point(of: $0.key), Array($0.value[size * place..<size * (place + 1)]))
      }
      do throws(SharingError) {
        return try ShareLimbs.pieces(parts, form.layout, threshold: session.threshold)
      } catch {
        throw ProofRefusal(
          sender: .server, fault: .malformed(.veriFLOpenings, "cannot be made: \(error)"))
      }
    }
    switch form {
    case .published:
      var openings: [Int: (hash: [UInt8], mask: [UInt8])] = [:]
      for (place, client) in contributors.enumerated() {
        let bytes = try pieces(place).flatMap { $0.prefix(form.layout.size) }
        openings[client] = (Array(bytes.prefix(48)), Array(bytes.dropFirst(48)))
      }
      return .each(openings)
    case .mended:
      return .sum(
        reveals: reveals.filter { contributors.contains($0.key) }, pieces: try pieces(0))
    }
  }

  /// The message that opens the commitments.
  ///
  /// - Throws: As `opened()` does.
  public func openings() throws(ProofRefusal) -> [UInt8] {
    try opened().sealed(in: session, by: identity)
  }

  private func opened(
    _ bytes: [UInt8], _ kind: ProofKind, taken: Set<Int>
  ) throws(ProofRefusal) -> (client: Int, payload: ArraySlice<UInt8>) {
    let envelope = try ProofEnvelope(opening: bytes, as: kind, in: session, registry: registry)
    guard case .client(let client) = envelope.sender, client < session.clients else {
      throw ProofRefusal(sender: envelope.sender, fault: .unknownSender)
    }
    guard !taken.contains(client) else {
      throw ProofRefusal(sender: envelope.sender, fault: .duplicate(kind))
    }
    return (client, envelope.payload)
  }
}
