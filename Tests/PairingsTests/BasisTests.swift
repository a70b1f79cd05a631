import BigIntegers
import CryptoCore
import Pairings
import Randomness
import TestSupport
import Testing

@Suite("Generators of commitments")
struct BasisTests {
  let domain = Array("QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_NU_".utf8)

  @Test("every point is the RFC's hash of its number, in the group, and no two are the same")
  func published() throws {
    let basis = try G1Basis(domain: domain, count: 40)
    var seen: Set<[UInt8]> = []
    for number in [0, 1, 2, 39] {
      let message = [UInt8(number), 0, 0, 0]
      let expected = try G1Point(encodingMessage: message, domain: domain)
      #expect(basis[number] == expected && expected.isInSubgroup)
    }
    for number in 0..<40 { seen.insert(basis[number].compressed) }
    #expect(seen.count == 40)
    // Beyond a byte.
    let long = try G1Basis(domain: domain, count: 1300)
    #expect(try long[1299] == G1Point(encodingMessage: [0x13, 5, 0, 0], domain: domain))
  }

  @Test("a basis is the beginning of longer ones, for any number of threads")
  func prefix() throws {
    var grown = try G1Basis(domain: domain, count: 3)
    try grown.extend(to: 1100, workers: 2)
    try grown.extend(to: 7)
    let whole = try G1Basis(domain: domain, count: 1100, workers: 3)
    #expect(grown.count == 1100)
    for number in [0, 2, 3, 1026, 1027, 1099] { #expect(grown[number] == whole[number]) }
    #expect(throws: PairingError.emptyDomain) { try G1Basis(domain: [], count: 3) }
    #expect(try G1Basis(domain: domain, count: 0).sum(timesPublic: []).isZero)
  }

  @Test("sums are those of the single products, from any point on", arguments: [1, 8, 32, 33, 64])
  func sums(bits: Int) throws {
    let basis = try G1Basis(domain: domain, count: 60)
    var random = testGenerator(UInt64(bits))
    for first in [0, 17] {
      let numbers = (first..<60).map { _ in random.next() >> UInt64(64 - bits) }
      let expected = numbers.enumerated().reduce(G1Point.zero) {
        $0 + basis[first + $1.offset] * PairingScalar($1.element)
      }
      #expect(try basis.sum(timesPublic: numbers, from: first, bits: bits) == expected)
      #expect(try basis.sum(timesPublic: numbers, from: first) == expected)
    }
    #expect(throws: PairingError.wrongCount(points: 10, scalars: 11)) {
      try basis.sum(timesPublic: [UInt64](repeating: 1, count: 11), from: 50)
    }
  }

  @Test("sums of many products are the same bit for bit for any number of threads")
  func threads() throws {
    // Long enough for several pieces: 1, 2, ... times the generator, so that the sum is known.
    let count = isOptimizedBuild ? 70_000 : 33_000
    var points: [G1Point] = []
    var next = G1Point.generator
    for _ in 0..<count {
      points.append(next)
      next += .generator
    }
    var random = testGenerator(5)
    for bits in isOptimizedBuild ? [8, 32, 64] : [16] {
      let numbers = (0..<count).map { _ in random.next() >> UInt64(64 - bits) }
      let expected = numbers.enumerated().reduce(BigInteger.zero) {
        $0 + BigInteger($1.element) * BigInteger($1.offset + 1)
      }
      let known = try (G1Point.generator * scalar(expected)).uncompressed
      for workers in [1, 2, 5] {
        let sum = try G1Point.sum(of: points, timesPublic: numbers, workers: workers)
        #expect(sum.uncompressed == known, "\(bits) bits, \(workers) threads")
      }
    }
    guard isOptimizedBuild else { return }
    let wide = try (0..<count).map {
      try PairingScalar(reducing: SHA256.hash("wide \($0)").bytes)
    }
    let one = try G1Point.sum(of: points, timesPublic: wide)
    #expect(try G1Point.sum(of: points, timesPublic: wide, workers: 3) == one)
    let again = try G1Point.sum(of: Array(points[..<9000]), timesPublic: Array(wide[..<9000]))
    let rest = try G1Point.sum(of: Array(points[9000...]), timesPublic: Array(wide[9000...]))
    #expect(again + rest == one)
  }
}

@Suite("Secret scalars")
struct SecretScalarTests {
  @Test("compute as plain ones do, and show nothing")
  func arithmetic() throws {
    var random = testGenerator(11)
    for _ in 0..<20 {
      let numbers = (0..<2).map { _ in BigInteger.random(below: order, using: &random) }
      let plain = try numbers.map { try scalar($0) }
      let secret = plain.map { SecretScalar(copying: $0) }
      #expect((secret[0] + secret[1]).revealed() == plain[0] + plain[1])
      #expect((secret[0] - secret[1]).revealed() == plain[0] - plain[1])
      #expect((secret[0] * secret[1]).revealed() == plain[0] * plain[1])
    }
    let k = try scalar(BigInteger.random(below: order, using: &random))
    let key = SecretScalar(copying: k)
    #expect(G1Point.generator * key == G1Point.generator * k)
    #expect(G1PointMultiples(of: .generator) * key == G1Point.generator * k)
    #expect(G2Point.generator * key == G2Point.generator * k)
    #expect(G2PointMultiples(of: .generator) * key == G2Point.generator * k)
    #expect("\(key)" == "a secret number modulo r" && Mirror(reflecting: key).children.isEmpty)
    var text = ""
    dump(key, to: &text)
    #expect(!text.contains("words"))
  }

  @Test("are drawn as the residue of 64 bytes")
  func drawing() throws {
    let draw = (0..<64).map { UInt8($0) }
    #expect(
      try SecretScalar(reducing: SecretBytes(copying: draw)).revealed()
        == PairingScalar(reducing: draw))
    #expect(throws: PairingError.wrongLength(count: 63, expected: [64])) {
      try SecretScalar(reducing: SecretBytes(copying: Array(draw[1...])))
    }
    var source = SystemRandomness()
    let keys = try (0..<8).map { _ in try SecretScalar(random: &source).revealed().bytes }
    #expect(Set(keys).count == 8)
  }
}
