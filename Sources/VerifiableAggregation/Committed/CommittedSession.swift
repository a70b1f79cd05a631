internal import CryptoCore
public import SecureAggregation

/// A secure sum whose result everybody can check: what all parties agree on beforehand.
///
/// The server adds up masked vectors as in any double-masked session, whose elements are those of
/// an encoded update, its weight, and the pieces of a commitment's randomness (``BlindingLayout``).
public struct CommittedSession: Sendable, Hashable {
  /// The double-masked sum: of `length` + `blinding.count` elements.
  public let masking: MaskingSession
  /// How many elements the vectors have: coordinates and the weight.
  public let length: Int
  /// Where the randomness of commitments is: behind the vector.
  public let blinding: BlindingLayout
  /// SHA-256 of all of the above: what signatures and digests are bound to.
  public let digest: [UInt8]

  /// A session.
  ///
  /// - Parameters:
  ///   - length: Elements of an encoded vector, weight included.
  ///   - ring: One in which sums of honest vectors do not wrap around, as a `FixedPointEncoding`
  ///     has it: then what the check proves modulo R holds for the integers.
  /// - Throws: `ParameterError.invalid` as `MaskingSession` and ``BlindingLayout`` do.
  public init(
    id: [UInt8], round: UInt64 = 0, security: MaskingSession.Security = .active, clients: Int,
    threshold: Int, corrupt: Int = 0, length: Int, ring: MaskRing, graph: HararyGraph? = nil
  ) throws(ParameterError) {
    guard length > 0 else { throw .invalid("length", "\(length)", "must be positive") }
    blinding = try BlindingLayout(ring: ring, clients: clients)
    masking = try MaskingSession(
      id: id, round: round, security: security, clients: clients, threshold: threshold,
      corrupt: corrupt, dimension: length + blinding.count, ring: ring, graph: graph)
    self.length = length
    digest =
      SHA256.hash(
        Array("rampart committed sum \(CommitmentFrame.version)".utf8) + masking.digest
      ).bytes
  }

  /// What a masked sum says of the vectors: without the randomness behind them.
  public func vector(of sum: RingVector) -> RingVector {
    RingVector(sum.elements(0..<length), in: sum.ring)
  }

  /// The fewest clients whose sum is taken: below, a sum would tell too much, or nobody could have
  /// opened it.
  public var leastSurvivors: Int {
    max(2, masking.graph == nil ? masking.threshold : 2, masking.quorum)
  }
}
