import CryptoCore
import Pairings
import Randomness
import SecureAggregation
import TestSupport
import Testing
import VerifiableAggregation

@Suite("Messages of the committed verifier that are not as they must be")
struct CommittedMessageTests {
  private func example(_ variant: UInt64 = 0, round: UInt64 = 7) throws -> CommittedCase {
    var generator = testGenerator(variant)
    return try CommittedCase(clients: 4, round: round, using: &generator)
  }

  /// What a server says of a message.
  private func refusal(_ server: CommitmentServer, _ message: [UInt8]) -> CommitmentRefusal? {
    var server = server
    do throws(CommitmentRefusal) {
      try server.receive(message)
      return nil
    } catch {
      return error
    }
  }

  @Test("digests: each fault has its name, and that of the sender")
  func digests() throws {
    var example = try example()
    let message = example.clients[2].digestMessage
    #expect(message.count == 45 && refusal(example.server, message) == nil)
    let other = try self.example(1)
    #expect(
      refusal(example.server, other.clients[2].digestMessage)
        == .foreignSession(from: .client(2)))
    let next = try self.example(2, round: 8)
    #expect(
      refusal(example.server, next.clients[1].digestMessage)
        == .foreignRound(8, from: .client(1)))
    var stranger = message
    stranger[1] = 9
    #expect(refusal(example.server, stranger) == .unknownSender(9))
    guard case .malformed(.digest, .client(2), _) = refusal(example.server, message + [0]) else {
      Issue.record("a long digest was taken")
      return
    }
    guard case .malformed(nil, nil, _) = refusal(example.server, [1, 2, 3]) else {
      Issue.record("three bytes were taken")
      return
    }
    try example.server.receive(message)
    #expect(refusal(example.server, message) == .unexpected(.digest, from: .client(2)))
    var posing = message
    (posing[1], posing[2], posing[3], posing[4]) = (255, 255, 255, 255)
    #expect(refusal(example.server, posing) == .unexpected(.digest, from: .server))
  }

  @Test("lists: no digest of its own, too few, not signed, from elsewhere, or a second one")
  func lists() throws {
    var example = try example()
    for client in example.clients { try example.server.receive(client.digestMessage) }
    let list = example.server.closeDigests()
    let session = example.session
    func verdict(_ bytes: [UInt8]) -> CommitmentRefusal? {
      var client = example.clients[0]
      do throws(CommitmentRefusal) {
        _ = try client.receive(list: bytes)
        return nil
      } catch {
        return error
      }
    }
    #expect(verdict(list) == nil)
    var digests = Dictionary(
      uniqueKeysWithValues: example.clients.map { ($0.id, Array($0.digestMessage[13...])) })
    func signed(_ digests: [Int: [UInt8]]) -> [UInt8] {
      DigestList(digests, in: session).encoded(in: session, by: example.identities.server)
    }
    #expect(verdict(signed(digests)) == nil && signed(digests) == list)
    digests[0]?[5] ^= 1
    #expect(verdict(signed(digests)) == .ownEntry(in: .digestList))
    digests[0] = nil
    #expect(verdict(signed(digests)) == .ownEntry(in: .digestList))
    let few = [
      0: Array(example.clients[0].digestMessage[13...]), 1: [UInt8](repeating: 1, count: 32),
    ]
    #expect(verdict(signed(few)) == .tooFew(have: 2, needed: 3, in: .digestList))
    for place in list.indices {
      var other = list
      other[place] ^= 0x80
      #expect(verdict(other) != nil, "byte \(place)")
    }
    let byAnother = DigestList(few, in: session)
      .encoded(in: session, by: example.identities.clients[1])
    #expect(verdict(byAnother) == .badSignature(of: .server))
    var client = example.clients[0]
    _ = try client.receive(list: list)
    #expect(throws: CommitmentRefusal.unexpected(.digestList, from: .server)) {
      try client.receive(list: list)
    }
  }

  /// A commitment that client 2 has announced and signed, whatever it is.
  private func offering(
    _ encoding: [UInt8], _ example: inout CommittedCase
  ) throws -> (server: CommitmentServer, message: [UInt8], list: DigestList) {
    let session = example.session
    var writer = CommitmentFrame.header(.digest, from: .client(2), in: session)
    writer.write(CommitmentDigest.of(encoding, by: 2, in: session))
    var server = CommitmentServer(
      in: session, identity: example.identities.server, registry: example.registry)
    var digests: [Int: [UInt8]] = [:]
    for id in 0..<4 {
      let message = id == 2 ? writer.bytes : example.clients[id].digestMessage
      try server.receive(message)
      digests[id] = Array(message[13...])
    }
    let list = DigestList(digests, in: session)
    #expect(server.closeDigests() == list.encoded(in: session, by: example.identities.server))
    let signed = SignedCommitment(
      signing: encoding, of: 2, beside: list, in: session, by: example.identities.clients[2])
    var commitment = CommitmentFrame.header(.commitment, from: .client(2), in: session)
    commitment.write(signed.encoding)
    commitment.write(signed.signature)
    return (server, commitment.bytes, list)
  }

  @Test("points that are none, or not of the group, are refused by server and users, with the name")
  func points() throws {
    let good = (G1Point.generator * PairingScalar(77)).compressed
    var infinity = [UInt8](repeating: 0, count: 48)
    infinity[0] = 0xC0
    var large = [UInt8](repeating: 0xFF, count: 48)
    large[0] = 0x9F
    var flags = good
    flags[0] &= 0x7F
    // x = 1: 1 + 4 is no square modulo p, or the next number.
    var offCurve = [UInt8](repeating: 0, count: 48)
    offCurve[0] = 0x80
    for x in 1..<20 {
      offCurve[47] = UInt8(x)
      if (try? G1Point(onCurve: offCurve)) == nil { break }
    }
    let element = try BaseFieldElement(bytes: [UInt8](repeating: 0, count: 47) + [5])
    let outside = G1Point(mapping: element, clearsCofactor: false)
    #expect(!outside.isInSubgroup)
    for (encoding, fault) in [
      (good, nil), (infinity, .infinity), (large, .notCanonical), (flags, .wrongFlags),
      (offCurve, .notOnCurve), (outside.compressed, .notInSubgroup),
    ] as [([UInt8], PairingError?)] {
      var example = try example(3)
      let (server, message, list) = try offering(encoding, &example)
      let expected = fault.map { CommitmentRefusal.badPoint(from: 2, $0) }
      #expect(refusal(server, message) == expected)
      // A server that lets it pass.
      var client = example.clients[0]
      _ = try client.receive(
        list: list.encoded(in: example.session, by: example.identities.server))
      var entries = try [0, 1, 3].map { id in
        var other = example.clients[id]
        let shown = try other.receive(
          list: list.encoded(in: example.session, by: example.identities.server))
        return (
          client: id,
          commitment: SignedCommitment(
            signing: Array(shown[13..<61]), of: id, beside: list, in: example.session,
            by: example.identities.clients[id])
        )
      }
      entries.append(
        (
          client: 2,
          commitment: SignedCommitment(
            signing: encoding, of: 2, beside: list, in: example.session,
            by: example.identities.clients[2])
        ))
      entries.sort { $0.client < $1.client }
      let announcement = Announcement(
        survivors: entries, sum: try example.sum([0, 1, 3])
      ).encoded(in: example.session, by: example.identities.server)
      #expect(throws: expected ?? .wrongSum) { try client.verify(announcement) }
    }
  }

  @Test("commitments: another than announced, by another, for another session, twice, too long")
  func commitments() throws {
    var example = try example(4)
    let good = (G1Point.generator * PairingScalar(77)).compressed
    let (server, message, list) = try offering(good, &example)
    #expect(refusal(server, message) == nil && message.count == 125)
    for place in 13..<125 {
      var other = message
      other[place] ^= 4
      #expect(refusal(server, other) == .badSignature(of: .client(2)), "byte \(place)")
    }
    var posing = message
    posing[1] = 3
    #expect(refusal(server, posing) == .badSignature(of: .client(3)))
    let another = (G1Point.generator * PairingScalar(78)).compressed
    let signed = SignedCommitment(
      signing: another, of: 2, beside: list, in: example.session,
      by: example.identities.clients[2])
    var writer = CommitmentFrame.header(.commitment, from: .client(2), in: example.session)
    writer.write(signed.encoding)
    writer.write(signed.signature)
    #expect(refusal(server, writer.bytes) == .notAsAnnounced(from: 2))
    guard case .malformed(.commitment, .client(2), _) = refusal(server, message + [0]),
      case .malformed(.commitment, .client(2), _) = refusal(server, message.dropLast())
    else {
      Issue.record("a commitment of another length was taken")
      return
    }
    var taking = server
    try taking.receive(message)
    #expect(refusal(taking, message) == .unexpected(.commitment, from: .client(2)))
    #expect(
      refusal(taking, example.clients[0].digestMessage) == .unexpected(.digest, from: .client(0)))
  }

  @Test("an announcement before the list, and one after the sum was taken, are out of place")
  func order() throws {
    var example = try example(5)
    try example.commit()
    let announcement = try example.announcement([0, 1, 2, 3])
    let generators = example.generators
    var early = try CommittingClient(
      id: 0, in: example.session, vector: example.vectors[0],
      identity: example.identities.clients[0], registry: example.registry, generators: generators)
    #expect(throws: CommitmentRefusal.unexpected(.announcement, from: .server)) {
      try early.verify(announcement)
    }
    var client = example.clients[0]
    _ = try client.verify(announcement)
    #expect(throws: CommitmentRefusal.unexpected(.announcement, from: .server)) {
      try client.verify(announcement)
    }
    #expect(throws: CommitmentRefusal.withoutDigest(3)) {
      var partial = try self.example(6)
      try partial.commit(withoutCommitment: [3])
      _ = try partial.announcement([0, 1, 2, 3])
    }
  }

  @Test("every refusal is told in one sentence that names who sent what")
  func sentences() {
    let refusals: [CommitmentRefusal] = [
      .malformed(.digest, from: .client(3), "has 1 byte"), .unexpected(.digest, from: .client(3)),
      .foreignSession(from: .client(3)), .foreignRound(2, from: .client(3)), .unknownSender(3),
      .badSignature(of: .client(3)), .badPoint(from: 3, .infinity), .notAsAnnounced(from: 3),
      .withoutDigest(3),
    ]
    for refusal in refusals { #expect("\(refusal)".contains("client 3"), "\(refusal)") }
    #expect("\(CommitmentRefusal.badSignature(of: .server))".contains("server"))
    #expect("\(CommitmentRefusal.wrongSum)".contains("sum"))
  }
}

@Suite("The bytes of the committed verifier")
struct CommittedFormatTests {
  private func word(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  @Test("digests and signatures stand over session, list, sender and point, as written down here")
  func transcripts() throws {
    var generator = testGenerator()
    var example = try CommittedCase(clients: 3, round: 7, using: &generator)
    let session = example.session
    #expect(
      session.digest
        == SHA256.hash(Array("rampart committed sum 1".utf8) + session.masking.digest).bytes)
    for client in example.clients { try example.server.receive(client.digestMessage) }
    let list = example.server.closeDigests()
    // kind, sender, round, four bytes of the session.
    func header(_ kind: UInt8, _ sender: [UInt8]) -> [UInt8] {
      [kind] + sender + word(7) + session.digest[..<4]
    }
    let server: [UInt8] = [255, 255, 255, 255]
    var entries = word(3)
    for client in example.clients {
      let digest = Array(client.digestMessage[13...])
      #expect(client.digestMessage == header(1, word(client.id)) + digest)
      entries += word(client.id) + digest
    }
    func isSigned(_ message: [UInt8]) -> Bool {
      example.registry.server.isValid(
        Array(message.suffix(64)),
        for: Array("rampart committed server".utf8) + session.digest
          + SHA256.hash(Array(message.dropLast(64))).bytes)
    }
    #expect(list.dropLast(64) == header(2, server) + entries && isSigned(list))
    let root = SHA256.hash(
      Array("rampart commitment digests".utf8) + session.digest + entries
    ).bytes
    var shown = word(3)
    for id in 0..<3 {
      let message = try example.clients[id].receive(list: list)
      let point = Array(message[13..<61])
      #expect(message[..<13] == header(3, word(id))[...] && message.count == 125)
      let expected = SHA256.hash(
        Array("rampart commitment digest".utf8) + session.digest + word(id) + point
      ).bytes
      #expect(example.clients[id].digestMessage.suffix(32) == expected[...])
      let transcript =
        Array("rampart commitment".utf8) + session.digest + root + word(id) + point
      #expect(example.registry.clients[id].isValid(Array(message[61...]), for: transcript))
      try example.server.receive(message)
      shown += word(id) + message[13...]
    }
    let sum = try example.sum(0..<3)
    let announcement = try example.announcement([0, 1, 2])
    #expect(announcement.dropLast(64) == header(4, server) + shown + sum.packed())
    #expect(isSigned(announcement))
  }
}
