/// The forms of `verifynet-reconstructed`: VerifyNet as it can be rebuilt from public
/// implementations, and what mends it.
///
/// All this rests on a reconstruction, not on the paper's text: what is true of ``publicCode`` is
/// true of the public C code and of no text. Which attack each form withstands:
///
///     form         gradient recovery   server forgery   permutation   replay   insider and server
///     publicCode   no                  no               no            no       no
///     labelled     no                  yes              yes           yes      no
///     perVector    yes                 yes              yes           yes      no
///
/// Source: Xu, Li, Liu, Yang, Lin, *VerifyNet* (IEEE TIFS 15, 2020), by way of the repositories
/// SaeedShariati/VerifyNet and iravani/VerifyNet.
public enum VerifyNetMode: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  /// As in the public code: a label τ that the server announces and that names no coordinate.
  case publicCode = 1
  /// The pseudo-random function's label is (session, round, user, coordinate).
  case labelled
  /// One proof of 288 bytes for a hash of the whole vector, with a fresh term for each user and
  /// round that hides the hash.
  case perVector

  /// "public-code", "labelled", "per-vector".
  public var description: String {
    switch self {
    case .publicCode: "public-code"
    case .labelled: "labelled"
    case .perVector: "per-vector"
    }
  }

  /// How many proofs stand for a vector of so many coordinates.
  public func proofCount(dimension: Int) -> Int { self == .perVector ? 1 : dimension }
}
