import CryptoCore
import SecureAggregation
import Synchronization
import TestSupport
import Testing

/// A network that changes one message of a run, counted from 0 in the order of sending.
private final class OneChange: Sendable {
  private let place: Int
  private let change: @Sendable ([UInt8]) -> [[UInt8]]
  private let state = Mutex<(count: Int, length: Int, kind: UInt8)>((0, 0, 0))

  init(at place: Int, _ change: @escaping @Sendable ([UInt8]) -> [[UInt8]]) {
    self.place = place
    self.change = change
  }

  var count: Int { state.withLock { $0.count } }
  /// Of the message that was changed.
  var length: Int { state.withLock { $0.length } }
  var kind: UInt8 { state.withLock { $0.kind } }

  func carry(_ message: [UInt8]) -> [[UInt8]] {
    let isIt = state.withLock { state in
      defer { state.count += 1 }
      guard state.count == place else { return false }
      state.length = message.count
      state.kind = message[4]
      return true
    }
    return isIt ? change(message) : [message]
  }
}

@Suite("Messages that are not what was sent")
struct TamperingTests {
  /// Runs with one message changed: never a wrong sum.
  private func attempt(
    _ example: MaskingCase, at place: Int, _ change: @escaping @Sendable ([UInt8]) -> [[UInt8]]
  ) throws -> (run: LocalAggregation.Run, network: OneChange) {
    let network = OneChange(at: place, change)
    var local = try LocalAggregation(
      in: example.session, inputs: example.inputs, identities: example.identities)
    local.network = { network.carry($2) }
    let run = try local.run()
    if let outcome = run.outcome {
      #expect(
        try outcome.sum == example.plainSum(outcome.contributors), "message \(place) changed")
    }
    return (run, network)
  }

  private func messageCount(_ example: MaskingCase) throws -> Int {
    try attempt(example, at: -1) { [$0] }.network.count
  }

  @Test(
    "A flipped bit in any byte of any message is refused, or the message was not needed",
    arguments: MaskingSession.Security.allCases)
  func flips(security: MaskingSession.Security) throws {
    let example = try MaskingCase(clients: 3, threshold: 2, security: security)
    // All bytes where that takes seconds, every 113th elsewhere.
    let step = isOptimizedBuild ? 1 : 113
    for place in 0..<(try messageCount(example)) {
      var byte = 0
      while true {
        let flipped = byte
        let (run, network) = try attempt(example, at: place) { message in
          var message = message
          message[flipped] ^= 1 << UInt8(flipped % 8)
          return [message]
        }
        #expect(run.refusals.count == 1, "message \(place), byte \(flipped): \(run.refusals)")
        byte += step
        if byte >= network.length { break }
      }
    }
  }

  @Test(
    "Messages that come twice, short, long or not at all",
    arguments: MaskingSession.Security.allCases)
  func shapes(security: MaskingSession.Security) throws {
    let example = try MaskingCase(clients: 4, threshold: 3, security: security)
    for place in 0..<(try messageCount(example)) {
      let twice = try attempt(example, at: place) { [$0, $0] }.run
      #expect(twice.refusals.count == 1 && twice.outcome?.contributors == [0, 1, 2, 3])
      let short = try attempt(example, at: place) { [Array($0.dropLast())] }.run
      #expect(short.refusals.map(\.reason) == [.truncated(missing: 1)])
      let long = try attempt(example, at: place) { [$0 + [0]] }.run
      #expect(long.refusals.map(\.reason) == [.overlong(extra: 1)])
      let lost = try attempt(example, at: place) { _ in [] }.run
      #expect(
        lost.refusals.isEmpty && lost.outcome != nil, "message \(place): \(lost.abort as Any)")
      // What was damaged can be sent again.
      let mended = try attempt(example, at: place) { [Array($0.dropLast()), $0] }.run
      #expect(mended.refusals.count == 1 && mended.outcome?.contributors == [0, 1, 2, 3])
    }
  }

  @Test("Messages of another session, round, sender or for somebody else are refused")
  func foreign() throws {
    let example = try MaskingCase(clients: 3, threshold: 2, security: .active)
    let recorded = Mutex<[[UInt8]]>([])
    var earlier = try LocalAggregation(
      in: try MaskingSession(
        id: SystemRandomness.bytes(32), round: 7, security: .active, clients: 3, threshold: 2,
        dimension: 3, ring: example.session.ring),
      inputs: example.inputs, identities: example.identities)
    earlier.network = { _, _, message in
      recorded.withLock { $0.append(message) }
      return [message]
    }
    _ = try earlier.run()
    let old = recorded.withLock { $0 }
    // Each message preceded by the one that was in its place an earlier session.
    for place in old.indices {
      let run = try attempt(example, at: place) { [old[place], $0] }.run
      #expect(run.refusals.map(\.reason) == [.foreignSession])
      #expect(run.outcome?.contributors == [0, 1, 2])
    }
    // Everybody gets what is for the next.
    var crossed = try LocalAggregation(
      in: example.session, inputs: example.inputs, identities: example.identities)
    let held = Mutex<[UInt8]>([])
    crossed.network = { from, _, message in
      guard from == .server else { return [message] }
      return held.withLock { held in
        defer { held = message }
        return held.isEmpty ? [message] : [held]
      }
    }
    let run = try crossed.run()
    #expect(run.outcome == nil && !run.refusals.isEmpty)
    // Parameters that differ: a client with another threshold understands nobody.
    let other = try MaskingSession(
      id: example.session.id, round: 7, security: .active, clients: 3, threshold: 3, dimension: 3,
      ring: example.session.ring)
    let client = try MaskingClient(
      id: 0, in: other, input: example.inputs[0], identity: example.identities.clients[0],
      registry: example.identities.registry)
    var server = MaskingServer(
      in: example.session, identity: example.identities.server,
      registry: example.identities.registry)
    #expect(throws: MessageRefusal.foreignParameters) { try server.receive(client.start()) }
    // A client that signs with a key nobody registered.
    let stranger = try MaskingClient(
      id: 0, in: example.session, input: example.inputs[0], identity: Ed25519.PrivateKey(),
      registry: example.identities.registry)
    #expect(throws: MessageRefusal.badSignature(.client(0))) {
      try server.receive(stranger.start())
    }
  }
}

@Suite("Servers that lie, clients that cheat")
struct MisbehaviourTests {
  /// Three clients up to the survivor list, with everything that was sent.
  private struct Stage {
    let example: MaskingCase
    let clients: [MaskingClient]
    var server: MaskingServer
    var inbox: [[UInt8]] = []

    init(_ security: MaskingSession.Security, upTo kind: MessageKind) throws {
      let example = try MaskingCase(clients: 4, threshold: 3, security: security)
      self.example = example
      clients = try (0..<4).map {
        try MaskingClient(
          id: $0, in: example.session, input: example.inputs[$0],
          identity: example.identities.clients[$0], registry: example.identities.registry)
      }
      server = MaskingServer(
        in: example.session, identity: example.identities.server,
        registry: example.identities.registry)
      var outgoing = try clients.map { try $0.start() }
      while server.awaited != kind {
        for message in outgoing { try server.receive(message) }
        inbox = try server.closeRound().map(\.message)
        if server.awaited == kind { break }
        outgoing = try zip(clients, inbox).map { try #require(try $0.receive($1)) }
      }
    }

    func says(_ payload: [UInt8], _ kind: MessageKind, to client: Int) -> [UInt8] {
      Envelope.seal(
        payload, kind, from: .server, to: .client(client), in: example.session,
        by: example.identities.server)
    }

    func hears(_ payload: [UInt8], _ kind: MessageKind, from client: Int) -> [UInt8] {
      Envelope.seal(
        payload, kind, from: .client(client), to: .server, in: example.session,
        by: example.identities.clients[client])
    }

    func expectAbort(_ reason: AggregationAbort, of client: Int, on message: [UInt8]) {
      #expect(throws: MaskingError.aborted(reason)) { try clients[client].receive(message) }
      #expect(clients[client].abort == reason)
      // From then on it says nothing.
      #expect(throws: MaskingError.self) { try clients[client].receive(inbox[client]) }
    }
  }

  private func directory(_ stage: Stage, of client: Int) throws -> KeyDirectory {
    let envelope = try Envelope(
      opening: stage.inbox[client], for: .client(client), in: stage.example.session,
      registry: stage.example.identities.registry)
    return try KeyDirectory(decoding: envelope.payload, in: stage.example.session)
  }

  @Test("A server cannot put its own keys in place of a client's")
  func replacedKeys() throws {
    for security in MaskingSession.Security.allCases {
      let stage = try Stage(security, upTo: .shareDistribution)
      var entries = try directory(stage, of: 0).entries
      let own = try X25519.PrivateKey()
      let forged = KeyDirectory.Entry(
        client: 1,
        keys: .init(
          channelKey: own.publicKey, maskKey: try X25519.PrivateKey().publicKey,
          commitment: entries[1].keys.commitment),
        signature: entries[1].signature)
      let genuine = entries[1]
      entries[1] = forged
      let message = stage.says(KeyDirectory(entries: entries).encoded(), .keyDirectory, to: 0)
      if security == .active {
        stage.expectAbort(.unsignedKeys(1), of: 0, on: message)
      } else {
        // Out of the semi-honest variant's reach: the client cannot tell.
        #expect(try stage.clients[0].receive(message) != nil)
      }
      // Whatever the variant: one's own keys, the same keys twice, too few, strangers.
      entries[1] = genuine
      var others = entries
      others[2] = .init(
        client: 2,
        keys: .init(
          channelKey: forged.keys.channelKey, maskKey: forged.keys.maskKey,
          commitment: forged.keys.commitment),
        signature: genuine.signature)
      stage.expectAbort(
        .ownKeysReplaced, of: 2,
        on: stage.says(KeyDirectory(entries: others).encoded(), .keyDirectory, to: 2))
      stage.expectAbort(
        .tooFew(have: 2, needed: 3, at: .keyAdvertisement), of: 1,
        on: stage.says(
          KeyDirectory(entries: Array(entries.prefix(2))).encoded(), .keyDirectory, to: 1))
      var repeated = entries
      repeated[0] = .init(client: 0, keys: entries[1].keys, signature: entries[1].signature)
      let isRepeated = MaskingError.aborted(.repeatedKey(0, 1))
      let isUnsigned = MaskingError.aborted(.unsignedKeys(0))
      #expect(throws: security == .active ? isUnsigned : isRepeated) {
        try stage.clients[3].receive(
          stage.says(KeyDirectory(entries: repeated).encoded(), .keyDirectory, to: 3))
      }
    }
  }

  @Test("Different lists of survivors open no client's two secrets in an active session")
  func equivocation() throws {
    let stage = try Stage(.active, upTo: .consistencySignature)
    let session = stage.example.session
    let all = SurvivorList([0, 1, 2, 3]).encoded(in: session)
    let less = SurvivorList([0, 1, 2]).encoded(in: session)
    // Two are told that client 3 dropped out, client 2 that it did not.
    let answers = try [0, 1, 2].map {
      try #require(
        try stage.clients[$0].receive(stage.says($0 < 2 ? less : all, .survivorList, to: $0)))
    }
    let signatures = answers.enumerated().map { client, answer in
      ConsistencyProof.Entry(client: client, signature: Array(answer.suffix(64)))
    }
    func proof(_ entries: [ConsistencyProof.Entry], to client: Int) -> [UInt8] {
      stage.says(ConsistencyProof(entries: entries).encoded(), .consistencyProof, to: client)
    }
    stage.expectAbort(.inconsistentSurvivors(signer: 2), of: 0, on: proof(signatures, to: 0))
    stage.expectAbort(
      .tooFewSignatures(have: 2, needed: 3), of: 1, on: proof(Array(signatures.prefix(2)), to: 1))
    stage.expectAbort(.inconsistentSurvivors(signer: 0), of: 2, on: proof(signatures, to: 2))
    // A client that is told it dropped out, and one that never shared.
    stage.expectAbort(.declaredDropped, of: 3, on: stage.says(less, .survivorList, to: 3))
  }

  @Test("The server refuses what cheating clients send, and names bad shares")
  func cheatingClients() throws {
    var stage = try Stage(.semiHonest, upTo: .unmaskingShares)
    let session = stage.example.session
    let answers = try zip(stage.clients, stage.inbox).map { try #require(try $0.receive($1)) }
    let envelope = try Envelope(
      opening: answers[1], for: .server, in: session,
      registry: stage.example.identities.registry)
    let honest = try UnmaskingShares(decoding: envelope.payload, in: session).entries
    // The other secret of a survivor.
    let wrong = honest.map { entry in
      switch entry.share {
      case .selfMask(let share), .maskKey(let share):
        UnmaskingShares.Entry(client: entry.client, share: .maskKey(share))
      }
    }
    #expect(throws: MessageRefusal.self) {
      try stage.server.receive(
        stage.hears(UnmaskingShares(entries: wrong).encoded(), .unmaskingShares, from: 1))
    }
    // Shares that are not those it was sent: with all four there, one bad one is not needed or found.
    let bad = honest.map { entry in
      UnmaskingShares.Entry(
        client: entry.client,
        share: .selfMask(SecretBytes(copying: [UInt8](repeating: 9, count: 32))))
    }
    let lie = stage.hears(UnmaskingShares(entries: bad).encoded(), .unmaskingShares, from: 1)
    for (client, answer) in answers.enumerated() {
      try stage.server.receive(client == 1 ? lie : answer)
    }
    #expect(throws: AggregationAbort.self) { try stage.server.closeRound() }
  }

  @Test("One bad share among enough good ones is named, and the sum is right")
  func namedShares() throws {
    let example = try MaskingCase(clients: 6, threshold: 3, security: .semiHonest)
    var local = try LocalAggregation(
      in: example.session, inputs: example.inputs, identities: example.identities)
    let (session, identities) = (example.session, example.identities)
    local.network = { from, _, message in
      guard from == .client(1), message[4] == MessageKind.unmaskingShares.rawValue else {
        return [message]
      }
      let entries = (0..<6).map {
        UnmaskingShares.Entry(
          client: $0,
          share: .selfMask(SecretBytes(copying: [UInt8](repeating: 9, count: 32))))
      }
      return [
        Envelope.seal(
          UnmaskingShares(entries: entries).encoded(), .unmaskingShares, from: .client(1),
          to: .server, in: session, by: identities.clients[1])
      ]
    }
    let outcome = try #require(try local.run().outcome)
    #expect(outcome.suspects == [1])
    #expect(try outcome.sum == example.plainSum(0..<6))
  }

  @Test("Masks agreed under different models do not come off")
  func modelBinding() throws {
    let example = try MaskingCase(clients: 4, threshold: 3, security: .active, dimension: 64)
    var local = try LocalAggregation(
      in: example.session, inputs: example.inputs, identities: example.identities)
    local.modelDigests = [[1], [1], [1], [2]]
    let outcome = try #require(try local.run().outcome)
    #expect(try outcome.sum != example.plainSum(0..<4))
    local.modelDigests = [[1], [1], [1], [1]]
    #expect(try local.run().outcome?.sum == example.plainSum(0..<4))
  }
}
