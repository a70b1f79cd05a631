import Pairings
import TestSupport
import Testing

/// The operations of EIP-2537, whose byte encoding this parses: elements of 64 bytes, 16 of them zero.
@Suite("EIP-2537")
struct EthereumTests {
  struct Case: Decodable, Sendable {
    let op: String
    let id: String
    let a: String?
    let b: String?
    let p: Value?
    let q: [String]?
    let k: Value?
    let u: [String]?
    let r: Value
    let sub: [Bool]?
  }

  struct Refused: Decodable, Sendable {
    let op: String
    let id: String
    let `in`: String
    let why: String
  }

  /// A text, a list of texts, or a number.
  enum Value: Decodable, Sendable {
    case text(String)
    case list([String])
    case number(Int)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let list = try? container.decode([String].self) {
        self = .list(list)
      } else {
        self = .number(try container.decode(Int.self))
      }
    }

    var texts: [String] {
      switch self {
      case .text(let text): [text]
      case .list(let list): list
      case .number: []
      }
    }
  }

  struct Refusal: Error { let why: String }

  /// Coordinates, x then y and of each c0 first, to the order of encodings.
  func encoding<Point: GroupPoint>(_ type: Point.Type, _ coordinates: [[UInt8]]) -> [UInt8] {
    type.coordinateByteCount == 48
      ? coordinates[0] + coordinates[1]
      : coordinates[1] + coordinates[0] + coordinates[3] + coordinates[2]
  }

  /// A point of the vectors: coordinates of 48 bytes, infinity empty.
  func point<Point: GroupPoint>(_ type: Point.Type, _ text: String) throws -> Point {
    if text.isEmpty { return .zero }
    let all = bytes(text)
    return try Point(
      onCurve: encoding(
        type, stride(from: 0, to: all.count, by: 48).map { Array(all[$0..<$0 + 48]) }))
  }

  func checkGroup<Point: GroupPoint>(_ type: Point.Type, _ test: Case) throws {
    let result = try point(type, test.r.texts[0])
    if let a = test.a, let b = test.b {
      let (a, b) = try (point(type, a), point(type, b))
      #expect(a + b == result, "\(test.id)")
      #expect(b + a == result, "\(test.id)")
      #expect((a + b).uncompressed == result.uncompressed, "\(test.id)")
      #expect([a, b, result].map(\.isInSubgroup) == test.sub, "\(test.id)")
      return
    }
    let points = try (test.p?.texts ?? []).map { try point(type, $0) }
    let scalars = try (test.k?.texts ?? []).map { try scalar($0) }
    let sum = try Point.sum(of: points, timesPublic: scalars)
    #expect(sum == result, "\(test.id)")
    let products = zip(points, scalars).map { $0 * $1 }
    #expect(products.reduce(.zero, +) == result, "\(test.id)")
  }

  @Test("sums, products, maps and pairings are those of the published vectors")
  func published() throws {
    let cases = try VectorFile<Case>(named: "eip2537").cases
    #expect(cases.count == 57)
    for test in cases {
      switch test.op {
      case "map1":
        let u = try (test.u ?? []).map { try BaseFieldElement(bytes: bytes($0)) }
        #expect(
          try G1Point(mapping: u[0], clearsCofactor: true)
            == point(G1Point.self, test.r.texts[0]))
      case "map2":
        let u = try (test.u ?? []).map { try BaseFieldElement(bytes: bytes($0)) }
        #expect(
          try G2Point(mapping: QuadraticElement(u[0], u[1]), clearsCofactor: true)
            == point(G2Point.self, test.r.texts[0]))
      case "pairing_check":
        let first = try (test.p?.texts ?? []).map { try point(G1Point.self, $0) }
        let second = try (test.q ?? []).map { try point(G2Point.self, $0) }
        var isOne = false
        if case .number(1) = test.r { isOne = true }
        #expect(Pairing.isOne(Array(zip(first, second))) == isOne, "\(test.id)")
        let prepared = zip(first, second).map { ($0, Pairing.Prepared($1)) }
        #expect(Pairing.product(prepared).isOne == isOne, "\(test.id)")
      default:
        if test.op.hasPrefix("g1") {
          try checkGroup(G1Point.self, test)
        } else {
          try checkGroup(G2Point.self, test)
        }
      }
    }
  }

  func element(_ input: inout ArraySlice<UInt8>) throws -> [UInt8] {
    guard input.count >= 64 else { throw Refusal(why: "length") }
    let element = input.prefix(64)
    input = input.dropFirst(64)
    guard element.prefix(16).allSatisfy({ $0 == 0 }) else { throw Refusal(why: "padding-not-zero") }
    let number = Array(element.suffix(48))
    do {
      _ = try BaseFieldElement(bytes: number)
    } catch {
      throw Refusal(why: reason(error))
    }
    return number
  }

  func read<Point: GroupPoint>(
    _ type: Point.Type, _ input: inout ArraySlice<UInt8>, checksGroup: Bool
  ) throws -> Point {
    var coordinates: [[UInt8]] = []
    for _ in 0..<type.coordinateByteCount / 24 { coordinates.append(try element(&input)) }
    if coordinates.allSatisfy({ $0.allSatisfy { $0 == 0 } }) { return .zero }
    do {
      let encoding = encoding(type, coordinates)
      return checksGroup ? try Point(encoding: encoding) : try Point(onCurve: encoding)
    } catch {
      let group = type.coordinateByteCount == 48 ? "g1-" : "g2-"
      throw Refusal(why: error == .notInSubgroup ? group + reason(error) : reason(error))
    }
  }

  func read<Point: GroupPoint>(_ type: Point.Type, _ op: Substring, _ all: [UInt8]) throws {
    let pointSize = 64 * (type.coordinateByteCount / 24)
    let size = op == "add" ? 2 * pointSize : pointSize + 32
    guard all.count == size || (op == "msm" && !all.isEmpty && all.count % size == 0) else {
      throw Refusal(why: "length")
    }
    var input = all[...]
    while !input.isEmpty {
      _ = try read(type, &input, checksGroup: op != "add")
      if op != "add" { input = input.dropFirst(32) }
    }
  }

  func outcome(_ test: Refused) -> String {
    do {
      let all = bytes(test.in)
      var input = all[...]
      switch test.op {
      case "map1", "map2":
        guard all.count == (test.op == "map1" ? 64 : 128) else { return "length" }
        while !input.isEmpty { _ = try element(&input) }
      case "pairing_check":
        guard !all.isEmpty && all.count % 384 == 0 else { return "length" }
        while !input.isEmpty {
          _ = try read(G1Point.self, &input, checksGroup: true)
          _ = try read(G2Point.self, &input, checksGroup: true)
        }
      default:
        if test.op.hasPrefix("g1") {
          try read(G1Point.self, test.op.dropFirst(2), all)
        } else {
          try read(G2Point.self, test.op.dropFirst(2), all)
        }
      }
      return "ok"
    } catch let refusal {
      return (refusal as? Refusal)?.why ?? "\(refusal)"
    }
  }

  @Test("every published input that must fail is refused for its reason")
  func refused() throws {
    let cases = try VectorFile<Refused>(named: "eip2537_fail").cases
    #expect(cases.count == 43)
    for test in cases { #expect(outcome(test) == test.why, "\(test.op) \(test.id)") }
  }
}
