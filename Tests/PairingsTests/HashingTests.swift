import Pairings
import TestSupport
import Testing

@Suite("Hashing to the groups (RFC 9380)")
struct HashingTests {
  struct Expansion: Decodable, Sendable {
    let dst: String
    let msg: String
    let len: Int
    let out: String
  }

  struct Hash: Decodable, Sendable {
    let suite: String
    let dst: String
    let msg: String
    let u: [[String]]
    let q: [[String]]
    let p: [String]
  }

  @Test("messages are expanded as in appendix K")
  func expansion() throws {
    let cases = try VectorFile<Expansion>(named: "rfc9380_expand_message_xmd").cases
    #expect(cases.count == 20)
    for test in cases {
      let expanded = try MessageExpansion.bytes(
        of: Array(test.msg.utf8), domain: Array(test.dst.utf8), count: test.len)
      #expect(hexadecimal(expanded) == test.out)
    }
    #expect(throws: PairingError.emptyDomain) {
      try G1Point(hashing: [1, 2, 3], domain: [])
    }
  }

  /// Uncompressed encodings hold the coefficient of u first, the RFC's lists hold it last.
  func encoding(_ coordinates: [String]) -> String {
    coordinates.count == 2
      ? coordinates.joined()
      : coordinates[1] + coordinates[0] + coordinates[3] + coordinates[2]
  }

  @Test("elements, mapped points and hashes are those of appendix J")
  func published() throws {
    let cases = try VectorFile<Hash>(named: "rfc9380_bls12381").cases
    #expect(cases.count == 20)
    for test in cases {
      let (message, domain) = (Array(test.msg.utf8), Array(test.dst.utf8))
      let u = try MessageExpansion.elements(
        of: message, domain: domain, count: test.u.reduce(0) { $0 + $1.count })
      #expect(u.map { hexadecimal($0.bytes) } == test.u.flatMap { $0 })
      let isUniform = test.suite.hasSuffix("RO")
      if test.suite.hasPrefix("G1") {
        let mapped = u.map { G1Point(mapping: $0, clearsCofactor: false) }
        #expect(mapped.map { hexadecimal($0.uncompressed) } == test.q.map(encoding))
        let hash =
          isUniform
          ? try G1Point(hashing: message, domain: domain)
          : try G1Point(encodingMessage: message, domain: domain)
        #expect(hexadecimal(hash.uncompressed) == encoding(test.p))
        #expect(hash.isInSubgroup)
      } else {
        let mapped = stride(from: 0, to: u.count, by: 2).map {
          G2Point(mapping: QuadraticElement(u[$0], u[$0 + 1]), clearsCofactor: false)
        }
        #expect(mapped.map { hexadecimal($0.uncompressed) } == test.q.map(encoding))
        let hash =
          isUniform
          ? try G2Point(hashing: message, domain: domain)
          : try G2Point(encodingMessage: message, domain: domain)
        #expect(hexadecimal(hash.uncompressed) == encoding(test.p))
        #expect(hash.isInSubgroup)
      }
    }
  }

  @Test("zero, the exception of the map, is mapped to a point of the group")
  func exception() throws {
    let zero = try BaseFieldElement(bytes: [UInt8](repeating: 0, count: 48))
    let first = G1Point(mapping: zero, clearsCofactor: true)
    #expect(try G1Point(encoding: first.compressed) == first && !first.isZero)
    let second = G2Point(mapping: QuadraticElement(zero, zero), clearsCofactor: true)
    #expect(try G2Point(encoding: second.compressed) == second && !second.isZero)
  }
}
