/// The multiples of a point that is used often: products three times as fast.
///
/// 960 points, of 92,160 bytes together.
public struct G1PointMultiples: Sendable {
  let comb: [G1Coordinates]

  /// Computes the multiples, in the time of about 12 products.
  public init(of point: G1Point) { comb = g1.comb(point.value) }

  /// The product with a number, which stays secret: every multiple that might be needed is read.
  ///
  /// - Complexity: 64 sums.
  public static func * (a: G1PointMultiples, k: PairingScalar) -> G1Point {
    G1Point(g1.product(a.comb, k.value))
  }
}
