import Components
import FileFormats
import Testing

@Suite("CSV")
struct CSVTests {
  @Test("fields are quoted when RFC 4180 asks for it")
  func lines() {
    #expect(CSV.line(["krum", "0.93", "a \"quoted\" word"]) == #"krum,0.93,"a ""quoted"" word""#)
    #expect(CSV.line(["a,b", "c\nd", "e\rf", " g ", ""]) == "\"a,b\",\"c\nd\",\"e\rf\", g ,")
    #expect(CSV.line([""]) == "\"\"")
    #expect(CSV.line(["", ""]) == ",")
    #expect(CSV.line(["\"\u{301}"]) == "\"\"\"\u{301}\"")
  }

  @Test("the examples of RFC 4180, section 2, read as it says")
  func examples() throws {
    #expect(
      try CSV.parse("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", file: "t") == [
        ["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"],
      ])
    #expect(try CSV.parse("aaa,bbb,ccc\r\nzzz,yyy,xxx", file: "t").count == 2)
    #expect(
      try CSV.parse("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx", file: "t")[0][1] == "b\r\nbb")
    #expect(try CSV.parse("\"aaa\",\"b\"\"bb\",\"ccc\"", file: "t") == [["aaa", "b\"bb", "ccc"]])
    #expect(try CSV.parse("", file: "t") == [])
    #expect(try CSV.parse("a,", file: "t") == [["a", ""]])
  }

  @Test("whatever is written reads back")
  func roundTrip() throws {
    var random = LCG(seed: 5)
    let pieces = ["a", ",", "\"", "\n", "\r", "\r\n", " ", "é", "\u{301}", ""]
    for _ in 0..<2000 {
      let columns = 1 + random.below(4)
      let rows = (0..<random.below(4)).map { _ in
        (0..<columns).map { _ in
          (0..<random.below(4)).map { _ in random.element(of: pieces) }.joined()
        }
      }
      let text = rows.map { CSV.line($0) + "\n" }.joined()
      let back = try CSV.parse(text, file: "t")
      #expect(back.map { $0.map { Array($0.utf8) } } == rows.map { $0.map { Array($0.utf8) } })
    }
  }

  static let mistakes: [(String, String)] = [
    ("a,b\nc\n", "t:2:1: this record has 1 fields, the first has 2"),
    ("a\n\nb\n", "t:2:1: an empty line is no record"),
    ("é,b\"c\n", "t:1:4: a quote inside a field"),
    ("a\n\"b\nc", "t:2:1: a quote opened here is never closed"),
    ("\"a\nb\"c,d", "t:2:3: expected a comma"),
    ("a\rb", "t:1:2: a carriage return"),
  ]

  @Test("a mistake is reported where it stands", arguments: mistakes)
  func mistake(text: String, message: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try CSV.parse(text, file: "t") }
    #expect(error.description.hasPrefix(message), "\(error)")
  }
}
