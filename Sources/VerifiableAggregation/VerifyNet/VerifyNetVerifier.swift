public import CryptoCore
internal import Pairings
public import SecureAggregation

/// A user who checks what the server announced (`verifynet-reconstructed`).
///
/// For each coordinate, with σ and U3 as announced, N = |U3| and φ = Σ k_n over U3:
///
///     (i)    A = g^HF_N(σ)  and  B = h^HF_N(σ)
///     (ii)   e(A, h) = e(g, B)
///     (iii)  e(L, h) = e(g, Q)
///     (iv)   e(g, h)^φ = e(A, h) e(L, h)^d Ω^(d²),  Ω = 1
///
/// ``Check/each`` computes these; ``Check/batched(bits:)`` folds all coordinates with random
/// weights drawn after the proofs came, and then the three pairing equations into one product of
/// two pairs:
///
///     (i)          Σ w_j A_j = (Σ w_j HF_N(σ_j)) g,  and with B in G2
///     (ii)-(iv)    e(u1 A + u2 L + u3 (A + d L - φ g), h) e(-g, u1 B + u2 Q) = 1
///
/// where A, B, L, Q, φ are sums with the weights w. An announcement that fails ``Check/each``
/// passes with weights of κ bits with probability at most 2^(1-κ): 2^-κ for the fold of coordinates
/// and 2^-κ for the fold of equations. κ = 128 unless a test wants to see errors.
public struct VerifyNetVerifier: Sendable {
  /// How to check.
  public enum Check: Sendable, Hashable {
    /// Every equation of every coordinate: four pairings and a power in GT for each.
    case each
    /// One product of two pairings for all, with weights of so many bits, 1...128.
    case batched(bits: Int)
  }

  private let session: MaskingSession
  private let registry: IdentityRegistry
  private let exponents: VerifyNetExponents
  private let id: Int?
  private let workers: Int

  /// A verifier of one round.
  ///
  /// - Parameters:
  ///   - id: The user's own number if its vector must be in the sum; nil for others with keys.
  ///   - label: τ as the server announced it with the public keys; see ``VerifyNetUser``.
  ///   - workers: How many threads read and fold points.
  public init(
    id: Int?, keys: VerifyNetKeys, in session: MaskingSession, label: [UInt8] = [],
    registry: IdentityRegistry, workers: Int = 1
  ) {
    self.id = id
    self.session = session
    self.registry = registry
    self.workers = workers
    exponents = VerifyNetExponents(keys, in: session, label: label)
  }

  /// Checks an announcement with weights of the operating system's randomness.
  ///
  /// - Throws: As ``verify(_:check:using:)`` does.
  public func verify(
    _ bytes: [UInt8], check: Check = .batched(bits: 128)
  ) throws(ProofRefusal) -> VerifiedSum {
    var source = SystemRandomness()
    return try verify(bytes, check: check, using: &source)
  }

  /// Checks an announcement.
  ///
  /// - Parameter source: Of the weights; nobody may know it before the announcement is made.
  /// - Throws: `ProofRefusal` that names the server: for a message that is not one of this round, a
  ///   point outside its group, a list of contributors that is too short or lacks this user, or
  ///   `.failed` with the equation that does not hold.
  /// - Complexity: Batched, O(proofs / log proofs) sums for each bit in both groups, two pairings,
  ///   and four decodings with subgroup checks for each proof.
  public func verify(
    _ bytes: [UInt8], check: Check, using source: inout some SecretSource
  ) throws(ProofRefusal) -> VerifiedSum {
    let announcement = try read(bytes)
    do throws(ProofFault) {
      try test(announcement, check, &source)
    } catch {
      throw ProofRefusal(sender: .server, fault: error)
    }
    return VerifiedSum(vector: announcement.sum, survivors: announcement.contributors)
  }

  /// The announcement a message holds, its points in their groups, nothing else checked.
  package func read(_ bytes: [UInt8]) throws(ProofRefusal) -> VerifyNetAnnouncement {
    let envelope = try ProofEnvelope(
      opening: bytes, as: .verifyNetAnnouncement, in: session, registry: registry)
    guard envelope.sender == .server else {
      throw ProofRefusal(sender: envelope.sender, fault: .unknownSender)
    }
    do throws(ProofFault) {
      return try VerifyNetAnnouncement(
        decoding: envelope.payload, mode: exponents.keys.mode, in: session, workers: workers)
    } catch {
      throw ProofRefusal(sender: .server, fault: error)
    }
  }

  /// Checks what was read.
  package func test(
    _ announcement: VerifyNetAnnouncement, _ check: Check, _ source: inout some SecretSource
  ) throws(ProofFault) {
    try session.check(announcement.contributors, include: id, in: .verifyNetAnnouncement)
    let claim = VerifyNetClaim(
      proof: announcement.proof,
      hashes: exponents.hash(
        of: announcement.sum.elements, users: announcement.contributors),
      masks: exponents.masks(of: announcement.contributors), d: exponents.keys.d)
    switch check {
    case .each: for index in claim.hashes.indices { try claim.check(index) }
    case .batched(let bits): try claim.checkAll(bits: bits, workers: workers, using: &source)
    }
  }
}

extension MaskingSession {
  /// A list of contributors that an honest run of this session can have.
  func check(
    _ contributors: [Int], include id: Int?, in kind: ProofKind
  ) throws(ProofFault) {
    let needed = max(2, graph == nil ? threshold : 2, quorum)
    guard contributors.count >= needed else {
      throw .malformed(kind, "is of \(contributors.count) clients, \(needed) are needed")
    }
    if let id, !contributors.contains(id) {
      throw .malformed(kind, "leaves out client \(id), which has sent its vector")
    }
  }
}
