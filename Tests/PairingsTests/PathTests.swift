import BigIntegers
import Pairings
import TestSupport
import Testing

@Suite("The two paths of the kernels", .serialized)
struct PathTests {
  /// Everything the kernels do, as bytes.
  func transcript() throws -> [[UInt8]] {
    var generator = testGenerator(name: "paths")
    var result: [[UInt8]] = []
    let field = numbers(below: prime, random: 40, &generator)
    for (index, a) in field.enumerated() {
      let other = field[(index * 5 + 1) % field.count]
      let a = try BaseFieldElement(bytes: bytes(a, count: 48))
      let b = try BaseFieldElement(bytes: bytes(other, count: 48))
      result += [a + b, a - b, a * b, a.inverse, a.squareRoot ?? b].map(\.bytes)
      let (s, t) = (QuadraticElement(a, b), QuadraticElement(b, b))
      for element in [s * t, s.squared, s.inverse, s.squareRoot ?? t] {
        result += [element.c0.bytes, element.c1.bytes]
      }
    }
    let domain = Array("the domain of a test".utf8)
    let p = try G1Point(hashing: [1, 2, 3], domain: domain)
    let q = try G2Point(hashing: [1, 2, 3], domain: domain)
    let scalars = try numbers(below: order, random: 2, &generator).map { try scalar($0) }
    for k in scalars {
      result += [(p * k).compressed, p.multiplied(byPublic: k).compressed]
      result += [(q * k).uncompressed, q.multiplied(byPublic: k).compressed]
    }
    result.append((G1PointMultiples(of: p) * scalars[9]).compressed)
    result.append((G2PointMultiples(of: q) * scalars[9]).compressed)
    let points = scalars.map { p * $0 }
    result.append(try G1Point.sum(of: points, timesPublic: scalars).compressed)
    let value = Pairing.pair(p, q)
    result += [value.bytes, value.power(scalars[7]).bytes, value.squared.bytes]
    return result
  }

  @Test("give the same bits", .enabled(if: KernelPath.isAccelerated, "needs MULX, ADCX and ADOX"))
  func equal() throws {
    let accelerated = try transcript()
    KernelPath.allowAcceleration(false)
    defer { KernelPath.allowAcceleration(true) }
    #expect(!KernelPath.isAccelerated)
    #expect(try transcript() == accelerated)
  }

  @Test("the yardstick multiplies as often as it says")
  func yardstick() throws {
    var generator = testGenerator(name: "yardstick")
    let field = numbers(below: prime, random: 2, &generator)
    let (a, b) = (field[field.count - 2], field[field.count - 1])
    for count in [0, 1, 2, 1000] {
      let expected = (0..<count).reduce(a) { product, _ in product * b % prime }
      #expect(
        try KernelPath.products(of: bytes(a, count: 48), by: bytes(b, count: 48), count: count)
          == bytes(expected, count: 48))
    }
    #expect(throws: PairingError.notCanonical) {
      try KernelPath.products(of: bytes(prime, count: 48), by: bytes(b, count: 48), count: 1)
    }
  }
}
