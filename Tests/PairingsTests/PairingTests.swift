import BigIntegers
import Pairings
import TestSupport
import Testing

@Suite("The pairing")
struct PairingTests {
  struct Case: Decodable, Sendable {
    let id: String
    let a: String?
    let b: String?
    let pairs: [[String]]?
    let e: [String]
    let cube: [String]
  }

  @Test("values are the cubes of the literal definition's, alone and in products")
  func published() throws {
    let cases = try VectorFile<Case>(named: "bls12381_pairing").cases
    #expect(cases.count == 13)
    let third = PairingScalar(3).inverse
    for test in cases {
      let scalars = test.pairs ?? [[test.a ?? "", test.b ?? ""]]
      let pairs = try scalars.map {
        try (G1Point.generator * scalar($0[0]), G2Point.generator * scalar($0[1]))
      }
      let value = Pairing.product(pairs)
      #expect(value.bytes == test.cube.flatMap { bytes($0) }, "\(test.id)")
      let literal = try GTElement(bytes: test.e.flatMap { bytes($0) })
      #expect(literal * literal * literal == value, "\(test.id)")
      #expect(value.power(third) == literal, "\(test.id)")
      #expect(Pairing.product(pairs.map { ($0, Pairing.Prepared($1)) }) == value, "\(test.id)")
    }
  }

  @Test("the pairing is linear in both points, and not one")
  func bilinear() throws {
    var generator = testGenerator()
    let base = Pairing.pair(.generator, .generator)
    #expect(!base.isOne)
    for a in numbers(below: order, random: 4, &generator) {
      let b = BigInteger.random(below: order, using: &generator)
      let (p, q) = try (G1Point.generator * scalar(a), G2Point.generator * scalar(b))
      let value = Pairing.pair(p, q)
      #expect(try value == base.power(scalar(a * b)))
      #expect(try value == Pairing.pair(.generator, q).power(scalar(a)))
      #expect(try Pairing.isOne([(p, q), (-G1Point.generator * scalar(a * b), .generator)]))
      #expect(Pairing.pair(-p, q) == value.inverse)
      #expect(Pairing.pair(p, -q) == value.inverse)
    }
    #expect(Pairing.product([(G1Point, G2Point)]()).isOne)
    #expect(Pairing.pair(.zero, .generator).isOne && Pairing.pair(.generator, .zero).isOne)
  }

  @Test("powers in GT follow the laws of powers")
  func powers() throws {
    var generator = testGenerator()
    let base = Pairing.pair(.generator, .generator)
    #expect(base.power(.zero).isOne && base.power(.one) == base)
    #expect(try base.power(scalar(order - BigInteger(1))) == base.inverse)
    #expect((base * base.inverse).isOne && base.squared == base * base)
    for a in numbers(below: order, random: 3, &generator) {
      let b = BigInteger.random(below: order, using: &generator)
      #expect(try base.power(scalar(a)) * base.power(scalar(b)) == base.power(scalar(a + b)))
      #expect(try base.power(scalar(a)).power(scalar(b)) == base.power(scalar(a * b)))
    }
    // Square and multiply, as a judge.
    var (expected, power) = (GTElement.one, base)
    let k = BigInteger.random(below: order, using: &generator)
    for bit in 0..<255 {
      if !((k >> bit) % BigInteger(2)).isZero { expected = expected * power }
      power = power * power
    }
    #expect(try base.power(scalar(k)) == expected)
  }

  @Test("elements of the field that are not in GT are refused")
  func outsideGroup() throws {
    let base = Pairing.pair(.generator, .generator).bytes
    #expect(try GTElement(bytes: base) == Pairing.pair(.generator, .generator))
    var other = base
    other[47] ^= 1
    #expect(throws: PairingError.notInSubgroup) { try GTElement(bytes: other) }
    #expect(throws: PairingError.notInSubgroup) {
      try GTElement(bytes: [UInt8](repeating: 0, count: 576))
    }
    // -1 has order 2.
    let minusOne = bytes(prime - BigInteger(1), count: 48) + [UInt8](repeating: 0, count: 528)
    #expect(throws: PairingError.notInSubgroup) { try GTElement(bytes: minusOne) }
    #expect(throws: PairingError.notCanonical) {
      try GTElement(bytes: bytes(prime, count: 48) + base.dropFirst(48))
    }
    #expect(throws: PairingError.wrongLength(count: 575, expected: [576])) {
      try GTElement(bytes: base.dropLast())
    }
  }
}
