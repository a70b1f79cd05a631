internal import CryptoCore
public import SecureAggregation

/// VerSA: a second masked sum that only somebody with two secret vectors can keep in step with the
/// first.
///
///     x'_n = a x_n + b            element by element, a and b secret of all users
///     accept if  z' = a z + |U3| b
///
/// The second sum lives modulo 2^W, W above the w bits of the first. A server that does not know a
/// and b and adds an integer Δ, 0 < |Δ| < 2^w, to one element must add a Δ to the other: it guesses
/// that with probability 2^(v-W), where 2^v divides Δ, so at most 2^(w-1-W): 2^-44 for w = 20 and
/// W = 63. With W = w the top bit would pass every other time.
///
/// Limits. Any user that tells the server a and b lets it announce anything. The number of
/// contributors is checked, which they are is not. A server may drop users from both sums. Traffic
/// of inputs grows by the factor 1 + W/w, computing by a second set of masks; there are no pairings
/// and no authority.
///
/// Source: Hahn et al., *VerSA* (IEEE TDSC 2023), as recalled: the paper's own choice of ring was
/// not at hand.
public struct VerSAParameters: Sendable, Hashable {
  /// The session of the inputs.
  public let session: MaskingSession
  /// The session of the second sum, which all run like the first.
  public let checkSession: MaskingSession

  /// The second session beside a first.
  ///
  /// - Parameter checkBits: W, above the first ring's bits.
  /// - Throws: `ParameterError.invalid` if W is not above w or above 63.
  public init(
    beside session: MaskingSession, checkBits: Int = MaskRing.maximumBits
  ) throws(ParameterError) {
    guard checkBits > session.ring.bits, let ring = try? MaskRing(bits: checkBits) else {
      throw .invalid(
        "check-bits", "\(checkBits)",
        "must be in \(session.ring.bits + 1)...\(MaskRing.maximumBits), above those of the sum")
    }
    self.session = session
    checkSession = try MaskingSession(
      id: SHA256.hash(Array("rampart versa check".utf8) + session.digest).bytes,
      round: session.round, security: session.security, clients: session.clients,
      threshold: session.threshold, dimension: session.dimension, ring: ring, graph: session.graph)
  }

  /// log2 of the largest probability with which a false element passes: w - 1 - W.
  public var logError: Int { session.ring.bits - 1 - checkSession.ring.bits }
}
