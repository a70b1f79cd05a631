import Components
import FileFormats
import Testing

/// The judge is the table of regular expressions of YAML 1.2.2, section 10.3.2, applied as printed.
@Suite("Core schema")
struct CoreSchemaTests {
  static func kind(_ value: ConfigurationNode.Value) -> String {
    switch value {
    case .null: "null"
    case .boolean: "bool"
    case .integer: "int"
    case .number: "float"
    case .text: "str"
    case .list: "seq"
    case .map: "map"
    }
  }

  static func expectedKind(_ text: String) throws -> String {
    func matches(_ pattern: String) throws -> Bool {
      try Regex(pattern).wholeMatch(in: text) != nil
    }
    if try matches("null|Null|NULL|~|") { return "null" }
    if try matches("true|True|TRUE|false|False|FALSE") { return "bool" }
    if try matches("[-+]?[0-9]+") { return "int" }
    if try matches("0o[0-7]+") { return "int" }
    if try matches("0x[0-9a-fA-F]+") { return "int" }
    if try matches("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?") { return "float" }
    if try matches("[-+]?(\\.inf|\\.Inf|\\.INF)") { return "float" }
    if try matches("\\.nan|\\.NaN|\\.NAN") { return "float" }
    return "str"
  }

  @Test("plain scalars have the kinds of the specification's table")
  func randomScalars() throws {
    var random = LCG(seed: 7)
    let alphabets = ["+-.019eE", "0123456789", "0ox17fFgG", ".infINFaA", "trueTRUE", "nulNUL~"]
    var seen: [String: Int] = [:]
    for _ in 0..<4000 {
      let alphabet = Array(random.element(of: alphabets))
      let count = 1 + random.below(6)
      let word = String((0..<count).map { _ in random.element(of: alphabet) })
      // '-' alone and words that YAML's grammar, not the schema, gives another meaning.
      guard word != "-", word != "---", word != "...", word != "~" else { continue }
      let expected = try Self.expectedKind(word)
      let got = Self.kind(try YAML.parse("[\(word)]", file: word).items[0].value)
      #expect(got == expected, "\(word)")
      seen[expected, default: 0] += 1
    }
    #expect(seen.filter { $0.value > 20 }.keys.sorted() == ["float", "int", "str"])
  }

  static let values: [(String, ConfigurationNode.Value)] = [
    ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null), ("nULL", .text("nULL")),
    ("true", .boolean(true)), ("False", .boolean(false)), ("tRUE", .text("tRUE")),
    ("yes", .text("yes")), ("no", .text("no")), ("on", .text("on")), ("off", .text("off")),
    ("1_000", .text("1_000")), ("12:30:45", .text("12:30:45")), ("2001-01-01", .text("2001-01-01")),
    ("0", .integer(0)), ("-19", .integer(-19)), ("+12", .integer(12)), ("010", .integer(10)),
    ("0o14", .integer(12)), ("0x3A", .integer(58)), ("-0x3A", .text("-0x3A")),
    ("0o8", .text("0o8")),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("0.", .number(0)), ("-0.0", .number(-0.0)), (".5", .number(0.5)), ("+12e03", .number(12000)),
    ("-2E+05", .number(-200_000)), ("1e3", .number(1000)), ("1e", .text("1e")), (".", .text(".")),
    ("1e-5", .number(0.00001)), (".e5", .text(".e5")), ("1.2.3", .text("1.2.3")),
    (".inf", .number(.infinity)), ("-.Inf", .number(-.infinity)), ("+.INF", .number(.infinity)),
    (".nan", .number(.nan)), ("-.nan", .text("-.nan")), ("inf", .text("inf")),
    ("nan", .text("nan")),
    ("'1'", .text("1")), ("\"true\"", .text("true")), ("''", .text("")), ("!!str 1", .text("1")),
    ("! 1", .text("1")), ("!!float 1", .number(1)), ("!!int '3'", .integer(3)),
    ("!!bool 'true'", .boolean(true)), ("!!null ''", .null), ("!!seq []", .list([])),
  ]

  @Test("a scalar has this value", arguments: values)
  func value(text: String, expected: ConfigurationNode.Value) throws {
    let got = try YAML.parse("k: \(text)", file: "x")["k"]
    #expect(got.map { Self.kind($0.value) } == Self.kind(expected))
    #expect(got == ConfigurationNode(expected))
    if case .number(let number)? = got?.value, case .number(let wanted) = expected {
      #expect(number.bitPattern == wanted.bitPattern)
    }
  }

  @Test("a block scalar is text whatever it looks like")
  func blockScalars() throws {
    #expect(try YAML.parse("a: |-\n  1\n", file: "x")["a"]?.text == "1")
  }
}
