public import CryptoCore

/// What all parties of one double-masked sum agree on beforehand.
///
/// Everything here goes into `digest`, and the digest into every signature, key and mask: messages of
/// another session, another round or other parameters are not understood.
///
/// Source: Bonawitz et al. 2017, *Practical Secure Aggregation for Privacy-Preserving Machine Learning*
/// (CCS 2017), whose signatures name neither session nor round; Bell et al. 2020 (CCS 2020) for the
/// graph.
public struct MaskingSession: Sendable, Hashable {
  /// What the server is trusted with.
  public enum Security: String, Sendable, Hashable, CaseIterable {
    /// It follows the protocol, and may remember everything.
    case semiHonest = "semi-honest"
    /// It may say anything to anybody: keys are signed by their owners, and the list of survivors by
    /// more than half of all honest clients before anybody opens a secret.
    case active
  }

  /// 32 bytes, never used before.
  public let id: [UInt8]
  /// The round of training.
  public let round: UInt64
  /// What the server is trusted with.
  public let security: Security
  /// How many clients may take part; they are numbered from 0.
  public let clients: Int
  /// How many of a client's neighbours, itself included, open its secrets.
  public let threshold: Int
  /// How many clients must sign the list of survivors; 0 where nobody does.
  public let quorum: Int
  /// How many elements the vectors have.
  public let dimension: Int
  /// What they are added in.
  public let ring: MaskRing
  /// Who masks with whom; nil for everybody with everybody.
  public let graph: HararyGraph?
  /// SHA-256 of all of the above.
  public let digest: [UInt8]

  /// A session.
  ///
  /// - Parameters:
  ///   - corrupt: How many clients may collude with the server, all but two at most: decides the
  ///     quorum of `active`.
  ///   - graph: In `active` sessions it must come from randomness the server could not choose.
  /// - Throws: `ParameterError.invalid` for an id that does not have 32 bytes, fewer than 2 clients, a
  ///   threshold that is not in 1...neighbourhood, a graph of another size, an empty vector; with
  ///   `active`, a threshold at which two halves of a client's neighbours could each open one of its
  ///   secrets (2 threshold <= neighbourhood), or no quorum.
  public init(
    id: [UInt8], round: UInt64 = 0, security: Security = .semiHonest, clients: Int,
    threshold: Int, corrupt: Int = 0, dimension: Int, ring: MaskRing, graph: HararyGraph? = nil
  ) throws(ParameterError) {
    guard id.count == 32 else {
      throw .invalid("session", "\(id.count) bytes", "must have 32, drawn at random")
    }
    guard (2...SecureAggregationPolicy.maximumClients).contains(clients) else {
      throw .invalid(
        "clients", "\(clients)", "must be in 2...\(SecureAggregationPolicy.maximumClients)")
    }
    if let graph, graph.order.count != clients {
      throw .invalid("graph", "\(graph.order.count) clients", "must have \(clients)")
    }
    let neighbourhood = (graph?.degree ?? clients - 1) + 1
    guard (1...neighbourhood).contains(threshold) else {
      throw .invalid("threshold", "\(threshold)", "must be in 1...\(neighbourhood)")
    }
    guard ring.packedCount(min(dimension, 1 << 40)) <= UInt32.max else {
      throw .invalid(
        "dimension", "\(dimension)",
        "makes masked vectors of more than 4 GiB; cut the vector into several sums")
    }
    guard dimension > 0 else { throw .invalid("dimension", "\(dimension)", "must be positive") }
    guard (0...clients - 2).contains(corrupt) else {
      throw .invalid(
        "corrupt", "\(corrupt)",
        "must be in 0...\(clients - 2): the sum would tell all others the vector of an honest client"
      )
    }
    if security == .active, 2 * threshold <= neighbourhood {
      throw .invalid(
        "threshold", "\(threshold)",
        "must be above \(neighbourhood / 2): a server that lies to half of \(neighbourhood) clients"
          + " would learn both secrets of one")
    }
    self.id = id
    self.round = round
    self.security = security
    self.clients = clients
    self.threshold = threshold
    quorum = security == .active ? max(threshold, (clients + corrupt) / 2 + 1) : 0
    self.dimension = dimension
    self.ring = ring
    self.graph = graph
    guard quorum <= clients else {
      throw .invalid("corrupt", "\(corrupt)", "leaves no quorum of \(quorum) among \(clients)")
    }
    var hasher = SHA256()
    hasher.update("rampart double masking \(Envelope.version)")
    var fields = WireWriter()
    fields.write(id)
    fields.write(round)
    fields.write(UInt8(security == .active ? 1 : 0))
    for number in [clients, threshold, quorum, dimension, ring.bits, graph?.degree ?? 0] {
      fields.write(UInt64(number))
    }
    for client in graph?.order ?? [] { fields.write(UInt32(client)) }
    hasher.update(fields.bytes)
    digest = hasher.finalize().bytes
  }

  /// Whom a client masks and shares with, in increasing order, without itself.
  public func neighbours(of client: Int) -> [Int] {
    graph?.neighbours(of: client).sorted() ?? (0..<clients).filter { $0 != client }
  }

  /// Where a client's shares are.
  package func point(of client: Int) -> UInt32 { UInt32(client) + 1 }
}

/// Public keys that parties are known by, from before any session: what signatures are checked with.
public struct IdentityRegistry: Sendable {
  /// One for each client, in their order.
  public let clients: [Ed25519.PublicKey]
  /// The server's.
  public let server: Ed25519.PublicKey

  /// Keys that were registered.
  public init(clients: [Ed25519.PublicKey], server: Ed25519.PublicKey) {
    self.clients = clients
    self.server = server
  }

  func key(of party: Party) -> Ed25519.PublicKey? {
    switch party {
    case .server: server
    case .client(let id): clients.indices.contains(id) ? clients[id] : nil
    }
  }
}
