internal import CryptoCore
internal import Randomness
internal import SecureAggregation
internal import Tensors

/// All parties of one session, with secrets that follow from a seed, so that runs repeat.
///
/// A client is met through its messages. Only one that colludes is known from inside
/// (``surrender(_:)``).
struct ProtocolParties {
  let session: MaskingSession
  let identities: LocalAggregation.Identities
  let clients: [MaskingClient]
  private let sources: [InsecureSeededSecrets]

  var registry: IdentityRegistry { identities.registry }

  /// - Parameters:
  ///   - secrets: Clients of two sessions with the same stream have the same keys.
  ///   - modelDigests: What each client binds its masks to; empty for nothing.
  init(
    in session: MaskingSession, inputs: [RingVector], identities: LocalAggregation.Identities,
    secrets: InsecureSeededSecrets, modelDigests: [[UInt8]] = []
  ) throws {
    self.session = session
    self.identities = identities
    sources = inputs.indices.map { secrets.fork("client \($0)") }
    let (registry, sources) = (identities.registry, sources)
    clients = try inputs.indices.map { id in
      try MaskingClient(
        id: id, in: session, input: inputs[id], identity: identities.clients[id],
        registry: registry, modelDigest: modelDigests.isEmpty ? [] : modelDigests[id],
        source: sources[id])
    }
  }

  /// Everything that a client knows from the start, which it gives to the adversary.
  func surrender(_ id: Int) throws -> Insider {
    try Insider(id: id, in: session, identity: identities.clients[id], source: sources[id])
  }

  /// A server of these parties that the adversary runs.
  func dishonestServer() -> DishonestServer {
    DishonestServer(
      in: session, identity: identities.server, registry: registry, clients: clients)
  }

  /// The sum as an honest server computes it, which may then look at it as it likes.
  func honestSum() throws -> AggregationOutcome {
    var server = MaskingServer(in: session, identity: identities.server, registry: registry)
    var inbox = try clients.map { try $0.start() }
    while server.awaited != nil {
      for message in inbox { try server.receive(message) }
      inbox = try server.closeRound().compactMap { client, message in
        try clients[client].receive(message)
      }
    }
    guard let outcome = server.outcome else {
      preconditionFailure("an honest run without dropouts gives a sum")
    }
    return outcome
  }
}

extension ProtocolAttackSetting {
  /// Random numbers for one use.
  func generator(_ purpose: Purpose) -> Generator { Generator(seed: seed).fork(purpose) }

  /// Secrets for one use.
  func secrets(_ purpose: String) -> InsecureSeededSecrets {
    InsecureSeededSecrets(seed: seed).fork(purpose)
  }

  /// Signing keys of everybody.
  func identities(clients: Int? = nil) throws -> LocalAggregation.Identities {
    var source = secrets("identities")
    return try .init(clients: clients ?? self.clients, using: &source)
  }

  /// How updates become integers: clipped to 4, 16 bits, weight 1.
  func encoding(clients: Int? = nil) throws -> FixedPointEncoding {
    try FixedPointEncoding(clip: 4, bits: 16, clients: clients ?? self.clients)
  }

  /// A session of the encoding's ring, of all clients unless said otherwise, for vectors of
  /// `dimension` coordinates and the weight.
  func session(
    _ security: MaskingSession.Security, threshold: Int, corrupt: Int = 0, round: UInt64 = 1,
    clients: Int? = nil, dimension: Int? = nil, ring: MaskRing? = nil
  ) throws -> MaskingSession {
    let clients = clients ?? self.clients
    return try MaskingSession(
      id: SHA256.hash("protocol attack \(seed)").bytes, round: round, security: security,
      clients: clients, threshold: threshold, corrupt: corrupt,
      dimension: (dimension ?? self.dimension) + 1, ring: ring ?? encoding().ring)
  }

  /// An encoded update of standard normal coordinates for each client.
  func updates(_ purpose: String = "updates") throws -> [RingVector] {
    let encoding = try encoding()
    return try (0..<clients).map { client in
      var own = generator(Purpose(purpose)).fork("update", UInt64(client))
      return try encoding.encode(Vector(own.normals(dimension)), using: &own)
    }
  }
}

extension RingVector {
  /// The fraction of elements that are the same in every bit.
  func agreement(with other: RingVector) -> Double {
    let same = zip(elements, other.elements).count { $0 == $1 }
    return Double(same) / Double(max(1, count))
  }

  /// What `agreement` is for a guess: one in as many as the ring has elements.
  var guessedAgreement: Double { 1 / Double(ring.modulus) }
}
