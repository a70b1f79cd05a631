import CryptoCore
import SecureAggregation
import TestSupport
import Testing

@Suite("Keys that would make others end the session")
struct KeyAdvertisementTests {
  static let smallOrder = [UInt8](repeating: 0, count: 32)
  /// The base point, with 2^255 added: agrees on the same as the number 9 does.
  static let notCanonical = [9] + [UInt8](repeating: 0, count: 30) + [0x80]

  /// What client 2 puts in place of its two keys, and what the server must say.
  enum Fault: CaseIterable {
    case smallOrderChannel, smallOrderMask, otherEncoding, sameTwice, takenChannel, takenCrossed

    func keys(
      _ own: KeyAdvertisement, _ other: KeyAdvertisement
    ) throws -> (channel: X25519.PublicKey, mask: X25519.PublicKey) {
      switch self {
      case .smallOrderChannel: (try .init(KeyAdvertisementTests.smallOrder), own.maskKey)
      case .smallOrderMask: (own.channelKey, try .init(KeyAdvertisementTests.smallOrder))
      case .otherEncoding: (own.channelKey, try .init(KeyAdvertisementTests.notCanonical))
      case .sameTwice: (own.maskKey, own.maskKey)
      case .takenChannel: (other.channelKey, own.maskKey)
      case .takenCrossed: (own.channelKey, other.channelKey)
      }
    }

    var expected: KeyFault {
      switch self {
      case .smallOrderChannel, .smallOrderMask: .smallOrder
      case .otherEncoding: .notCanonical
      case .sameTwice: .sameTwice
      case .takenChannel, .takenCrossed: .taken(by: 0)
      }
    }
  }

  @Test(
    "the server refuses the keys, and the others' sum comes out",
    arguments: Fault.allCases, MaskingSession.Security.allCases)
  func oneClientStopsNobody(_ fault: Fault, security: MaskingSession.Security) throws {
    let example = try MaskingCase(clients: 4, threshold: 3, security: security)
    let session = example.session
    let keys = example.identities.clients
    let clients = try (0..<4).map {
      try MaskingClient(
        id: $0, in: session, input: example.inputs[$0], identity: keys[$0],
        registry: example.identities.registry)
    }
    var server = MaskingServer(
      in: session, identity: example.identities.server, registry: example.identities.registry)
    let starts = try clients.map { try $0.start() }
    func advertisement(_ client: Int) throws -> KeyAdvertisement {
      try KeyAdvertisement(
        whole: Envelope(
          opening: starts[client], for: .server, in: session, registry: example.identities.registry
        ).payload)
    }
    let (own, other) = (try advertisement(2), try advertisement(0))
    let changed = try fault.keys(own, other)
    let forged = Envelope.seal(
      KeyAdvertisement(
        channelKey: changed.channel, maskKey: changed.mask, commitment: own.commitment
      ).encoded(), .keyAdvertisement, from: .client(2), to: .server, in: session, by: keys[2])
    try server.receive(starts[0])
    try server.receive(starts[1])
    #expect(throws: MessageRefusal.badKey(from: 2, fault.expected)) { try server.receive(forged) }
    #expect(server.received == [0, 1])
    try server.receive(starts[3])
    // Client 2 is gone; nobody else noticed.
    var inbox = try server.closeRound()
    #expect(inbox.map(\.client) == [0, 1, 3])
    while server.awaited != nil {
      for (client, message) in inbox {
        try server.receive(try #require(try clients[client].receive(message)))
      }
      inbox = try server.closeRound()
    }
    let outcome = try #require(server.outcome)
    #expect(outcome.contributors == [0, 1, 3])
    #expect(try outcome.sum == example.plainSum([0, 1, 3]))
  }

  @Test("a client refused for its keys may send sound ones")
  func secondTry() throws {
    let example = try MaskingCase(clients: 3, threshold: 2, security: .active)
    let attempts = try (0..<2).map { _ in
      try MaskingClient(
        id: 1, in: example.session, input: example.inputs[1],
        identity: example.identities.clients[1], registry: example.identities.registry
      ).start()
    }
    var server = MaskingServer(
      in: example.session, identity: example.identities.server,
      registry: example.identities.registry)
    let bad = Envelope.seal(
      Self.smallOrder + Self.smallOrder + Self.smallOrder, .keyAdvertisement, from: .client(1),
      to: .server, in: example.session, by: example.identities.clients[1])
    #expect(throws: MessageRefusal.badKey(from: 1, .smallOrder)) { try server.receive(bad) }
    try server.receive(attempts[0])
    #expect(throws: MessageRefusal.duplicate(.keyAdvertisement, from: 1)) {
      try server.receive(attempts[1])
    }
  }
}
