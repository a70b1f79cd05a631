/// A point of the group G1 of BLS12-381: of y^2 = x^3 + 4 over the field of p elements (381 bits),
/// in the subgroup of prime order r.
///
/// Points are added; the zero of the addition is the point at infinity. What comes from outside is
/// checked: ``init(encoding:)`` takes only the one encoding a point of the group has.
///
///     let point = try G1Point(encoding: bytes)         // 48 bytes, or 96
///     let sum = point + G1Point.generator * scalar
///     let bytes = sum.compressed
///
/// All functions take the same time for all numbers and points, except decoding, hashing, sums of
/// many products and what has "public" in its name.
public struct G1Point: Sendable {
  let value: G1Value

  init(_ value: G1Value) { self.value = value }

  /// The generator of the standard (draft-irtf-cfrg-pairing-friendly-curves, 4.2.1).
  public static let generator = G1Point(g1.generator)
  /// The point at infinity.
  public static let zero = G1Point(g1.infinity)

  /// The point of 48 bytes (compressed) or 96, by the rules of the Zcash protocol specification,
  /// 5.4.9.2: coordinates most significant byte first; the first three bits say
  /// compressed, infinity, and that y is the larger of the two roots.
  ///
  /// - Throws: `PairingError.wrongLength`, `.wrongFlags`, `.notCanonical`, `.notOnCurve` or
  ///   `.notInSubgroup`: the first that applies.
  /// - Complexity: About 1,900 products of the field for a compressed point, a third less
  ///   otherwise.
  public init(encoding bytes: [UInt8]) throws(PairingError) {
    let decoded = try g1.decoded(bytes)
    guard decoded.isInGroup else { throw .notInSubgroup }
    value = decoded.point
  }

  /// A point of the curve that need not be in the group, for tests of the arithmetic.
  package init(onCurve bytes: [UInt8]) throws(PairingError) {
    value = try g1.decoded(bytes).point
  }

  /// Whether the point is in the group; all are but those made for tests.
  package var isInSubgroup: Bool { g1.isInSubgroup(value) }

  /// Whether this is the point at infinity.
  public var isZero: Bool { g1.isInfinity(value) }

  /// The 48 bytes of the encoding; for many points see ``compressed(_:)``.
  public var compressed: [UInt8] { Self.compressed([self])[0] }

  /// The 96 bytes of the uncompressed encoding.
  public var uncompressed: [UInt8] {
    g1.bytes(g1.normalized([value])[0], isCompressed: false)
  }

  /// The encodings of many points, with one inversion for all.
  public static func compressed(_ points: [G1Point]) -> [[UInt8]] {
    g1.normalized(points.map(\.value)).map { g1.bytes($0, isCompressed: true) }
  }

  /// The sum.
  public static func + (a: G1Point, b: G1Point) -> G1Point { G1Point(g1.sum(a.value, b.value)) }

  /// The difference.
  public static func - (a: G1Point, b: G1Point) -> G1Point { a + -b }

  /// The negative.
  public static prefix func - (a: G1Point) -> G1Point { G1Point(g1.negated(a.value)) }

  /// Adds a point.
  public static func += (a: inout G1Point, b: G1Point) { a = a + b }

  /// Twice the point.
  public var doubled: G1Point { G1Point(g1.doubled(value)) }

  /// The product with a number, which stays secret.
  ///
  /// - Complexity: 128 doublings and 94 sums (Gallant, Lambert, Vanstone, Crypto 2001).
  public static func * (a: G1Point, k: PairingScalar) -> G1Point {
    G1Point(g1.product(a.value, k.value, isPublic: false))
  }

  /// The product with a number that everybody may know: a fifth faster, in a time that tells it.
  public func multiplied(byPublic k: PairingScalar) -> G1Point {
    G1Point(g1.product(value, k.value, isPublic: true))
  }

  /// The sum of the products of points and public numbers.
  ///
  /// - Parameter workers: How many threads; the result is the same for any number.
  /// - Throws: `PairingError.wrongCount`.
  /// - Complexity: O(count / log count) sums for each bit; see
  ///   ``sum(of:timesPublic:bits:workers:)``.
  public static func sum(
    of points: [G1Point], timesPublic scalars: [PairingScalar], workers: Int = 1
  ) throws(PairingError) -> G1Point {
    guard points.count == scalars.count else {
      throw .wrongCount(points: points.count, scalars: scalars.count)
    }
    let numbers = scalars.flatMap { ScalarKernel.words($0.value) }
    return G1Point(
      g1.combination(of: points.map(\.value), numbers, words: 4, bits: 255, workers: workers))
  }

  /// The sum of the products of points and public numbers of a word.
  ///
  /// Pippenger's algorithm: for each of the bits / w digits of w bits, points are put into 2^(w-1)
  /// buckets by digit, so that short numbers cost in proportion.
  ///
  /// - Parameters:
  ///   - bits: How many bits the numbers have at most; by default those of the largest.
  ///   - workers: How many threads; the result is the same for any number.
  /// - Throws: `PairingError.wrongCount`.
  /// - Complexity: O(bits / w (count + 2^w)) sums, with w chosen for the fewest.
  public static func sum(
    of points: [G1Point], timesPublic numbers: [UInt64], bits: Int? = nil, workers: Int = 1
  ) throws(PairingError) -> G1Point {
    guard points.count == numbers.count else {
      throw .wrongCount(points: points.count, scalars: numbers.count)
    }
    return G1Point(
      g1.combination(
        of: points.map(\.value), numbers, words: 1, bits: neededBits(numbers, bits),
        workers: workers))
  }

  /// The point a message is hashed to, as if it were random (RFC 9380, hash_to_curve, suite
  /// BLS12381G1_XMD:SHA-256_SSWU_RO_). Nobody knows its logarithm.
  ///
  /// - Parameters:
  ///   - message: Public: the time tells of it.
  ///   - domain: The name of the use (the RFC's DST), at least 16 bytes if possible.
  /// - Throws: `PairingError.emptyDomain`.
  public init(hashing message: [UInt8], domain: [UInt8]) throws(PairingError) {
    let points = try Self.fieldElements(message, domain, count: 2).map(g1.mapped)
    value = g1.withoutCofactor(g1.sum(points[0], points[1]))
  }

  /// The point of a message by one map instead of two: faster, but not as if random, since some
  /// points are never hit (RFC 9380, encode_to_curve, suite BLS12381G1_XMD:SHA-256_SSWU_NU_).
  public init(encodingMessage message: [UInt8], domain: [UInt8]) throws(PairingError) {
    let elements = try Self.fieldElements(message, domain, count: 1)
    value = g1.withoutCofactor(g1.mapped(elements[0]))
  }

  private static func fieldElements(
    _ message: [UInt8], _ domain: [UInt8], count: Int
  ) throws(PairingError) -> [FieldValue] {
    let elements = try MessageExpansion.fieldElements(
      of: message, domain: domain, count: count)
    return elements
  }
}

extension G1Point: Equatable {
  /// Whether both are the same point.
  public static func == (a: G1Point, b: G1Point) -> Bool { g1.isEqual(a.value, b.value) }
}
