public import Pairings
internal import SecureAggregation

/// The linear hash of VeriFL: H(x) = Π g_j^(x_j), and one more base that hides.
///
/// The bases come from hashing to G1, so that nobody knows a relation between them: whoever finds
/// two vectors with one hash finds a logarithm. H alone hides nothing that can be guessed.
///
/// Source: Guo et al., *VeriFL* (IEEE TIFS 16, 2021), over P-256 there.
public struct VectorHash: Sendable {
  /// g_j.
  private let bases: [G1Point]
  /// The base of the randomness.
  package let hiding: G1Point

  private static let domain = Array("RAMPART-VERIFL-V01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_".utf8)

  /// The bases for vectors of so many elements; those of a longer hash begin the same.
  ///
  /// - Complexity: One hash to the curve for each.
  public init(dimension: Int) throws(PairingError) {
    var bases: [G1Point] = []
    for index in 0..<dimension {
      var number = WireWriter()
      number.write(UInt32(index))
      bases.append(try G1Point(hashing: number.bytes, domain: Self.domain))
    }
    self.bases = bases
    hiding = try G1Point(hashing: Array("hiding".utf8), domain: Self.domain)
  }

  /// How many elements vectors have.
  public var dimension: Int { bases.count }

  /// H of integers. The time tells a little of them, to whoever measures on the user's own machine.
  ///
  /// - Throws: `PairingError.wrongCount` unless there are `dimension`.
  /// - Complexity: One multi-exponentiation with short exponents.
  package func hash(of elements: [UInt64]) throws(PairingError) -> G1Point {
    try G1Point.sum(of: bases, timesPublic: elements)
  }

  /// H of numbers modulo r.
  ///
  /// - Throws: `PairingError.wrongCount` unless there are `dimension`.
  package func hash(of numbers: [PairingScalar]) throws(PairingError) -> G1Point {
    try G1Point.sum(of: bases, timesPublic: numbers)
  }
}
