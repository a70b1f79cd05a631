import Components
import FileFormats
import Testing

@Suite("Reading JSON")
struct JSONParseTests {
  private func text(_ json: String) throws -> String {
    try JSON.parse(Array(json.utf8), file: "f").canonicalJSON
  }

  private func message(_ json: String) -> String {
    do { return try text(json) } catch { return "\(error)" }
  }

  @Test("values read in every form that the standard allows")
  func values() throws {
    #expect(
      try text(" [null, true ,false,-0, 12, 1.5e2,\"a\"] ") == "[null,true,false,0,12,150,\"a\"]")
    #expect(try text("{\"b\":{},\"a\":[[]]}") == "{\"a\":[[]],\"b\":{}}")
    #expect(
      try JSON.parse(Array("\"\\u00e9\\ud83d\\ude00\\n\\/\"".utf8), file: "f").text == "é😀\n/")
    #expect(try JSON.parse(Array("[1,\n 2]".utf8), file: "f").summary == "a list")
    #expect(try text("9223372036854775807") == "9223372036854775807")
    #expect(try text("9223372036854775808") == "9.223372036854776e+18")
    let long = String(repeating: "9", count: 400)
    let kept = try JSON.parse(
      Array("[-9223372036854775809, \(long), 7, 1.5]".utf8), file: "f", keepingLongIntegers: true)
    #expect(kept.canonicalJSON == "[\"-9223372036854775809\",\"\(long)\",7,1.5]")
  }

  @Test(
    "texts that are not JSON are refused at their place",
    arguments: [
      ("", "f:1:1: a value is missing here"), ("[1,]", "f:1:4: expected a value"),
      ("[1 2]", "f:1:4: expected ',' or ']'"), ("{\"a\" 1}", "f:1:6: expected ':'"),
      ("{\"a\":1,\n \"a\":2}", "f:2:2: the key 'a' is there twice"),
      ("{a:1}", "f:1:2: expected a key in double quotes"), ("01", "f:1:3: a number starts with 0"),
      ("1.", "f:1:3: expected a digit after the point"), ("-", "f:1:2: expected a digit"),
      ("1e", "f:1:3: expected a digit in the exponent"), ("1e999", "f:1:6: the number 1e999"),
      ("NaN", "f:1:1: expected a value"), ("[1] x", "f:1:5: something follows"),
      ("\"a", "f:1:1: a text opened here is never closed"),
      ("\"\\ud800\"", "half of a surrogate pair"), ("\"\\x\"", "unknown escape"),
      ("\"\\u12\"", "expected four hexadecimal digits"), ("\"a\tb\"", "a control character"),
    ])
  func mistakes(json: String, words: String) {
    #expect(message(json).contains(words), "\(message(json))")
  }

  @Test("deep nesting is refused, not followed into the stack")
  func depth() {
    #expect(message(String(repeating: "[", count: 1_000_000)).contains("too many levels"))
    #expect(message(String(repeating: "{\"a\":", count: 100_000)).contains("too many levels"))
  }
}
