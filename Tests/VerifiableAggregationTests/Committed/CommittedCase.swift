import CryptoCore
import Pairings
import Randomness
import SecureAggregation
import TestSupport
import VerifiableAggregation

/// A small committed sum without its masks, which give the same sum bit for bit.
struct CommittedCase {
  let session: CommittedSession
  let vectors: [RingVector]
  let identities: LocalAggregation.Identities
  let generators: CommitmentGenerators
  var clients: [CommittingClient]
  var server: CommitmentServer
  /// What the server told everybody of the digests.
  var list: [UInt8] = []

  var registry: IdentityRegistry { identities.registry }

  init(
    clients count: Int, threshold: Int? = nil, length: Int = 5, bits: Int = 23, round: UInt64 = 7,
    security: MaskingSession.Security = .active, source: some SecretSource = SystemRandomness(),
    using generator: inout Generator
  ) throws {
    let ring = try MaskRing(bits: bits)
    session = try CommittedSession(
      id: SystemRandomness.bytes(32), round: round, security: security, clients: count,
      threshold: threshold ?? 2 * count / 3 + 1, length: length, ring: ring)
    let limit = (ring.modulus - 1) / UInt64(count)
    let made = (0..<count).map { _ in
      RingVector((0..<length).map { _ in generator.next() % (limit + 1) }, in: ring)
    }
    vectors = made
    identities = try LocalAggregation.Identities(clients: count)
    generators = try CommitmentGenerators(for: session)
    let (session, identities, generators) = (session, identities, generators)
    clients = try (0..<count).map { id in
      try CommittingClient(
        id: id, in: session, vector: made[id], identity: identities.clients[id],
        registry: identities.registry, generators: generators, source: source)
    }
    server = CommitmentServer(
      in: session, identity: identities.server, registry: identities.registry)
  }

  /// Digests and commitments of all clients, or of all but those that send nothing from there on.
  mutating func commit(withoutDigest: Set<Int> = [], withoutCommitment: Set<Int> = []) throws {
    for id in clients.indices where !withoutDigest.contains(id) {
      try server.receive(clients[id].digestMessage)
    }
    list = server.closeDigests()
    for id in clients.indices
    where !withoutDigest.contains(id) && !withoutCommitment.contains(id) {
      try server.receive(try clients[id].receive(list: list))
    }
  }

  /// What the masks would give of these clients.
  func sum(_ survivors: some Sequence<Int>) throws -> RingVector {
    var sum = RingVector(zeros: session.masking.dimension, in: session.masking.ring)
    for id in survivors { try sum.add(clients[id].maskedInput) }
    return sum
  }

  /// The plain sum of the vectors.
  func plain(_ survivors: some Sequence<Int>) throws -> RingVector {
    var sum = RingVector(zeros: session.length, in: session.masking.ring)
    for id in survivors { try sum.add(vectors[id]) }
    return sum
  }

  /// The announcement of an honest server, or of one that says what it likes.
  func announcement(_ survivors: [Int], _ sum: RingVector? = nil) throws -> [UInt8] {
    try server.announce(survivors, try sum ?? self.sum(survivors))
  }

  /// Whether a client takes it, or why not.
  func verdict(of id: Int, on announcement: [UInt8]) -> Result<VerifiedSum, CommitmentRefusal> {
    var client = clients[id]
    do throws(CommitmentRefusal) {
      return .success(try client.verify(announcement))
    } catch {
      return .failure(error)
    }
  }

  func refusal(of id: Int, on announcement: [UInt8]) -> CommitmentRefusal? {
    if case .failure(let refusal) = verdict(of: id, on: announcement) { refusal } else { nil }
  }

  /// The commitments that the clients signed, as the server would list them.
  func signed() throws -> [SignedCommitment] {
    let bytes = try announcement(Array(clients.indices))
    var entries: [SignedCommitment] = []
    let list = DigestList(
      Dictionary(
        uniqueKeysWithValues: clients.map { ($0.id, Array($0.digestMessage[13...])) }), in: session)
    var place = 13 + 4
    for id in clients.indices {
      let encoding = Array(bytes[place + 4..<place + 52])
      entries.append(
        SignedCommitment(
          signing: encoding, of: id, beside: list, in: session, by: identities.clients[id]))
      place += 4 + SignedCommitment.count
    }
    return entries
  }
}

/// A source whose bytes are all the same.
struct ConstantSource: SecretSource {
  let byte: UInt8

  mutating func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemRandomness.Failure) {
    for index in bytes.indices { bytes[index] = byte }
  }
}
