internal import Tensors

/// Many points of G1 between which nobody knows a relation: the generators of commitments to
/// vectors.
///
///     let basis = try G1Basis(domain: Array("MY-USE-V01".utf8), count: 431_080, workers: 2)
///     let commitment = try basis.sum(timesPublic: numbers)      // Σ numbers[j] · basis[j]
///
/// Point j is what RFC 9380 makes of the four bytes of j, least significant first, by
/// encode_to_curve in the suite BLS12381G1_XMD:SHA-256_SSWU_NU_: anybody can compute it again, and
/// a basis is the beginning of every longer one of the same domain.
///
/// One map is enough, where hash_to_curve takes two. Points of one map are not as if random, but
/// who finds a relation between them finds logarithms: of a point P whose logarithm is sought,
/// multiples a P + b G plus a random point outside the group are random points of the curve; the
/// map has between none and a few preimages of each, which can be computed, so that drawing again a
/// few times gives a hash as it ought to be, and the oracle may be answered with it (Brier, Coron,
/// Icart, Madore, Randriam, Tibouchi: Efficient indifferentiable hashing into ordinary elliptic
/// curves, Crypto 2010, where this is called a weak encoding).
///
/// Nor is the part outside the group removed from each point: the sum loses that of all of them at
/// once, h Σ x_j Q_j = Σ x_j (h Q_j), with the same result. Both together leave a third of the
/// work, a root of the field for each point.
public struct G1Basis: Sendable {
  /// The name of the use (the RFC's DST).
  public let domain: [UInt8]
  /// Points of the curve; what they have outside the group is still there.
  private var points: [G1Coordinates]

  /// No point yet.
  ///
  /// - Throws: `PairingError.emptyDomain`.
  public init(domain: [UInt8]) throws(PairingError) {
    guard !domain.isEmpty else { throw .emptyDomain }
    self.domain = domain
    points = []
  }

  /// `count` points.
  ///
  /// - Parameter workers: How many threads; the points are the same for any number.
  /// - Precondition: `count` is below 2^32.
  /// - Throws: `PairingError.emptyDomain`.
  /// - Complexity: About 700 products of the field a point, and 96 bytes of memory.
  public init(domain: [UInt8], count: Int, workers: Int = 1) throws(PairingError) {
    try self.init(domain: domain)
    try extend(to: count, workers: workers)
  }

  /// How many points there are.
  public var count: Int { points.count }

  /// Adds points until there are `count`.
  ///
  /// - Precondition: `count` is below 2^32.
  /// - Throws: Nothing but what ``init(domain:)`` has ruled out.
  public mutating func extend(to count: Int, workers: Int = 1) throws(PairingError) {
    precondition(count <= UInt32.max, "\(count) points do not have numbers of four bytes")
    let first = points.count
    guard count > first else { return }
    let block = 1024
    let blocks = (count - first + block - 1) / block
    let domain = domain
    points += try WorkerPool.map(blocks, workers: workers) {
      (index, _) throws(PairingError) in
      let start = first + index * block
      var mapped: [G1Value] = []
      for number in start..<min(count, start + block) {
        let elements = try MessageExpansion.fieldElements(
          of: Self.message(number), domain: domain, count: 1)
        mapped.append(g1.mapped(elements[0]))
      }
      return g1.normalized(mapped)
    }.joined()
  }

  private static func message(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// One of the points.
  public subscript(index: Int) -> G1Point {
    G1Point(g1.withoutCofactor(g1.point(points[index])))
  }

  /// The sum of the products of the first points and public numbers.
  ///
  /// - Parameters:
  ///   - numbers: One for each of the points from the `first` on, as many as are to be summed.
  ///   - bits: How many bits the numbers have at most; by default those of the largest.
  ///   - workers: How many threads; the result is the same for any number.
  /// - Throws: `PairingError.wrongCount` if there are more numbers than points.
  /// - Complexity: As ``G1Point/sum(of:timesPublic:bits:workers:)``.
  public func sum(
    timesPublic numbers: [UInt64], from first: Int = 0, bits: Int? = nil, workers: Int = 1
  ) throws(PairingError) -> G1Point {
    guard first >= 0, numbers.count <= points.count - first else {
      throw .wrongCount(points: max(0, points.count - max(0, first)), scalars: numbers.count)
    }
    return G1Point(
      g1.withoutCofactor(
        g1.combination(
          points[first..<first + numbers.count], numbers, words: 1,
          bits: neededBits(numbers, bits), workers: workers)))
  }
}
