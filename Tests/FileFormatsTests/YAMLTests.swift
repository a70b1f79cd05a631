import Components
import FileFormats
import Foundation
import Testing

@Suite("YAML")
struct YAMLTests {
  static func error(_ text: String) -> ConfigurationError? {
    do {
      _ = try YAML.parse(text, file: "x.yaml")
      return nil
    } catch {
      return error
    }
  }

  @Test("an experiment reads as nested values, in order")
  func experiment() throws {
    let node = try YAML.parse(
      """
      # the matrix
      data: digits
      attack: [none, ipm: {epsilon: 0.5}]
      defense:
        - krum: {f: 3}
        - trimmed-mean
      seeds: [1, 2]
      jobs: ~
      note: >
        two
        lines
      """, file: "x.yaml")
    #expect(node.entries?.map(\.key) == ["data", "attack", "defense", "seeds", "jobs", "note"])
    #expect(
      node.canonicalJSON
        == #"{"attack":["none",{"ipm":{"epsilon":0.5}}],"data":"digits","#
        + #""defense":[{"krum":{"f":3}},"trimmed-mean"],"jobs":null,"note":"two lines","#
        + #""seeds":[1,2]}"#)
  }

  @Test("every value and key knows its line and column, counted in characters")
  func positions() throws {
    let node = try YAML.parse("é: {b: [1, ü, 2]}\r\nlist:\n  - x\n  -\n", file: "a b.yaml")
    let first = try #require(node.entries?.first)
    #expect("\(try #require(first.keyPosition))" == "a b.yaml:1:1")
    #expect(first.node.position == SourcePosition(file: "a b.yaml", line: 1, column: 4))
    guard case .list(let items)? = first.node["b"]?.value else {
      Issue.record("no list")
      return
    }
    #expect(items.map { $0.position?.column } == [9, 12, 15])
    guard case .list(let rest)? = node["list"]?.value else {
      Issue.record("no list")
      return
    }
    #expect(rest.map { $0.position?.line } == [3, 4])
    #expect(node["list"]?.position?.line == 3)
    let marked = try YAML.parse("\u{FEFF}a: 1", file: "bom")
    #expect(marked["a"]?.position?.column == 4)
  }

  @Test(
    "nothing written is null at the first character", arguments: ["", "\n\n", "# only\n", "---"])
  func empty(text: String) throws {
    let node = try YAML.parse(text, file: "x.yaml")
    #expect(node == ConfigurationNode(.null))
    #expect(node.position?.file == "x.yaml")
  }

  @Test("a word of the command line reads like a file")
  func inline() throws {
    let node = try YAML.parseInline("krum: {f: 3}", source: "command line")
    #expect(node.canonicalJSON == #"{"krum":{"f":3}}"#)
    #expect(node["krum"]?["f"]?.position?.description == "command line:1:11")
    #expect(try YAML.parseInline("krum", source: "command line").text == "krum")
    #expect(throws: ConfigurationError.self) {
      try YAML.parseInline("krum: {f: 3", source: "command line")
    }
  }

  @Test("aliases repeat a value, at the place of the alias")
  func aliases() throws {
    let node = try YAML.parse("a: &x {f: [1, 2]}\nb: *x\n&k c: *k\n", file: "x.yaml")
    #expect(node["a"] == node["b"])
    #expect(node["b"]?.position?.line == 2)
    #expect(node["b"]?["f"]?.position?.line == 1)
    #expect(node["c"]?.text == "c")
    #expect(try YAML.parse("- &a 1\n- &a 2\n- *a", file: "").canonicalJSON == "[1,2,2]")
  }

  static let mistakes: [(String, Int, Int, String)] = [
    ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is written twice; first at x.yaml:1:1"),
    ("x: {f: 1, 'f': 2}", 1, 11, "the key 'f' is written twice; first at x.yaml:1:5"),
    ("a: 1\n---\nb: 2\n", 2, 1, "a second document starts here"),
    ("a:\n\tb: 1\n", 2, 1, "a tab cannot indent YAML; use spaces"),
    ("a: @x", 1, 4, "a value cannot start with '@'"),
    ("a: b: c", 1, 5, "': ' is not allowed here"),
    ("a: [1, 2\nb: 3\n", 2, 2, "expected ',' or ']'"),
    ("a: {b: 1\n", 2, 1, "expected ',' or '}'"),
    ("a: \"b\n", 2, 1, "the text ends inside quotes"),
    ("a: \"\\q\"", 1, 5, "unknown escape"),
    ("a: 1\n  b: 2\n", 2, 4, "': ' is not allowed here"),
    ("a:\n    b: 1\n  c: 2\n", 3, 3, "expected a key in line with the keys above"),
    ("a: - b", 1, 4, "a list item '- ' cannot stand here"),
    ("a: *b", 1, 4, "*b names nothing"),
    ("a: &b [*b]", 1, 8, "*b stands inside the value it names"),
    ("a: 99999999999999999999", 1, 4, "does not fit a whole number"),
    ("a: 1e999", 1, 4, "does not fit a number"),
    ("a: !thing 1", 1, 4, "unknown tag '!thing'"),
    ("a: !!int x", 1, 4, "'x' is not a whole number"),
    ("a: !!set {}", 1, 4, "unknown tag '!!set'"),
    ("[a]: 1", 1, 1, "a key must be a word"),
    ("?\n: 1", 1, 2, "a key is missing"),
    (": 1", 1, 1, "expected a key"),
    ("<<: {a: 1}", 1, 1, "merge keys"),
    ("a: b\u{1}", 1, 5, "a control character stands here"),
    ("a: *", 1, 5, "'*' starts a reference"),
    ("word\nkey: 1", 2, 4, "': ' is not allowed here"),
    ("a: 1\n]", 2, 1, "expected"),
  ]

  @Test("a mistake is reported where it stands, in plain words", arguments: mistakes)
  func mistake(text: String, line: Int, column: Int, words: String) throws {
    let error = try #require(Self.error(text))
    #expect(error.issues.count == 1, "\(error)")
    let issue = try #require(error.issues.first)
    #expect(
      issue.position == SourcePosition(file: "x.yaml", line: line, column: column), "\(issue)")
    #expect(issue.message.contains(words), "\(issue)")
    #expect(!issue.message.contains("\n"))
  }

  @Test("all mistakes that can be told apart are reported at once, in order")
  func severalMistakes() throws {
    let error = try #require(Self.error("a: 1\na: 2\nb: *c\nd: 1e999\ne: [1\nf: 2"))
    #expect(error.issues.map { $0.position?.line } == [2, 3, 4, 6])
  }

  @Test("deep nesting, aliases of aliases and long texts are refused, not followed")
  func limits() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(try #require(Self.error(deep)).description.contains("64 levels"))
    #expect(
      try #require(Self.error(String(repeating: "- ", count: 5000))).description.contains("64"))
    #expect(
      Self.error(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) == nil)

    var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let line = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      laughs += "a\(level): &a\(level) [\(line)]\n"
    }
    #expect(try #require(Self.error(laughs)).description.contains("values, aliases written out"))

    var chain = "a0: &a0 [x]\n"
    for level in 1...70 { chain += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(try #require(Self.error(chain)).description.contains("64 levels"))

    let word = String(repeating: "w", count: 500_000)
    let copies = Array(repeating: "*w", count: 1000).joined(separator: ", ")
    let repeated = "a: &w \(word)\nb: [\(copies)]"
    #expect(try #require(Self.error(repeated)).description.contains("values"))

    let long = "a: " + String(repeating: "x", count: 1 << 20)
    #expect(try #require(Self.error(long)).description.contains("larger than 1048576 bytes"))
  }
}
