import Components
import Foundation
import Testing

@Suite("Configuration nodes")
struct ConfigurationNodeTests {
  static let texts: [(ConfigurationNode, String)] = [
    (nil, "null"), (true, "true"), (1, "1"), (1.0, "1"), (-0.0, "0"), (1.5, "1.5"), (0.1, "0.1"),
    (1e-7, "1e-07"), (1e21, "1e+21"), (.init(.integer(.min)), "-9223372036854775808"),
    (.init(.number(.infinity)), #""inf""#), (.init(.number(.nan)), #""nan""#), ("a", #""a""#),
    ("1", #""1""#), ("\"\\\n\r\t", #""\"\\\n\r\t""#),
    ("\u{0}\u{1F}\u{7F}é", "\"\\u0000\\u001f\u{7F}é\""),
    ([], "[]"), ([1, [nil]], "[1,[null]]"), (map([:]), "{}"),
    (
      map(["b": 1, "a": map(["d": 2, "c": [map(["z": 1, "y": 2])]])]),
      #"{"a":{"c":[{"y":2,"z":1}],"d":2},"b":1}"#
    ),
  ]

  @Test("the canonical text is JSON with sorted keys and short numbers", arguments: texts)
  func canonical(node: ConfigurationNode, text: String) throws {
    #expect(node.canonicalJSON == text)
    let back = try JSONDecoder().decode(ConfigurationNode.self, from: Data(text.utf8))
    #expect(back.canonicalJSON == text)
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  @Test(
    "the flow text is a line of YAML in the order written, with quotes only where they are needed",
    arguments: [
      ("a-b.1", "a-b.1"), ("1", #""1""#), ("true", #""true""#), ("a b", #""a b""#), (1.0, "1"),
      (nil, "null"), (["a", [nil, true]], "[a, [null, true]]"),
      (map(["b": 1, "a": ["x"]]), "{b: 1, a: [x]}"),
      ([map(["conv": map(["k": 1, "2": "y"])]), "relu"], #"[conv: {k: 1, "2": y}, relu]"#),
    ] as [(ConfigurationNode, String)])
  func flow(node: ConfigurationNode, text: String) { #expect(node.flowText == text) }

  @Test("nodes are equal when they mean the same")
  func equality() {
    #expect(map(["a": 1, "b": 2]) == map(["b": 2.0, "a": 1]))
    #expect(map(["a": 1, "b": 2]).hashValue == map(["b": 2.0, "a": 1]).hashValue)
    #expect(ConfigurationNode(.integer(1), at: place(1, 1)) == 1.0)
    #expect(([1, 2] as ConfigurationNode) != [2, 1])
    #expect(("1" as ConfigurationNode) != 1)
    #expect((nil as ConfigurationNode) != "null")
    #expect((0.1 as ConfigurationNode) != 0.1.nextUp.node)
  }

  @Test("the shortest number reads back to the same bits")
  func numbers() throws {
    var state: UInt64 = 1
    for _ in 0..<2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Double(bitPattern: state)
      guard number.isFinite else { continue }
      #expect(Double(number.node.canonicalJSON) == number)
    }
  }

  @Test("a patch replaces values by key and keeps the order of the base")
  func overlay() {
    let base = map(["a": 1, "b": map(["c": 2]), "d": 3])
    let merged = base.overlaid(with: map(["d": 4, "e": 5, "b": 6]))
    #expect(merged.entries?.map(\.key) == ["a", "b", "d", "e"])
    #expect(merged == map(["a": 1, "b": 6, "d": 4, "e": 5]))
    #expect(base.overlaid(with: [1]) == [1])
  }

  @Test("a value is described in words")
  func summary() {
    #expect((nil as ConfigurationNode).summary == "nothing")
    #expect(("abc" as ConfigurationNode).summary == "the text 'abc'")
    #expect(map([:]).summary == "a mapping")
    #expect("\(place(3, 4))" == "x:3:4")
  }

  @Test("an error lists its issues in the order of the file")
  func order() {
    let error = ConfigurationError([
      .init("d", at: place(10, 1)), .init("c", at: place(2, 10)), .init("b", at: place(2, 9)),
      .init("first", at: nil), .init("c2", at: place(2, 10)),
    ])
    #expect(error.issues.map(\.message) == ["first", "b", "c", "c2", "d"])
    #expect(error.description == "first\nx:2:9: b\nx:2:10: c\nx:2:10: c2\nx:10:1: d")
    let files = ConfigurationError([
      .init("b", at: SourcePosition(file: "command line", line: 1, column: 9)),
      .init("a", at: place(1, 3)),
      .init("d", at: SourcePosition(file: "command line", line: 1, column: 2)),
    ])
    #expect(files.issues.map(\.message) == ["d", "b", "a"])
  }

  @Test("a collector goes on after configuration errors and passes others through")
  func collector() throws {
    struct Stop: Error {}
    var collector = IssueCollector()
    #expect(collector.attempt { 3 } == 3)
    let nothing: Int? = try collector.attempt { throw ConfigurationError("late", at: place(9, 1)) }
    #expect(nothing == nil)
    #expect(throws: Stop.self) { try collector.attempt { throw Stop() } }
    collector.add("early", at: place(1, 1))
    let error = #expect(throws: ConfigurationError.self) { try collector.finish() }
    #expect(error?.issues.map(\.message) == ["early", "late"])
    try IssueCollector().finish()
  }
}

extension Double {
  fileprivate var node: ConfigurationNode { ConfigurationNode(.number(self)) }
}
