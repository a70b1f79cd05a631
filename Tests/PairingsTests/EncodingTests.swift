import Pairings
import TestSupport
import Testing

@Suite("Encodings of points")
struct EncodingTests {
  struct Valid: Decodable, Sendable {
    let g: Int
    let k: String
    let c: String
    let u: String
  }

  struct Attempt: Decodable, Sendable {
    let g: Int
    let `in`: String
    let why: String
    let what: String
  }

  static let valid = Result { try VectorFile<Valid>(named: "bls12381_encodings").cases }
  static let attempts = Result {
    try VectorFile<Attempt>(named: "bls12381_invalid_encodings").cases
  }

  func check<Point: GroupPoint>(_ type: Point.Type, _ test: Valid) throws {
    let k = try scalar(test.k)
    let point = Point.generator * k
    #expect(hexadecimal(point.compressed) == test.c)
    #expect(hexadecimal(point.uncompressed) == test.u)
    #expect(Point.generator.multiplied(byPublic: k) == point)
    #expect(try Point(encoding: bytes(test.c)) == point)
    #expect(try Point(encoding: bytes(test.u)) == point)
    #expect(point.isZero == test.k.allSatisfy { $0 == "0" })
  }

  @Test("multiples of the generators are written and read as the Zcash specification says")
  func published() throws {
    let cases = try Self.valid.get()
    #expect(cases.count == 18)
    for test in cases {
      if test.g == 1 { try check(G1Point.self, test) } else { try check(G2Point.self, test) }
    }
  }

  @Test("products by tables of multiples are the same")
  func multiples() throws {
    let (first, second) = (G1PointMultiples(of: .generator), G2PointMultiples(of: .generator))
    for test in try Self.valid.get() {
      let k = try scalar(test.k)
      if test.g == 1 {
        #expect(hexadecimal((first * k).compressed) == test.c)
      } else {
        #expect(hexadecimal((second * k).compressed) == test.c)
      }
    }
    #expect((G1PointMultiples(of: .zero) * PairingScalar(5)).isZero)
  }

  @Test("many points are encoded as each alone, infinity among them")
  func batch() throws {
    func check<Point: GroupPoint>(_: Point.Type) {
      let g = Point.generator
      let points = [g, .zero, g + g, -g, .zero, g - g, g.doubled + g]
      #expect(Point.compressed(points) == points.map(\.compressed))
      #expect(Point.compressed([]) == [])
      #expect(Point.compressed([.zero, .zero]) == [Point.zero.compressed, Point.zero.compressed])
    }
    check(G1Point.self)
    check(G2Point.self)
  }

  func outcome<Point: GroupPoint>(_ type: Point.Type, _ bytes: [UInt8]) -> String {
    do {
      _ = try Point(encoding: bytes)
      return "ok"
    } catch {
      return reason(error)
    }
  }

  @Test("what is not the encoding of a point of the group is refused for its reason")
  func refused() throws {
    let cases = try Self.attempts.get()
    #expect(cases.count == 88)
    for test in cases {
      let input = bytes(test.in)
      let found = test.g == 1 ? outcome(G1Point.self, input) : outcome(G2Point.self, input)
      #expect(found == test.why, "G\(test.g): \(test.what)")
    }
  }
}

/// The word of the vectors for an error.
func reason(_ error: PairingError) -> String {
  switch error {
  case .wrongLength: "length"
  case .wrongFlags: "flags"
  case .notCanonical: "field-not-canonical"
  case .notOnCurve: "not-on-curve"
  case .notInSubgroup: "not-in-subgroup"
  default: "\(error)"
  }
}
