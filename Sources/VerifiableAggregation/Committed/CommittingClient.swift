public import CryptoCore
internal import Pairings
public import SecureAggregation

/// One user's side of a sum that it can check.
///
///     var client = try CommittingClient(id: 3, in: session, vector: encoded, ...)
///     send(client.digestMessage)                       // with the key advertisement
///     send(try client.receive(list: message))          // with the shares
///     let masking = try MaskingClient(id: 3, in: session.masking, input: client.maskedInput, ...)
///     ...                                              // the double-masked sum
///     let sum = try client.verify(announcement)        // or a reason not to use it
///
/// What a user that accepts a sum z knows, be the server and any other clients in league: for the
/// announced survivors, itself among them, z = Σ_honest x_n + y, where the x_n are the vectors that
/// honest survivors masked in this very session and y is a vector that the dishonest survivors had
/// fixed before they saw any honest commitment. Who finds another z finds a relation between the
/// generators, which is as hard as logarithms in G1 (binding, with SHA-256 as a random oracle). The
/// equation is one in the exponents, modulo the group's order of 255 bits, and both sides are known
/// integers below R < 2^64: z as announced, Σ_honest x_n by the encoding's bounds. So for clients
/// that keep to the rules z is their sum over the integers, though masks only give it modulo R.
///
/// What nobody learns from a commitment is the vector: see ``BlindingLayout`` (hiding).
///
/// What this does not do: a client may commit to and mask any vector it likes, also one out of
/// range (y above); a client that masks another vector than it committed to spoils the sum as a
/// lying server does, and nobody can tell which of them did; and a server may announce nothing at
/// all.
///
/// Source: Pedersen, *Non-Interactive and Information-Theoretic Secure Verifiable Secret Sharing*
/// (Crypto 1991), of vectors; the digests before the commitments as in Guo et al., *VeriFL* (IEEE
/// TIFS 16, 2021).
public struct CommittingClient: Sendable {
  /// Its number in the session.
  public let id: Int
  /// What everybody agreed on.
  public let session: CommittedSession
  /// What it masks: the vector and, behind it, the randomness of its commitment. Secret.
  public let maskedInput: RingVector
  /// Its first message.
  public let digestMessage: [UInt8]

  private let identity: Ed25519.PrivateKey
  private let registry: IdentityRegistry
  private let generators: CommitmentGenerators
  private let encoding: [UInt8]
  private var state = State.awaitingList

  private enum State: Sendable {
    case awaitingList
    case awaitingAnnouncement(DigestList)
    case done
  }

  /// A client that has committed to its vector, of `session.length` elements.
  ///
  /// - Parameters:
  ///   - source: Where the randomness of the commitment comes from.
  ///   - workers: How many threads.
  /// - Precondition: The vector is of the session's length and ring.
  /// - Throws: `CommitmentRefusal.randomness`.
  /// - Complexity: A multi-exponentiation as long as the vector.
  public init(
    id: Int, in session: CommittedSession, vector: RingVector, identity: Ed25519.PrivateKey,
    registry: IdentityRegistry, generators: CommitmentGenerators,
    source: some SecretSource = SystemRandomness(), workers: Int = 1
  ) throws(CommitmentRefusal) {
    precondition((0..<session.masking.clients).contains(id), "no client \(id) in this session")
    precondition(
      vector.count == session.length && vector.ring == session.masking.ring,
      "a vector of another length or ring than the session's")
    self.id = id
    self.session = session
    self.identity = identity
    self.registry = registry
    self.generators = generators
    var source = source
    var input = vector
    input.append(try Self.pieces(session.blinding, &source))
    maskedInput = input
    do throws(PairingError) {
      encoding = try generators.commitment(to: input, in: session, workers: workers).compressed
    } catch {
      preconditionFailure("generators for another session: \(error)")
    }
    var writer = CommitmentFrame.header(.digest, from: .client(id), in: session)
    writer.write(CommitmentDigest.of(encoding, by: id, in: session))
    digestMessage = writer.bytes
  }

  private static func pieces(
    _ layout: BlindingLayout, _ source: inout some SecretSource
  ) throws(CommitmentRefusal) -> [UInt64] {
    let draw: SecretBytes
    do { draw = try SecretBytes(random: 8 * layout.count, using: &source) } catch {
      throw .randomness(error)
    }
    return draw.withBytes { bytes in
      (0..<layout.count).map { index in
        (0..<8).reduce(UInt64(0)) {
          unsafe $0 << 8 | UInt64(bytes.unsafeLoad(fromByteOffset: 8 * index + $1, as: UInt8.self))
        } & (1 << UInt64(layout.pieceBits) - 1)
      }
    }
  }

  /// Takes the list of everybody's digests and gives its second and last message, the commitment.
  ///
  /// - Throws: `CommitmentRefusal`; a list that is refused changes nothing. A second list is
  ///   refused too: its commitment is shown beside one list only.
  public mutating func receive(list bytes: [UInt8]) throws(CommitmentRefusal) -> [UInt8] {
    guard case .awaitingList = state else { throw .unexpected(.digestList, from: .server) }
    let list = try DigestList(decoding: bytes, in: session, registry: registry)
    guard list.digests[id] == CommitmentDigest.of(encoding, by: id, in: session) else {
      throw .ownEntry(in: .digestList)
    }
    let needed = session.leastSurvivors
    guard list.digests.count >= needed else {
      throw .tooFew(have: list.digests.count, needed: needed, in: .digestList)
    }
    state = .awaitingAnnouncement(list)
    let signed = SignedCommitment(
      signing: encoding, of: id, beside: list, in: session, by: identity)
    var writer = CommitmentFrame.header(.commitment, from: .client(id), in: session)
    writer.write(signed.encoding)
    writer.write(signed.signature)
    return writer.bytes
  }

  /// What the server announced, if it is the sum of what the survivors committed to.
  ///
  /// - Throws: `CommitmentRefusal`: the sum must not be used. Another announcement may come.
  /// - Complexity: A signature and a point for each survivor, and one multi-exponentiation as long
  ///   as the vector.
  public mutating func verify(
    _ bytes: [UInt8], workers: Int = 1
  ) throws(CommitmentRefusal) -> VerifiedSum {
    guard case .awaitingAnnouncement(let list) = state else {
      throw .unexpected(.announcement, from: .server)
    }
    let announced = try Announcement(decoding: bytes, in: session, registry: registry)
    guard announced.survivors.first(where: { $0.client == id })?.commitment.encoding == encoding
    else { throw .ownEntry(in: .announcement) }
    let needed = session.leastSurvivors
    guard announced.survivors.count >= needed else {
      throw .tooFew(have: announced.survivors.count, needed: needed, in: .announcement)
    }
    var product = G1Point.zero
    for (client, commitment) in announced.survivors {
      product += try commitment.checked(
        of: client, beside: list, in: session, registry: registry)
    }
    let opened = try? generators.opened(by: announced.sum, in: session, workers: workers)
    guard opened == product else { throw .wrongSum }
    state = .done
    return VerifiedSum(
      vector: session.vector(of: announced.sum),
      survivors: announced.survivors.map(\.client))
  }
}

/// A sum that its reader has checked.
public struct VerifiedSum: Sendable, Hashable {
  /// The sum of the survivors' vectors.
  public let vector: RingVector
  /// Whose vectors are in it, by increasing number.
  public let survivors: [Int]

  package init(vector: RingVector, survivors: [Int]) {
    self.vector = vector
    self.survivors = survivors
  }
}

extension RingVector {
  /// The vector with more elements behind it.
  mutating func append(_ more: [UInt64]) {
    self = RingVector(elements + more, in: ring)
  }
}
