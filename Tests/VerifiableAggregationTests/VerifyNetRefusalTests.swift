import CryptoCore
import Pairings
import SecureAggregation
import Testing
import VerifiableAggregation

@Suite("Messages of VerifyNet that are refused")
struct VerifyNetRefusalTests {
  private func fault(_ server: VerifyNetServer, _ message: [UInt8]) -> ProofRefusal? {
    var server = server
    do {
      try server.receive(message)
      return nil
    } catch {
      return error
    }
  }

  @Test("Points outside the groups, infinity and other encodings, for each element")
  func points() throws {
    let parties = try VerifyNetCase(.labelled, dimension: 2)
    let message = try parties.user(2).proof(of: parties.inputs[2])
    let key = parties.identities.clients[2]
    let places = [("A", 0, 48), ("B", 48, 96), ("L", 144, 48), ("Q", 192, 96)]
    for (name, place, count) in places {
      let stray = count == 48 ? StrayPoints.g1 : StrayPoints.g2
      var infinity = [UInt8](repeating: 0, count: count)
      infinity[0] = 0xC0
      var large = [UInt8](repeating: 0xFF, count: count)
      large[0] = 0x9F
      var flags = infinity
      flags[0] = 0x40
      for (bytes, error) in [
        (stray, .notInSubgroup), (infinity, .infinity), (large, .notCanonical),
        (flags, .wrongFlags),
      ] as [([UInt8], PairingError)] {
        let bad = resigned(message, by: key) {
          $0.replaceSubrange(288 + place..<288 + place + count, with: bytes)
        }
        #expect(
          fault(parties.server(), bad)
            == ProofRefusal(
              sender: .client(2), fault: .badPoint(name, coordinate: 1, error)))
      }
    }
    let off = resigned(message, by: key) { $0.replaceSubrange(0..<48, with: StrayPoints.offCurve1) }
    #expect(
      fault(parties.server(), off)
        == ProofRefusal(sender: .client(2), fault: .badPoint("A", coordinate: 0, .notOnCurve)))
  }

  @Test("Wrong lengths, senders, kinds, versions and signatures")
  func envelopes() throws {
    let parties = try VerifyNetCase(.perVector)
    let message = try parties.user(1).proof(of: parties.inputs[1])
    let key = parties.identities.clients[1]
    let sender = Party.client(1)
    func changed(_ place: Int, _ value: UInt8, by key: Ed25519.PrivateKey) -> [UInt8] {
      var bytes = message
      bytes[place] = value
      let header = Array(bytes.prefix(85))
      let payload = Array(bytes.dropFirst(85).dropLast(64))
      return header + payload + key.sign(header + SHA256.hash(payload).bytes)
    }
    for (bad, refusal) in [
      (Array(message.dropLast()), ProofRefusal(sender: sender, fault: .truncated(missing: 1))),
      (message + [0], ProofRefusal(sender: sender, fault: .overlong(extra: 1))),
      ([], ProofRefusal(sender: nil, fault: .truncated(missing: 3))),
      ([1] + message.dropFirst(), ProofRefusal(sender: nil, fault: .notAProof)),
      (changed(3, 9, by: key), ProofRefusal(sender: nil, fault: .version(9))),
      (changed(4, 77, by: key), ProofRefusal(sender: sender, fault: .unknownKind(77))),
      (
        changed(4, 2, by: key),
        ProofRefusal(
          sender: sender, fault: .unexpected(.verifyNetAnnouncement, awaited: .verifyNetProof))
      ),
      (changed(5, 3, by: key), ProofRefusal(sender: .client(3), fault: .badSignature)),
      (changed(5, 200, by: key), ProofRefusal(sender: .client(200), fault: .unknownSender)),
      (changed(9, 0, by: key), ProofRefusal(sender: sender, fault: .foreignSession)),
      (changed(41, 6, by: key), ProofRefusal(sender: sender, fault: .foreignRound(6))),
      (changed(50, 0, by: key), ProofRefusal(sender: sender, fault: .foreignCohort)),
      (
        resigned(message, by: key) { $0.removeLast() },
        ProofRefusal(sender: sender, fault: .truncated(missing: 1))
      ),
      (
        resigned(message, by: key) { $0 += [1, 2] },
        ProofRefusal(sender: sender, fault: .overlong(extra: 2))
      ),
    ] {
      #expect(fault(parties.server(), bad) == refusal, "\(refusal)")
    }
    var server = parties.server()
    #expect(try server.receive(message) == 1)
    #expect(
      fault(server, message) == ProofRefusal(sender: sender, fault: .duplicate(.verifyNetProof)))
    #expect(server.received == [1])
  }

  @Test(
    "Every bit of a message matters", arguments: [0, 1, 4, 5, 20, 42, 60, 81, 90, 300, 373, 436])
  func bits(place: Int) throws {
    let parties = try VerifyNetCase(.perVector)
    var message = try parties.user(1).proof(of: parties.inputs[1])
    #expect(message.count == 437 && fault(parties.server(), message) == nil)
    message[place] ^= 1 << UInt8(place % 8)
    #expect(fault(parties.server(), message) != nil)
  }

  @Test("Messages of another round or cohort, with the sender that signed them")
  func foreign() throws {
    let parties = try VerifyNetCase(.labelled)
    let next = try VerifyNetCase(.labelled, round: 8)
    let smaller = try VerifyNetCase(.labelled, clients: 3)
    #expect(
      fault(parties.server(), try next.user(2).proof(of: next.inputs[2]))
        == ProofRefusal(sender: .client(2), fault: .foreignRound(8)))
    let announced = next.sealed(try next.announcement())
    #expect(throws: ProofRefusal(sender: .server, fault: .badSignature)) {
      try smaller.verifier().verify(announced)
    }
    #expect(throws: ProofRefusal(sender: .server, fault: .foreignRound(8))) {
      try parties.verifier().verify(announced)
    }
    // Signed with this cohort's keys for another one.
    let foreign = try smaller.announcement().sealed(
      in: smaller.session, by: parties.identities.server)
    #expect(throws: ProofRefusal(sender: .server, fault: .foreignCohort)) {
      try parties.verifier().verify(foreign)
    }
  }

  @Test(
    "Announcements that list clients twice, out of order or unknown, or whose sum does not unpack")
  func announcements() throws {
    let parties = try VerifyNetCase(.labelled, dimension: 3, bits: 21)
    let message = parties.sealed(try parties.announcement())
    let key = parties.identities.server
    for (change, reason) in [
      ({ $0[4] = 1 }, "lists client 1 twice or out of order"),
      ({ $0[16] = 9 }, "lists client 9, and there are 4"),
      ({ $0[0] = 200 }, "lists 200 clients, and there are 4"),
    ] as [((inout [UInt8]) -> Void, String)] {
      #expect(
        throws: ProofRefusal(sender: .server, fault: .malformed(.verifyNetAnnouncement, reason))
      ) { try parties.verifier().verify(resigned(message, by: key, change)) }
    }
    // 63 bits in 8 bytes: the bit left over must be zero.
    let padded = resigned(message, by: key) { $0[20 + 7] |= 0x80 }
    #expect(throws: ProofRefusal.self) { try parties.verifier().verify(padded) }
    let shorter = resigned(message, by: key) { $0.removeLast(288) }
    #expect(throws: ProofRefusal(sender: .server, fault: .truncated(missing: 288))) {
      try parties.verifier().verify(shorter)
    }
    #expect(throws: ProofRefusal(sender: .client(0), fault: .unknownSender)) {
      var header = Array(message.prefix(85))
      header.replaceSubrange(5..<9, with: [0, 0, 0, 0])
      let payload = Array(message.dropFirst(85).dropLast(64))
      let signature = parties.identities.clients[0].sign(header + SHA256.hash(payload).bytes)
      return try parties.verifier().verify(header + payload + signature)
    }
  }

  @Test("A contributor without a proof, or with a vector of another shape, is named")
  func missing() throws {
    let parties = try VerifyNetCase(.labelled)
    let run = try LocalAggregation(
      in: parties.session, inputs: parties.inputs, identities: parties.identities
    ).run()
    let outcome = try #require(run.outcome)
    var proofs = LocalVerifyNet(
      after: outcome, in: parties.session, inputs: parties.inputs, identities: parties.identities,
      keys: parties.keys)
    proofs.network = { from, _, message in from == .client(2) ? [] : [message] }
    #expect(
      proofs.run().abort
        == ProofRefusal(sender: .client(2), fault: .missing(.verifyNetProof)))
    let wide = RingVector(zeros: 4, in: parties.session.ring)
    let refusal = #expect(throws: ProofRefusal.self) { try parties.user(1).proof(of: wide) }
    #expect(refusal?.sender == .client(1))
  }
}
