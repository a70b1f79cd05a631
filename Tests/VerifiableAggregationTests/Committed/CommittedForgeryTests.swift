import CryptoCore
import Pairings
import Randomness
import SecureAggregation
import TestSupport
import Testing
import VerifiableAggregation

@Suite("What is not the sum of the commitments")
struct CommittedForgeryTests {
  private func example(_ clients: Int = 4, _ variant: UInt64 = 0) throws -> CommittedCase {
    var generator = testGenerator(variant)
    var example = try CommittedCase(clients: clients, using: &generator)
    try example.commit()
    return example
  }

  @Test("a sum that differs in any one element is refused, those of the randomness too")
  func elements() throws {
    let example = try example()
    let all = Array(0..<4)
    let sum = try example.sum(all)
    for index in 0..<sum.count {
      for change in [1, sum.ring.mask, sum.ring.modulus / 2] {
        var other = sum
        other[index] = other[index] &+ change
        let announcement = try example.announcement(all, other)
        #expect(example.refusal(of: 1, on: announcement) == .wrongSum, "\(index)")
      }
    }
    #expect(example.refusal(of: 1, on: try example.announcement(all)) == nil)
  }

  @Test("swapped elements are refused")
  func swapped() throws {
    let example = try example()
    let sum = try example.sum(0..<4)
    for (a, b) in [(0, 1), (3, 4), (0, sum.count - 1), (5, 6)] where sum[a] != sum[b] {
      var other = sum
      (other[a], other[b]) = (other[b], other[a])
      #expect(
        example.refusal(of: 0, on: try example.announcement([0, 1, 2, 3], other)) == .wrongSum)
    }
  }

  @Test("any changed byte of an announcement is refused, signed by the server or not")
  func bytes() throws {
    let example = try example(3)
    let honest = try example.announcement([0, 1, 2])
    for place in honest.indices {
      var other = honest
      other[place] ^= 1 << UInt8(place % 8)
      #expect(example.refusal(of: 0, on: other) != nil, "byte \(place)")
      guard place >= 13, place < honest.count - 64 else { continue }
      // The server signs what it has changed.
      let signed = example.session.signed(
        Array(other[..<(honest.count - 64)]), by: example.identities.server)
      #expect(example.refusal(of: 0, on: signed) != nil, "byte \(place), signed")
    }
    for count in [0, 12, 13, 76, honest.count - 1] {
      #expect(example.refusal(of: 0, on: Array(honest[..<count])) != nil)
      let short = example.session.signed(
        Array(honest[..<max(0, count - 64)]), by: example.identities.server)
      #expect(example.refusal(of: 0, on: short) != nil)
    }
    #expect(example.refusal(of: 0, on: honest + [0]) == .badSignature(of: .server))
  }

  @Test("other survivors than those whose sum it is are refused; who is left out sees that")
  func survivors() throws {
    let example = try example(5)
    let all = try example.sum(0..<5)
    for left in 0..<5 {
      let others = (0..<5).filter { $0 != left }
      let announcement = try example.announcement(others, all)
      for id in 0..<5 {
        #expect(
          example.refusal(of: id, on: announcement)
            == (id == left ? .ownEntry(in: .announcement) : .wrongSum))
      }
      // The other way round: one too many.
      let part = try example.sum(others)
      #expect(
        example.refusal(of: left, on: try example.announcement(Array(0..<5), part)) == .wrongSum)
    }
    #expect(
      example.refusal(of: 0, on: try example.announcement([0, 1]))
        == .tooFew(have: 2, needed: 4, in: .announcement))
    // Somebody twice, or out of order, is no list.
    for order in [[0, 1, 2, 3, 3], [1, 0, 2, 3, 4]] {
      let refusal = example.refusal(of: 0, on: try example.announcement(order))
      guard case .malformed(.announcement, .server, _) = refusal else {
        Issue.record("\(order): \(String(describing: refusal))")
        continue
      }
    }
  }

  @Test("an aggregate of an earlier session is refused, whole, by its parts and re-signed")
  func replay() throws {
    let old = try example(4, 1)
    let now = try example(4, 2)
    let all = [0, 1, 2, 3]
    #expect(now.refusal(of: 0, on: try old.announcement(all)) == .foreignSession(from: .server))
    var generator = testGenerator()
    var next = try CommittedCase(clients: 4, round: 8, using: &generator)
    try next.commit()
    #expect(next.refusal(of: 0, on: try old.announcement(all)) == .foreignRound(7, from: .server))
    // The old sum for the new commitments.
    let sum = try old.sum(all)
    #expect(now.refusal(of: 2, on: try now.announcement(all, sum)) == .wrongSum)
    // The old commitments of all others, with the old sum.
    var entries = try old.signed().enumerated().map { (client: $0.offset, commitment: $0.element) }
    entries[2].commitment = try now.signed()[2]
    let mixed = Announcement(survivors: entries, sum: sum)
      .encoded(in: now.session, by: now.identities.server)
    #expect(now.refusal(of: 2, on: mixed) == .badSignature(of: .client(0)))
  }

  @Test("a client in league with the server that waits for the others' commitments gains nothing")
  func rogue() throws {
    // Client 3 wants every sum to be `wish`, whatever the others have sent.
    var generator = testGenerator()
    var example = try CommittedCase(clients: 4, using: &generator)
    let session = example.session
    let wish = RingVector(
      (0..<session.masking.dimension).map { UInt64($0) }, in: session.masking.ring)
    // What opens to the wish beside the others: a commitment to the wish over theirs.
    let others = try [0, 1, 2].map { try Self.commitment(example, example.clients[$0].maskedInput) }
    let target = try Self.commitment(example, wish)
    let forged = target - others[0] - others[1] - others[2]
    // The equation alone would hold.
    #expect(others.reduce(forged, +) == target)

    for id in 0..<3 { try example.server.receive(example.clients[id].digestMessage) }
    // It cannot know the others' commitments yet, so that it announces one of its own.
    try example.server.receive(example.clients[3].digestMessage)
    let list = example.server.closeDigests()
    for id in 0..<3 { try example.server.receive(try example.clients[id].receive(list: list)) }
    func listed(_ digest: [UInt8]) -> DigestList {
      var digests = Dictionary(
        uniqueKeysWithValues: example.clients.map { ($0.id, Array($0.digestMessage[13...])) })
      digests[3] = digest
      return DigestList(digests, in: session)
    }
    let own = Array(example.clients[3].digestMessage[13...])
    let true3 = CommitmentDigest.of(forged.compressed, by: 3, in: session)
    func announcement(beside list: DigestList) -> [UInt8] {
      var entries = (0..<3).map { id in
        (
          client: id,
          commitment: SignedCommitment(
            signing: others[id].compressed, of: id, beside: listed(own), in: session,
            by: example.identities.clients[id])
        )
      }
      entries.append(
        (
          client: 3,
          commitment: SignedCommitment(
            signing: forged.compressed, of: 3, beside: list, in: session,
            by: example.identities.clients[3])
        ))
      return Announcement(survivors: entries, sum: wish)
        .encoded(in: session, by: example.identities.server)
    }
    // Signed beside the list that everybody has, it is not what was announced.
    #expect(
      example.refusal(of: 0, on: announcement(beside: listed(own))) == .notAsAnnounced(from: 3))
    // Beside another list, its signature does not fit.
    #expect(
      example.refusal(of: 0, on: announcement(beside: listed(true3)))
        == .badSignature(of: .client(3)))
    // If client 0 is shown that other list from the start, the others' signatures do not fit.
    var cheated = try CommittedCase(clients: 4, using: &generator)
    cheated.clients[0] = example.clients[0]
    var fresh = try CommittingClient(
      id: 0, in: session, vector: example.vectors[0], identity: example.identities.clients[0],
      registry: example.registry, generators: example.generators)
    var digests = listed(true3).digests
    digests[0] = Array(fresh.digestMessage[13...])
    let second = DigestList(digests, in: session)
    _ = try fresh.receive(list: second.encoded(in: session, by: example.identities.server))
    var entries = example.server.committed.map { id in
      (
        client: id,
        commitment: SignedCommitment(
          signing: others[id].compressed, of: id, beside: listed(own), in: session,
          by: example.identities.clients[id])
      )
    }
    let mine = try Self.commitment(example, fresh.maskedInput)
    entries[0].commitment = SignedCommitment(
      signing: mine.compressed, of: 0, beside: second, in: session,
      by: example.identities.clients[0])
    let shown = Announcement(survivors: entries, sum: wish)
      .encoded(in: session, by: example.identities.server)
    #expect(throws: CommitmentRefusal.badSignature(of: .client(1))) { try fresh.verify(shown) }
  }

  @Test("who knows all openings but one finds no second sum among many tried")
  func openings() throws {
    // Server and client 3 know x_3, the randomness of C_3 and the sum: they may move x_3 and the
    // sum by anything, with any change of the randomness that keeps to numbers they know.
    let example = try example(4, 3)
    let sum = try example.sum(0..<4)
    var random = testGenerator(9)
    let attempts = isOptimizedBuild ? 300 : 12
    for _ in 0..<attempts {
      var other = sum
      let index = random.uniform(below: example.session.length)
      other[index] = other[index] &+ 1 &+ random.next() % 1000
      for piece in example.session.length..<sum.count where random.uniform(below: 2) == 0 {
        other[piece] = random.next()
      }
      #expect(
        example.refusal(of: 0, on: try example.announcement([0, 1, 2, 3], other)) == .wrongSum)
    }
  }

  /// A commitment to numbers that somebody chose.
  static func commitment(_ example: CommittedCase, _ input: RingVector) throws -> G1Point {
    var sum = G1Point.zero
    let length = example.session.length
    for index in 0..<input.count {
      let isPiece = index >= length
      let number = UInt8(isPiece ? index - length : index)
      let name = "RAMPART-COMMITTED-V01-with-BLS12381G1_XMD:SHA-256_SSWU_\(isPiece ? "RO" : "NU")_"
      let point =
        isPiece
        ? try G1Point(hashing: [number, 0, 0, 0], domain: Array(name.utf8))
        : try G1Point(encodingMessage: [number, 0, 0, 0], domain: Array(name.utf8))
      sum += point * PairingScalar(input[index])
    }
    return sum
  }
}
