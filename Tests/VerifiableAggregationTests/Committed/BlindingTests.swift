import Foundation
import Pairings
import SecureAggregation
import TestSupport
import Testing
import VerifiableAggregation

@Suite("The randomness of commitments under the masks")
struct BlindingTests {
  @Test("sums of pieces never reach the modulus, and one bit more could")
  func room() throws {
    for bits in [2, 7, 8, 20, 23, 32, 33, 43, 63] {
      for clients in [1, 2, 3, 4, 7, 8, 100, 1000, 1 << 14] {
        let ring = try MaskRing(bits: bits)
        guard UInt64(clients) < ring.modulus else {
          #expect(throws: ParameterError.self) { try BlindingLayout(ring: ring, clients: clients) }
          continue
        }
        let layout = try BlindingLayout(ring: ring, clients: clients)
        let largest = UInt128(1) << UInt128(layout.pieceBits) - 1
        #expect(UInt128(clients) * largest < UInt128(ring.modulus), "\(bits), \(clients)")
        #expect(
          UInt128(clients) * (2 * largest + 1) >= UInt128(ring.modulus), "\(bits), \(clients)")
      }
    }
  }

  @Test("as many pieces as what two clients' sum leaves of them makes enough", arguments: 1...6)
  func entropy(bits: Int) throws {
    // The chance to guess a piece from its sum with another, by counting all pairs.
    var best: [Int: Int] = [:]
    for first in 0..<1 << bits {
      for second in 0..<1 << bits { best[first + second] = 1 }
    }
    // For every sum one pair can be guessed right, whichever.
    let chance = Double(best.count) / Double(1 << (2 * bits))
    let ring = try MaskRing(bits: bits + 1)
    let layout = try BlindingLayout(ring: ring, clients: 2)
    #expect(layout.pieceBits == bits)
    let needed = 255.0 + 2 * (64 + 1)
    #expect(Double(layout.count) * -log2(chance) >= needed - 1e-9)
    #expect(Double(layout.count - 1) * -log2(chance) < needed)
  }

  @Test("the worked example: 100 clients, sums modulo 2^23: 27 pieces of 16 bits in 78 bytes")
  func example() throws {
    let ring = try MaskRing(bits: 23)
    let layout = try BlindingLayout(ring: ring, clients: 100)
    #expect(layout.pieceBits == 16 && layout.count == 27)
    #expect(ring.packedCount(layout.count) == 78)
  }

  @Test("the largest vectors and the largest pieces of all clients add up exactly")
  func extremes() throws {
    // 8 (2^k - 1) is just below the modulus.
    for bits in [20, 40] {
      for byte in [0, 0xFF] as [UInt8] {
        var generator = testGenerator(UInt64(bits), UInt64(byte))
        var example = try CommittedCase(
          clients: 8, length: 3, bits: bits, source: ConstantSource(byte: byte), using: &generator)
        let piece = UInt64(byte == 0 ? 0 : 1 << example.session.blinding.pieceBits - 1)
        try example.commit()
        let sum = try example.sum(0..<8)
        for index in 3..<sum.count {
          #expect(example.clients[0].maskedInput[index] == piece)
          #expect(sum[index] == 8 * piece)
        }
        let verdict = example.verdict(of: 5, on: try example.announcement(Array(0..<8)))
        #expect(try verdict.get().vector == example.plain(0..<8))
      }
    }
  }

  @Test("a commitment is the sum of the products of the named generators, one by one")
  func definition() throws {
    var generator = testGenerator()
    var example = try CommittedCase(clients: 3, length: 4, using: &generator)
    try example.commit()
    let signed = try example.signed()
    let suffix = "-with-BLS12381G1_XMD:SHA-256_SSWU_"
    for client in example.clients {
      var expected = G1Point.zero
      for index in 0..<client.maskedInput.count {
        let isPiece = index >= 4
        let number = UInt8(isPiece ? index - 4 : index)
        let domain = Array("RAMPART-COMMITTED-V01\(suffix)\(isPiece ? "RO" : "NU")_".utf8)
        let point =
          isPiece
          ? try G1Point(hashing: [number, 0, 0, 0], domain: domain)
          : try G1Point(encodingMessage: [number, 0, 0, 0], domain: domain)
        expected += point * PairingScalar(client.maskedInput[index])
      }
      #expect(signed[client.id].encoding == expected.compressed)
    }
  }

  @Test("two commitments to the same vector have nothing in common")
  func fresh() throws {
    var generator = testGenerator()
    let example = try CommittedCase(clients: 2, using: &generator)
    let again = try CommittingClient(
      id: 0, in: example.session, vector: example.vectors[0],
      identity: example.identities.clients[0], registry: example.registry,
      generators: example.generators)
    #expect(again.digestMessage != example.clients[0].digestMessage)
    let pieces = example.session.length..<example.session.masking.dimension
    let same = pieces.count {
      again.maskedInput[$0] == example.clients[0].maskedInput[$0]
    }
    // More than three of about 30 pieces of 21 bits: below 2^-60.
    #expect(same <= 3)
  }
}
