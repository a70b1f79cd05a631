import BigIntegers
import CryptoCore
import Pairings
import Randomness
import TestSupport
import Testing

@Suite("Sums of many products")
struct CombinationTests {
  struct Case: Decodable, Sendable {
    let g: Int
    let n: Int
    let bits: Int
    let base: String
    let s: [String]
    let r: String
    let tag: String?
  }

  func check<Point: GroupPoint>(_ type: Point.Type, _ test: Case) throws {
    let points = try (0..<test.n).map { $0 + 1 }.map { index in
      let k =
        test.base == "i"
        ? PairingScalar(UInt64(index))
        : try PairingScalar(reducing: SHA256.hash("base/\(test.tag ?? "")/\(index)").bytes)
      return Point.generator.multiplied(byPublic: k)
    }
    let scalars = try test.s.map { try scalar(String(repeating: "0", count: 64 - $0.count) + $0) }
    #expect(hexadecimal(try Point.sum(of: points, timesPublic: scalars).compressed) == test.r)
    guard test.bits <= 64 else { return }
    let numbers = test.s.map { UInt64($0, radix: 16) ?? 0 }
    for bits in [nil, test.bits, 64] {
      let sum = try Point.sum(of: points, timesPublic: numbers, bits: bits)
      #expect(hexadecimal(sum.compressed) == test.r, "\(test.n) of \(test.bits) bits")
    }
  }

  @Test("sums are those two other programs computed")
  func published() throws {
    let cases = try VectorFile<Case>(named: "bls12381_msm").cases
    #expect(cases.count == 26)
    for test in cases {
      if test.g == 1 { try check(G1Point.self, test) } else { try check(G2Point.self, test) }
    }
  }

  /// Points i G, so that the sum is known; some equal, some opposite, some infinity, so that buckets
  /// meet every case of an addition.
  func checkMany<Point: GroupPoint>(_: Point.Type, count: Int, bits: Int, _ random: Generator)
    throws
  {
    var (random, points, logarithms) = (random, [Point](), [BigInteger]())
    var next = Point.generator
    for index in 0..<count {
      switch index % 7 {
      case 3 where index > 3:
        points.append(points[index - 1])
        logarithms.append(logarithms[index - 1])
      case 4 where index > 4:
        points.append(-points[index - 1])
        logarithms.append(-logarithms[index - 1])
      case 5:
        points.append(.zero)
        logarithms.append(.zero)
      default:
        points.append(next)
        logarithms.append(BigInteger(index + 1))
      }
      next = next + .generator
    }
    // Few values, so that equal and opposite points share buckets.
    let numbers = (0..<count).map { index in
      let number = index % 3 == 0 ? UInt64(index % 4) : random.next()
      return bits == 64 ? number : number & ((1 << UInt64(bits)) - 1)
    }
    let sum = try Point.sum(of: points, timesPublic: numbers, bits: bits)
    let expected = zip(logarithms, numbers).reduce(BigInteger.zero) { $0 + $1.0 * BigInteger($1.1) }
    #expect(try sum == Point.generator * scalar(expected), "\(count) of \(bits) bits")
    let wide = try Point.sum(of: points, timesPublic: numbers.map { PairingScalar($0) })
    #expect(wide == sum, "\(count) of \(bits) bits")
  }

  @Test(
    "sums of many points, of equal, opposite and infinite ones too, are known multiples",
    arguments: [(1, 1), (7, 2), (200, 1), (600, 8), (1500, 33), (1500, 64)])
  func many(count: Int, bits: Int) throws {
    let random = testGenerator(UInt64(count), UInt64(bits))
    try checkMany(G1Point.self, count: count, bits: bits, random)
    try checkMany(G2Point.self, count: count, bits: bits, random)
  }

  @Test("scalars of full width, the largest among them")
  func wide() throws {
    var random = testGenerator()
    var sum = BigInteger.zero
    let scalars = numbers(below: order, random: 200, &random)
    let points = (0..<scalars.count).map {
      G1Point.generator.multiplied(byPublic: PairingScalar(UInt64($0 + 1)))
    }
    for (index, k) in scalars.enumerated() { sum = sum + k * BigInteger(index + 1) }
    #expect(
      try G1Point.sum(of: points, timesPublic: scalars.map { try scalar($0) })
        == G1Point.generator * scalar(sum))
  }

  @Test("counts that differ are refused, and no product at all sums to infinity")
  func counts() throws {
    #expect(throws: PairingError.wrongCount(points: 1, scalars: 0)) {
      try G1Point.sum(of: [.generator], timesPublic: [PairingScalar]())
    }
    #expect(throws: PairingError.wrongCount(points: 0, scalars: 2)) {
      try G2Point.sum(of: [], timesPublic: [1, 2] as [UInt64])
    }
    #expect(try G1Point.sum(of: [], timesPublic: [PairingScalar]()).isZero)
    #expect(try G1Point.sum(of: [], timesPublic: [UInt64]()).isZero)
  }
}
