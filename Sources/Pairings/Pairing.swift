/// The optimal ate pairing of BLS12-381: e(a P, b Q) = e(P, Q)^(a b), and e(G1, G2) is not one.
///
///     let left = Pairing.pair(point * scalar, .generator)
///     let right = Pairing.pair(point, .generator).power(scalar)     // the same
///
/// To compare products, ask whether one product is one: all pairs then share the squarings of one
/// loop and the final power.
///
///     Pairing.isOne([(a, b), (-c, d)])                              // e(a, b) = e(c, d)
///
/// The value is the cube of the one the definition gives (draft-irtf-cfrg-pairing-friendly-curves,
/// whose power is (p^12 - 1)/r), as in blst, mcl and arkworks: three times that power is faster. It
/// is a pairing just as well. A literal value `v` of the definition is compared with `v * v * v`, and
/// `power(PairingScalar(3).inverse)` of a value here gives the literal one.
public enum Pairing {
  /// A point of G2 with the lines of its loop: for points that are paired often.
  ///
  /// 204 coefficients of 96 bytes; half of a loop is saved.
  public struct Prepared: Sendable {
    /// Empty for infinity.
    let lines: [QuadraticValue]

    /// Computes the lines.
    public init(_ point: G2Point) {
      lines = point.isZero ? [] : g2.lines(g2.normalized([point.value])[0])
    }
  }

  /// The pairing of two points; one if either is infinity.
  public static func pair(_ p: G1Point, _ q: G2Point) -> GTElement { product([(p, q)]) }

  /// The product of the pairings of pairs, with one final power.
  ///
  /// - Complexity: A loop of 63 squarings for all, 68 sparse products for each pair, and the power.
  public static func product(_ pairs: [(G1Point, G2Point)]) -> GTElement {
    let finite = pairs.filter { !$0.0.isZero && !$0.1.isZero }
    let points = g1.normalized(finite.map(\.0.value))
    let lines = g2.normalized(finite.map(\.1.value)).flatMap(g2.lines)
    return GTElement(TargetKernel.pairing(points, lines))
  }

  /// The product of the pairings of pairs whose second points are prepared.
  public static func product(_ pairs: [(G1Point, Prepared)]) -> GTElement {
    let finite = pairs.filter { !$0.0.isZero && !$0.1.lines.isEmpty }
    return GTElement(
      TargetKernel.pairing(
        g1.normalized(finite.map(\.0.value)), finite.flatMap(\.1.lines)))
  }

  /// Whether the product of the pairings of pairs is one.
  public static func isOne(_ pairs: [(G1Point, G2Point)]) -> Bool { product(pairs).isOne }
}
