import BigIntegers
import Pairings
import Randomness
import TestSupport
import Testing

@Suite("Against slow arithmetic on GMP's integers")
struct ReferenceTests {
  func element(_ number: BigInteger) throws -> BaseFieldElement {
    try BaseFieldElement(bytes: bytes(number, count: 48))
  }

  func number(_ element: BaseFieldElement) -> BigInteger { BigInteger(bytes: element.bytes) }

  func slow(_ element: QuadraticElement) -> SlowElement {
    SlowElement(number(element.c0), number(element.c1))
  }

  @Test("the prime and the order are prime, of 381 and 255 bits")
  func parameters() {
    #expect(prime.magnitudeBitWidth == 381 && order.magnitudeBitWidth == 255)
    #expect(SecretInteger(prime, wordCount: 6).isPrime)
    #expect(SecretInteger(order, wordCount: 4).isPrime)
  }

  @Test("the base field: sums, differences, products, inverses, roots")
  func baseField() throws {
    var generator = testGenerator()
    let all = numbers(below: prime, random: 30, &generator)
    let half = (prime - BigInteger(1)) / BigInteger(2)
    for a in all {
      let fast = try element(a)
      #expect(number(fast) == a)
      #expect(number(fast.inverse) == a.power(prime - BigInteger(2), modulo: prime))
      let isSquare = a.power(half, modulo: prime) <= BigInteger(1)
      let root = fast.squareRoot
      #expect((root != nil) == isSquare)
      if let root { #expect(number(root * root) == a) }
      for b in all {
        let other = try element(b)
        #expect(number(fast + other) == modulo(a + b, prime))
        #expect(number(fast - other) == modulo(a - b, prime))
        #expect(number(fast * other) == modulo(a * b, prime))
      }
    }
    for number in [prime, prime + BigInteger(1), (BigInteger(1) << 384) - BigInteger(1)] {
      #expect(throws: PairingError.notCanonical) {
        try BaseFieldElement(bytes: bytes(number, count: 48))
      }
    }
  }

  @Test("the quadratic extension: products, squares, inverses, roots")
  func quadratic() throws {
    var generator = testGenerator()
    let all = numbers(below: prime, random: 6, &generator)
    let elements = try all.flatMap { a in
      try (all.prefix(6) + all.suffix(6)).map { try QuadraticElement(element(a), element($0)) }
    }
    let half = (prime - BigInteger(1)) / BigInteger(2)
    for (index, a) in elements.enumerated() {
      let b = elements[(7 * index + 3) % elements.count]
      #expect(slow(a * b) == slow(a) * slow(b))
      #expect(slow(a.squared) == slow(a) * slow(a))
      #expect(slow(a.inverse) == slow(a).inverse)
      // An element is a square if its norm is one.
      let norm = modulo(number(a.c0) * number(a.c0) + number(a.c1) * number(a.c1), prime)
      let root = a.squareRoot
      #expect((root != nil) == (norm.power(half, modulo: prime) <= BigInteger(1)))
      if let root { #expect(slow(root) * slow(root) == slow(a)) }
      let squareRoot = a.squared.squareRoot
      #expect(squareRoot.map { slow($0.squared) } == slow(a.squared))
    }
  }

  @Test("64 bytes are reduced modulo the prime and modulo the order")
  func reduction() throws {
    var generator = testGenerator()
    for number in numbers(below: BigInteger(1) << 512, random: 50, &generator) {
      let input = bytes(number, count: 64)
      #expect(try BigInteger(bytes: BaseFieldElement(reducing: input).bytes) == number % prime)
      #expect(try BigInteger(bytes: PairingScalar(reducing: input).bytes) == number % order)
    }
  }

  @Test("scalars")
  func scalars() throws {
    var generator = testGenerator()
    let all = numbers(below: order, random: 20, &generator)
    for a in all {
      let fast = try scalar(a)
      #expect(BigInteger(bytes: fast.bytes) == a)
      #expect(
        BigInteger(bytes: fast.inverse.bytes) == a.power(order - BigInteger(2), modulo: order))
      #expect(BigInteger(bytes: (-fast).bytes) == modulo(-a, order))
      for b in all {
        let other = try scalar(b)
        #expect(BigInteger(bytes: (fast + other).bytes) == modulo(a + b, order))
        #expect(BigInteger(bytes: (fast - other).bytes) == modulo(a - b, order))
        #expect(BigInteger(bytes: (fast * other).bytes) == modulo(a * b, order))
        #expect((fast == other) == (a == b))
      }
    }
    #expect(throws: PairingError.notCanonical) { try PairingScalar(bytes: bytes(order, count: 32)) }
    #expect(throws: PairingError.wrongLength(count: 31, expected: [32])) {
      try PairingScalar(bytes: [UInt8](repeating: 1, count: 31))
    }
    #expect("\(try scalar(all[0]))" == "a number modulo r")
  }

  func slow(_ point: some GroupPoint) -> SlowPoint { SlowPoint(encoding: point.uncompressed) }

  /// Points of the group, points of the curve outside it, and infinity.
  func checkGroup<Point: GroupPoint>(_: Point.Type, outside: [Point], _ random: Generator) throws {
    var random = random
    let inside = try numbers(below: order, random: 1, &random).prefix(9).map {
      try Point.generator * scalar($0)
    }
    let points = inside + [.zero] + outside
    for a in points {
      #expect(slow(a.doubled) == slow(a) + slow(a))
      #expect(slow(-a) == -slow(a))
      #expect((a - a).isZero && a + .zero == a && .zero + a == a)
      for b in points {
        #expect(slow(a + b) == slow(a) + slow(b))
        #expect(slow(a - b) == slow(a) + -slow(b))
        #expect((a == b) == (slow(a) == slow(b)))
      }
    }
    #expect(inside.allSatisfy(\.isInSubgroup) && Point.zero.isInSubgroup)
    for point in outside {
      #expect(!point.isInSubgroup && (slow(point) * order).coordinates != nil)
    }
  }

  @Test("the groups: sums, doubles, opposites, infinity, and who belongs to them")
  func groups() throws {
    let random = testGenerator()
    let elements = try [5, 6].map { try element(BigInteger($0)) }
    let first = elements.map { G1Point(mapping: $0, clearsCofactor: false) }
    try checkGroup(G1Point.self, outside: first, random)
    let second = G2Point(mapping: QuadraticElement(elements[0], elements[1]), clearsCofactor: false)
    try checkGroup(G2Point.self, outside: [second], random)
  }

  func checkProducts<Point: GroupPoint>(_: Point.Type, _ random: Generator) throws {
    var random = random
    let base = try Point.generator * scalar(BigInteger.random(below: order, using: &random))
    let (x2, x3) = (x * x, -x * x * x)
    let edges = [
      -x, x2, x3, x2 - BigInteger(1), order - x2, -x - BigInteger(1), x3 - BigInteger(1),
    ]
    for k in numbers(below: order, random: 2, &random) + edges {
      let expected = slow(base) * k
      #expect(try slow(base * scalar(k)) == expected)
      #expect(try slow(base.multiplied(byPublic: scalar(k))) == expected)
    }
    for k in [BigInteger(0), BigInteger(7), order - BigInteger(1)] {
      #expect(try (Point.zero * scalar(k)).isZero)
      #expect(try Point.zero.multiplied(byPublic: scalar(k)).isZero)
    }
  }

  @Test("products with scalars: 0, 1, r - 1, borders of their parts, and random ones")
  func products() throws {
    try checkProducts(G1Point.self, testGenerator(1))
    try checkProducts(G2Point.self, testGenerator(2))
  }
}
