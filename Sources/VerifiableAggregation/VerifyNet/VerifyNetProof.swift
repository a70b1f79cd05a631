internal import CryptoCore
package import Pairings
internal import Tensors

/// The proofs (A, B, L, Q) of a vector's coordinates, or their products over users:
///
///     A = g^HF(x)   B = h^HF(x)   L = (g^k / A)^(1/d)   Q = (h^k / B)^(1/d)   Ω = 1
///
/// Ω is the coefficient of degree two of the authenticator; for sums it is one and is not sent, so
/// that no other can be claimed. 288 bytes a coordinate. Groups are written as sums.
package struct VerifyNetProof: Sendable {
  /// One for each proof, in the order of coordinates.
  package var a: [G1Point]
  /// The same exponents in G2.
  package var b: [G2Point]
  /// What masks and hash leave, divided by d.
  package var l: [G1Point]
  /// The same exponents in G2.
  package var q: [G2Point]

  /// Bytes of one proof.
  package static let byteCount = 2 * 48 + 2 * 96

  /// Proofs of these points.
  package init(a: [G1Point], b: [G2Point], l: [G1Point], q: [G2Point]) {
    self.a = a
    self.b = b
    self.l = l
    self.q = q
  }

  /// How many proofs there are.
  package var count: Int { a.count }

  private static let g = G1PointMultiples(of: .generator)
  private static let h = G2PointMultiples(of: .generator)

  /// The proofs of hashes HF and masks k.
  ///
  /// - Complexity: Two fixed-base products in each group for a proof.
  init(hashes: [PairingScalar], masks: [PairingScalar], inverseD: PairingScalar, workers: Int) {
    let rests = zip(masks, hashes).map { ($0 - $1) * inverseD }
    let parts = WorkerPool.map(hashes.count, workers: workers) { index, _ in
      (
        Self.g * hashes[index], Self.h * hashes[index], Self.g * rests[index],
        Self.h * rests[index]
      )
    }
    self.init(a: parts.map(\.0), b: parts.map(\.1), l: parts.map(\.2), q: parts.map(\.3))
  }

  /// Multiplies by another user's proofs, proof by proof.
  mutating func add(_ other: VerifyNetProof) {
    for index in 0..<count {
      a[index] += other.a[index]
      b[index] += other.b[index]
      l[index] += other.l[index]
      q[index] += other.q[index]
    }
  }

  /// The encodings, proof after proof.
  package func encoded() -> [UInt8] {
    let (a, l) = (G1Point.compressed(a), G1Point.compressed(l))
    let (b, q) = (G2Point.compressed(b), G2Point.compressed(q))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * Self.byteCount)
    for index in 0..<count {
      for part in [a[index], b[index], l[index], q[index]] { bytes += part }
    }
    return bytes
  }

  /// Reads proofs: every point must be in its group, in its one encoding, and not infinity.
  /// Many points are tested at once for being in their group, with coins of the operating system's.
  ///
  /// - Complexity: Four decodings a proof, which are most of what checking costs.
  package init(
    decoding bytes: ArraySlice<UInt8>, count: Int, workers: Int = 1
  ) throws(ProofFault) {
    let size = Self.byteCount
    var source = SystemRandomness()
    guard bytes.count >= count * size else {
      throw .truncated(missing: count * size - bytes.count)
    }
    guard bytes.count == count * size else { throw .overlong(extra: bytes.count - count * size) }
    func encodings(_ place: Int, _ length: Int) -> [[UInt8]] {
      (0..<count).map {
        let start = bytes.startIndex + $0 * size + place
        return Array(bytes[start..<start + length])
      }
    }
    func one(_ name: String, _ place: Int) throws(ProofFault) -> [G1Point] {
      try Self.reading(name, \.isZero) { () throws(BadEncoding) in
        try G1Point.decode(encodings(place, 48), using: &source, workers: workers)
      }
    }
    func two(_ name: String, _ place: Int) throws(ProofFault) -> [G2Point] {
      try Self.reading(name, \.isZero) { () throws(BadEncoding) in
        try G2Point.decode(encodings(place, 96), using: &source, workers: workers)
      }
    }
    self.init(
      a: try one("A", 0), b: try two("B", 48), l: try one("L", 144), q: try two("Q", 192))
  }

  /// Points of one part, none of them infinity.
  private static func reading<Point>(
    _ name: String, _ isZero: (Point) -> Bool, _ decode: () throws(BadEncoding) -> [Point]
  ) throws(ProofFault) -> [Point] {
    let points: [Point]
    do throws(BadEncoding) {
      points = try decode()
    } catch {
      throw .badPoint(name, coordinate: error.index, error.reason)
    }
    if let index = points.firstIndex(where: isZero) {
      throw .badPoint(name, coordinate: index, .infinity)
    }
    return points
  }
}
