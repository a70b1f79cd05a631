import FileFormats
import Randomness
import TestSupport
import Testing

/// A record with everything that `Codable` is used for.
private struct Everything: Codable, Equatable {
  enum Choice: Codable, Equatable {
    case none
    case some(name: String, [Int])
    indirect case nested(Choice)
  }
  var flag = true
  var text = "naïve ☕️\u{0}\n"
  var small: Int8 = .min
  var large: UInt64 = .max
  var least: Int64 = .min
  var missing: Int?
  var present: Int? = -1
  var double = 0.1
  var float: Float = -0.0
  var floats: [Float] = [1, 2.5, -3]
  var doubles: [Double] = []
  var places: [Int] = [.min, 0, .max]
  var bytes: [UInt8] = [0, 255]
  var flags = [true, false]
  var halves: [Float16] = [1.5]
  var nested: [[Int32]] = [[1], [], [2, 3]]
  var optionals: [Int?] = [1, nil, 3]
  var choices: [Choice] = [.none, .some(name: "x", [1, 2]), .nested(.nested(.none))]
  var table: [String: [Double]] = ["a": [1], "": []]
  var numbered: [Int: String] = [-3: "minus three"]
  var members: Set<String> = ["x", "y"]
  var range = 3..<9
}

@Suite("Binary coding")
struct BinaryCodingTests {
  private func roundTrip<Value: Codable>(_ value: Value) throws -> Value {
    try BinaryDecoder().decode(Value.self, from: try BinaryEncoder().encode(value))
  }

  @Test("gives back every kind of value")
  func everything() throws {
    #expect(try roundTrip(Everything()) == Everything())
    #expect(try roundTrip([Everything(), Everything()]) == [Everything(), Everything()])
    #expect(try roundTrip(7) == 7)
    #expect(try roundTrip(Int?.none) == nil)
    #expect(try roundTrip([String]()) == [])
    #expect(try roundTrip(["k": Int?.some(2)]) == ["k": 2])
  }

  @Test("gives back every bit of floating-point numbers, alone and in arrays")
  func bits() throws {
    var floats: [Float] = [
      0, -0.0, 1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude, Float(bitPattern: 0x7FC1_2345), Float(bitPattern: 0xFFFF_FFFF),
      Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0x807F_FFFF),
    ]
    var doubles: [Double] = [
      0, -0.0, 1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude, Double(bitPattern: 0x7FF8_0000_DEAD_BEEF),
      Double(bitPattern: 0xFFFF_FFFF_FFFF_FFFF), Double(bitPattern: 0x7FF0_0000_0000_0001),
    ]
    var generator = testGenerator()
    for _ in 0..<1000 {
      floats.append(Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())))
      doubles.append(Double(bitPattern: generator.next()))
    }
    #expect(try roundTrip(floats).map(\.bitPattern) == floats.map(\.bitPattern))
    #expect(try roundTrip(doubles).map(\.bitPattern) == doubles.map(\.bitPattern))
    for value in floats { #expect(try roundTrip(value).bitPattern == value.bitPattern) }
    for value in doubles { #expect(try roundTrip(value).bitPattern == value.bitPattern) }
  }

  @Test("writes what the format says, byte for byte")
  func layout() throws {
    struct Pair: Codable {
      var x: Float
      var y: [Float]
    }
    let pair = Pair(x: 1, y: [-2])
    let one: [UInt8] = [5, 0, 0, 0x80, 0x3F]
    let two: [UInt8] = [25, 1, 0, 0, 0, 0xC0]
    #expect(
      try BinaryEncoder().encode([pair, pair])
        == [8, 2] + [9, 2, 0, 1, 0x78] + one + [0, 1, 0x79] + two + [9, 2, 1] + one + [2] + two)
    #expect(try BinaryEncoder().encode(-1) == [3, 1])
    #expect(try BinaryEncoder().encode(64) == [3, 0x80, 1])
    #expect(try BinaryEncoder().encode(Int.min) == [3] + Array(repeating: 0xFF, count: 9) + [1])
    #expect(try BinaryEncoder().encode("é") == [7, 2, 0xC3, 0xA9])
    #expect(try BinaryEncoder().encode([true, false]) == [27, 2, 1, 0])
  }

  @Test("costs four bytes an entry for a large vector")
  func compact() throws {
    let floats = [Float](repeating: 1, count: 100_000)
    #expect(try BinaryEncoder().encode(floats).count == 400_004)
    struct Record: Codable { var accuracy, loss: Double }
    let records = (0..<1000).map { Record(accuracy: Double($0), loss: 1) }
    #expect(try BinaryEncoder().encode(records).count < 1000 * 22 + 40)
  }

  @Test("a value read as another type is an error that says where")
  func mismatches() throws {
    struct Wrong: Codable { var floats: [Double] }
    let bytes = try BinaryEncoder().encode(Everything())
    let error = #expect(throws: DecodingError.self) {
      try BinaryDecoder().decode(Wrong.self, from: bytes)
    }
    guard case .typeMismatch(_, let context) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.codingPath.map(\.stringValue) == ["floats"])
    #expect(context.debugDescription == "found an array of float32")
    #expect(throws: DecodingError.self) {
      try BinaryDecoder().decode(Int8.self, from: try BinaryEncoder().encode(128))
    }
    #expect(throws: DecodingError.self) {
      try BinaryDecoder().decode([Int].self, from: try BinaryEncoder().encode([Float]()))
    }
    #expect(throws: DecodingError.self) {
      try BinaryDecoder().decode(Double.self, from: try BinaryEncoder().encode(Float(1)))
    }
  }

  @Test("bytes cut off anywhere, or with something behind them, are refused")
  func truncations() throws {
    let bytes = try BinaryEncoder().encode(Everything())
    for count in bytes.indices {
      #expect(throws: DecodingError.self) {
        try BinaryDecoder().decode(Everything.self, from: Array(bytes[..<count]))
      }
    }
    #expect(throws: DecodingError.self) {
      try BinaryDecoder().decode(Everything.self, from: bytes + [0])
    }
  }

  @Test("lengths and levels that lie are refused before they cost memory or the stack")
  func lies() {
    let huge: [UInt8] = Array(repeating: 0xFF, count: 9) + [1]
    for bytes: [UInt8] in [
      [8] + huge, [9] + huge, [7] + huge, [25] + huge, [25, 0xFF, 0xFF, 0xFF, 0x7F],
      Array(repeating: [8, 1], count: 10_000).flatMap { $0 },
      Array(repeating: [9, 1, 0, 0], count: 10_000).flatMap { $0 },
      [9, 1, 2, 0], [9, 2, 0, 1, 0x78, 0, 1, 0], [200], [15], [28, 0], [], [7, 1, 0xFF],
      [3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2], [27, 1, 2],
    ] {
      #expect(throws: DecodingError.self) {
        try BinaryDecoder().decode([Bool].self, from: bytes)
      }
    }
  }

  @Test("damaged bytes are read or refused, and never crash")
  func fuzz() throws {
    let corpus = [
      try BinaryEncoder().encode(Everything()),
      try BinaryEncoder().encode([Everything(), Everything()]),
      try BinaryEncoder().encode([[Float]](repeating: [1, 2, 3], count: 20)),
    ]
    var mutator = Mutator(corpus, generator: testGenerator())
    var read = 0
    for _ in 0..<(isOptimizedBuild ? 100_000 : 5_000) {
      let bytes = mutator.next()
      if (try? BinaryDecoder().decode(Everything.self, from: bytes)) != nil { read += 1 }
      _ = try? BinaryDecoder().decode([Everything].self, from: bytes)
      _ = try? BinaryDecoder().decode([[Float]].self, from: bytes)
    }
    #expect(read > 0)
  }
}
