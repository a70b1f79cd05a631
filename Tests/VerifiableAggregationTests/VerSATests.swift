import CryptoCore
import SecureAggregation
import TestSupport
import Testing
import VerifiableAggregation

/// Users of VerSA that have agreed on their secret vectors.
struct VerSACase {
  let base: VerifyNetCase
  let parameters: VerSAParameters
  var users: [VerSAUser] = []
  var server: VerSAServer

  init(checkBits: Int = 63, bits: Int = 20, seed: UInt64 = 1, round: UInt64 = 7) throws {
    base = try VerifyNetCase(.labelled, bits: bits, seed: seed, round: round)
    parameters = try VerSAParameters(beside: base.session, checkBits: checkBits)
    var source = InsecureSeededSecrets(seed: seed + 1000)
    var keys: [X25519.PrivateKey] = []
    for _ in 0..<4 { keys.append(try X25519.PrivateKey(using: &source)) }
    server = VerSAServer(
      parameters, identity: base.identities.server, registry: base.registry)
    for id in 0..<4 {
      users.append(
        try VerSAUser(
          id: id, parameters,
          channel: PairwiseChannel(id: id, key: keys[id], peers: keys.map(\.publicKey)),
          identity: base.identities.clients[id], registry: base.registry, source: &source))
      try server.receive(try users[id].start())
    }
    for id in 0..<4 { try users[id].receive(server.delivery(to: id)) }
  }

  func claim(_ clients: [Int] = [0, 1, 2, 3]) throws -> VerSAAnnouncement {
    var second = RingVector(
      zeros: base.session.dimension, in: parameters.checkSession.ring)
    for client in clients { try second.add(users[client].checkInput(for: base.inputs[client])) }
    return VerSAAnnouncement(sum: try base.sum(clients), checkSum: second, contributors: clients)
  }

  func sealed(_ claim: VerSAAnnouncement) -> [UInt8] {
    claim.sealed(in: base.session, by: base.identities.server)
  }

  func accepts(_ claim: VerSAAnnouncement) -> Bool {
    (try? users[0].verify(sealed(claim))) != nil
  }
}

@Suite("VerSA")
struct VerSATests {
  @Test("Two masked sums in step are accepted, with dropouts too")
  func honest() throws {
    let parties = try VerSACase()
    let dropouts: [Int: MessageKind] = [2: .maskedInput]
    let first = try LocalAggregation(
      in: parties.base.session, inputs: parties.base.inputs, dropouts: dropouts,
      identities: parties.base.identities
    ).run()
    let second = try LocalAggregation(
      in: parties.parameters.checkSession,
      inputs: try parties.users.indices.map {
        try parties.users[$0].checkInput(for: parties.base.inputs[$0])
      }, dropouts: dropouts, identities: parties.base.identities
    ).run()
    let message = try parties.server.announcement(
      of: try #require(first.outcome), check: try #require(second.outcome))
    for id in [0, 1, 3] {
      let accepted = try parties.users[id].verify(message)
      #expect(
        try accepted.vector == parties.base.sum([0, 1, 3]) && accepted.survivors == [0, 1, 3])
    }
    #expect(throws: ProofRefusal.self) { try parties.users[2].verify(message) }
    let whole = try LocalAggregation(
      in: parties.base.session, inputs: parties.base.inputs, identities: parties.base.identities
    ).run()
    let refusal = #expect(throws: ProofRefusal.self) {
      try parties.server.announcement(
        of: try #require(whole.outcome), check: try #require(second.outcome))
    }
    #expect(refusal?.sender == .client(2))
  }

  @Test("Every coordinate of either sum, and the number of contributors, is checked")
  func alterations() throws {
    let parties = try VerSACase()
    let honest = try parties.claim()
    #expect(parties.accepts(honest))
    for place in 0..<3 {
      var (first, second) = (honest, honest)
      first.sum[place] ^= 1
      second.checkSum[place] ^= 1
      #expect(!parties.accepts(first) && !parties.accepts(second))
    }
    var fewer = honest
    fewer.contributors = [0, 1, 2]
    #expect(!parties.accepts(fewer))
    #expect(
      throws: ProofRefusal(
        sender: .server, fault: .failed("z' is not a z + |U3| b", coordinate: 0))
    ) { try parties.users[1].verify(parties.sealed(fewer)) }
  }

  @Test("Another round has other secret vectors, and its sums are not taken")
  func rounds() throws {
    let (now, then) = (try VerSACase(), try VerSACase(round: 6))
    let old = try then.claim()
    #expect(!now.accepts(old))
    #expect(throws: ProofRefusal(sender: .server, fault: .foreignRound(6))) {
      try now.users[0].verify(then.sealed(old))
    }
    #expect(
      try now.users[0].checkInput(for: now.base.inputs[0])
        != then.users[0].checkInput(for: then.base.inputs[0]))
  }

  /// A server that does not know a guesses a Δ with a chance of 2^(v - W). With W = w + 3 and the
  /// top bit, of which v = w - 1, that is one in 16; 4.5 standard deviations, one false alarm in
  /// 100,000.
  @Test("The chance to guess is what theory says, also where it is large")
  func soundness() throws {
    let trials = isOptimizedBuild ? 2000 : 300
    let parameters = try VerSACase(checkBits: 13, bits: 10).parameters
    #expect(parameters.logError == -4)
    #expect(try VerSACase().parameters.logError == -44)
    var passed = 0
    for seed in 0..<UInt64(trials) {
      let parties = try VerSACase(checkBits: 13, bits: 10, seed: seed)
      var claim = try parties.claim()
      claim.sum[1] ^= 512
      // Either sign gives the same multiple of 512 modulo 2^13 up to its own sign; 5 is a guess.
      claim.checkSum[1] = (claim.checkSum[1] + 5 * 512) & 8191
      if parties.accepts(claim) { passed += 1 }
    }
    let mean = Double(trials) / 16
    #expect(abs(Double(passed) - mean) <= 4.5 * (mean * 15 / 16).squareRoot(), "\(passed)")
  }

  @Test("Seeds that do not open, deliveries for others and rings too small are refused")
  func refusals() throws {
    var parties = try VerSACase()
    for bits in [20, 64] {
      #expect(throws: ParameterError.self) {
        try VerSAParameters(beside: parties.base.session, checkBits: bits)
      }
    }
    // Boxes in another order: client 1's place has client 0's, which client 0 cannot open.
    let wrong = parties.server.delivery(to: 1)
    #expect(
      throws: ProofRefusal(
        sender: .client(1), fault: .malformed(.verSASeeds, "has a seed that does not open"))
    ) { try parties.users[0].receive(wrong) }
    let duplicate = try parties.users[3].start()
    #expect(
      throws: ProofRefusal(sender: .client(3), fault: .duplicate(.verSASeeds))
    ) { try parties.server.receive(duplicate) }
    let wide = RingVector(zeros: 4, in: parties.base.session.ring)
    #expect(throws: ProofRefusal.self) { try parties.users[0].checkInput(for: wide) }
  }
}
