public import Pairings
internal import SecureAggregation
internal import Synchronization

/// The points of G1 that vectors are committed with.
///
///     C = Π h_i^ρ_i · Π g_j^x_j
///
/// They come from the names below by RFC 9380 and are the same for every session and everybody: h_i
/// by hash_to_curve of the four bytes of i, since hiding wants them uniform, g_j as `G1Basis`
/// says, since binding only wants that nobody knows a relation. They are computed once in a
/// process.
public struct CommitmentGenerators: Sendable {
  static let coordinateDomain = Array(
    "RAMPART-COMMITTED-V01-with-BLS12381G1_XMD:SHA-256_SSWU_NU_".utf8)
  static let blindingDomain = Array(
    "RAMPART-COMMITTED-V01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_".utf8)

  /// The h_i, and their multiples.
  let blinding: [G1Point]
  private let multiples: [G1PointMultiples]
  /// The g_j, at least as many as needed.
  let coordinates: G1Basis

  private static let known = Mutex<CommitmentGenerators?>(nil)

  /// The generators that a session needs.
  ///
  /// - Parameter workers: How many threads compute those that are not known yet.
  /// - Throws: Nothing but what fixed names rule out.
  /// - Complexity: About 20 microseconds a coordinate the first time.
  public init(for session: CommittedSession, workers: Int = 1) throws(PairingError) {
    let (length, count) = (session.length, session.blinding.count)
    self = try Self.known.withLock { (known) throws(PairingError) in
      if let known, known.blinding.count >= count, known.coordinates.count >= length {
        return known
      }
      var coordinates = try G1Basis(domain: Self.coordinateDomain)
      if let known { coordinates = known.coordinates }
      try coordinates.extend(to: length, workers: workers)
      var (blinding, multiples) = (known?.blinding ?? [], known?.multiples ?? [])
      for index in blinding.count..<max(blinding.count, count) {
        let point = try G1Point(
          hashing: (0..<4).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) },
          domain: Self.blindingDomain)
        blinding.append(point)
        multiples.append(G1PointMultiples(of: point))
      }
      let grown = CommitmentGenerators(
        blinding: blinding, multiples: multiples, coordinates: coordinates)
      known = grown
      return grown
    }
  }

  private init(
    blinding: [G1Point], multiples: [G1PointMultiples], coordinates: G1Basis
  ) {
    self.blinding = blinding
    self.multiples = multiples
    self.coordinates = coordinates
  }

  /// The commitment to a vector with its pieces of randomness behind it.
  ///
  /// The random part takes the same time for all numbers. The time of the rest tells a little of
  /// the vector, such as how many elements are equal, to whoever measures on the client's own
  /// machine.
  ///
  /// - Complexity: About length · ⌈w / 12⌉ additions of points.
  func commitment(
    to vector: RingVector, in session: CommittedSession, workers: Int
  ) throws(PairingError) -> G1Point {
    var sum = try coordinates.sum(
      timesPublic: vector.elements(0..<session.length), bits: session.masking.ring.bits,
      workers: workers)
    for index in 0..<session.blinding.count {
      sum += multiples[index] * PairingScalar(vector[session.length + index])
    }
    return sum
  }

  /// The product of commitments that a sum of vectors opens; everything is public.
  ///
  /// - Complexity: As ``commitment(to:in:workers:)``.
  func opened(
    by sum: RingVector, in session: CommittedSession, workers: Int
  ) throws(PairingError) -> G1Point {
    let ring = session.masking.ring
    let pieces = sum.elements(session.length..<session.length + session.blinding.count)
    return try coordinates.sum(
      timesPublic: sum.elements(0..<session.length), bits: ring.bits, workers: workers)
      + G1Point.sum(
        of: Array(blinding[..<session.blinding.count]), timesPublic: pieces, bits: ring.bits)
  }
}

extension RingVector {
  /// Some of the elements.
  func elements(_ range: Range<Int>) -> [UInt64] {
    ring.isNarrow ? narrow[range].map { UInt64($0) } : Array(wide[range])
  }
}
