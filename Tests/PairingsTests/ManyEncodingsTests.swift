import CryptoCore
import Pairings
import TestSupport
import Testing

/// Points of many encodings, tested together for being in their group.
@Suite("Many encodings at once")
struct ManyEncodingsTests {
  static let domain = Array("many encodings".utf8)
  static let count = 500

  /// Points of the curve that are not in the group: sums of one with a point of it.
  static let outside1: [UInt8] = find(48) { try G1Point(onCurve: $0).isInSubgroup }
  static let outside2: [UInt8] = find(96) { try G2Point(onCurve: $0).isInSubgroup }

  /// The first compressed point of the curve, by its coordinate, that is not in the group.
  private static func find(_ size: Int, _ isInGroup: ([UInt8]) throws -> Bool) -> [UInt8] {
    for x in UInt8(1)...255 {
      var bytes = [UInt8](repeating: 0, count: size)
      (bytes[0], bytes[size - 1]) = (0x80, x)
      if let found = try? isInGroup(bytes), !found { return bytes }
    }
    return []
  }

  private static let points1 = (0..<count).map {
    G1Point.generator * PairingScalar(UInt64($0 * $0 + 1))
  }
  private static let points2 = (0..<count).map {
    G2Point.generator * PairingScalar(UInt64($0 * $0 + 1))
  }

  @Test("are the points that one at a time gives, for any number of them and of threads")
  func equal() throws {
    var source = InsecureSeededSecrets(seed: 1)
    let (first, second) = (Self.points1, Self.points2)
    for (count, workers) in [(0, 1), (1, 1), (399, 2), (400, 1), (Self.count, 2)] {
      #expect(
        try G1Point.decode(
          G1Point.compressed(Array(first[..<count])), using: &source, workers: workers)
          == Array(first[..<count]))
      #expect(
        try G2Point.decode(
          G2Point.compressed(Array(second[..<count])), using: &source, workers: workers)
          == Array(second[..<count]))
    }
    // Infinity and points that come twice or with both signs are points too.
    var mixed = G1Point.compressed(first)
    mixed[3] = G1Point.zero.compressed
    mixed[4] = mixed[5]
    mixed[6] = (-first[5]).compressed
    #expect(
      try G1Point.decode(mixed, using: &source) == mixed.map { try G1Point(encoding: $0) })
  }

  @Test("one point outside the group is found wherever it is, for every seed")
  func outside() throws {
    let (first, second) = (G1Point.compressed(Self.points1), G2Point.compressed(Self.points2))
    #expect(throws: PairingError.notInSubgroup) { try G1Point(encoding: Self.outside1) }
    #expect(throws: PairingError.notInSubgroup) { try G2Point(encoding: Self.outside2) }
    for (seed, index) in [0, 1, 250, Self.count - 1].enumerated() {
      var source = InsecureSeededSecrets(seed: UInt64(seed))
      var (one, two) = (first, second)
      (one[index], two[index]) = (Self.outside1, Self.outside2)
      expect(index, .notInSubgroup) { try G1Point.decode(one, using: &source) }
      expect(index, .notInSubgroup) { try G2Point.decode(two, using: &source, workers: 2) }
    }
  }

  @Test("points outside whose sum is in the group are found: by their order 3 any three would pass")
  func cancelling() throws {
    let outside = try G1Point(onCurve: Self.outside1)
    var encodings = G1Point.compressed(Self.points1)
    (encodings[10], encodings[20]) = (outside.compressed, (-outside).compressed)
    var source = InsecureSeededSecrets(seed: 5)
    expect(10, .notInSubgroup) { try G1Point.decode(encodings, using: &source) }
    // (0, 2) is of order 3: the least that there is.
    let three = try G1Point(onCurve: [0x80] + [UInt8](repeating: 0, count: 47))
    #expect(!three.isZero && (three + three + three).isZero)
    for index in [30, 40, 50] { encodings[index] = (Self.points1[index] + three).compressed }
    (encodings[10], encodings[20]) = (encodings[0], encodings[1])
    expect(30, .notInSubgroup) { try G1Point.decode(encodings, using: &source) }
  }

  @Test("what is no point is named before what is in no group")
  func malformed() throws {
    var encodings = G1Point.compressed(Self.points1)
    var source = InsecureSeededSecrets(seed: 6)
    encodings[7] = Self.outside1
    encodings[400] = [UInt8](repeating: 0xFF, count: 48)
    expect(400, .wrongFlags) { try G1Point.decode(encodings, using: &source) }
    encodings[300] = [1, 2, 3]
    expect(300, .wrongLength(count: 3, expected: [48, 96])) {
      try G1Point.decode(encodings, using: &source)
    }
  }

  private func expect<Point>(
    _ index: Int, _ reason: PairingError, _ decode: () throws -> [Point]
  ) {
    do {
      _ = try decode()
      Issue.record("point \(index) was taken")
    } catch {
      let found = error as? BadEncoding
      #expect(found?.index == index && found?.reason == reason, "\(error)")
    }
  }
}
