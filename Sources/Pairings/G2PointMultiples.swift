/// The multiples of a point that is used often: products three times as fast.
///
/// 960 points, of 184,320 bytes together.
public struct G2PointMultiples: Sendable {
  let comb: [G2Coordinates]

  /// Computes the multiples, in the time of about 14 products.
  public init(of point: G2Point) { comb = g2.comb(point.value) }

  /// The product with a number, which stays secret: every multiple that might be needed is read.
  ///
  /// - Complexity: 64 sums.
  public static func * (a: G2PointMultiples, k: PairingScalar) -> G2Point {
    G2Point(g2.product(a.comb, k.value))
  }
}
