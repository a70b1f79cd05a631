internal import Glibc
public import SecureAggregation

/// How the random part of a commitment rides along under the masks: as m numbers of k bits,
/// elements of the ring like any other.
///
///     C = Π h_i^ρ_i · Π g_j^x_j,   ρ_i uniform in 0..<2^k,   n (2^k - 1) < R
///
/// So Σ ρ_i over all clients never reaches R, the masked sum gives it as an integer, and the sums
/// of the pieces open the product of the commitments exactly: nothing is carried, nothing is
/// reduced modulo the group's order on the way, and no part of double masking has to know of
/// commitments.
///
/// A single random number of the group's size, cut into digits, would not do: the server sees the
/// sum of every digit, and digits whose sum is extreme are known, so that the number would be
/// uniform no longer. Here each piece has its own generator and what the sums tell is accounted
/// for. Of two honest clients, with everybody else in league with the server, the sum of a pair of
/// pieces is known, which leaves
///
///     2k - log2(2^(k+1) - 1) > k - 1 bits
///
/// of one piece on average (the sum s is hit by L(s) of 2^2k pairs, equally likely, so that the
/// chance to guess is Σ_s L(s) / 2^2k · 1 / L(s)). m is the least number of pieces that keeps 255 +
/// 2 (64 + log2 n) bits, and then, by the leftover hash lemma (Dodis, Ostrovsky, Reyzin, Smith:
/// Fuzzy extractors, SIAM J. Comput. 38, 2008, lemma 2.4; ρ ↦ Π h_i^ρ_i is a universal hash since
/// the order is prime), what everybody sees of all honest clients' commitments is within 2^-64 of
/// random points whose product is the one the sums open.
///
/// Worked example: 100 clients and sums modulo 2^23 give k = 16, m = 27, of 78 bytes.
public struct BlindingLayout: Sendable, Hashable {
  /// Statistical security in bits.
  public static let securityBits = 64
  /// The bits of the order of the group.
  static let orderBits = 255

  /// k.
  public let pieceBits: Int
  /// m.
  public let count: Int

  /// The layout for sums of so many clients' pieces.
  ///
  /// - Throws: `ParameterError.invalid` for a ring in which one bit of every client overflows.
  public init(ring: MaskRing, clients: Int) throws(ParameterError) {
    let largest = (ring.modulus - 1) / UInt64(max(1, clients))
    guard clients >= 1, largest >= 1 else {
      throw .invalid("ring", "\(ring)", "cannot add one bit of each of \(clients) clients")
    }
    // The most bits with 2^k - 1 <= largest.
    pieceBits = 63 - (largest + 1).leadingZeroBitCount
    let needed =
      Double(Self.orderBits) + 2 * (Double(Self.securityBits) + log2(Double(clients)))
    count = Int((needed / Self.entropy(pieceBits)).rounded(.up))
  }

  /// What a piece of k bits has left on average when its sum with another one is known.
  static func entropy(_ bits: Int) -> Double {
    // log2(2^(k+1) - 1) without losing the -1.
    2 * Double(bits) - (Double(bits + 1) + log1p(-exp2(-Double(bits + 1))) / log(2))
  }
}
