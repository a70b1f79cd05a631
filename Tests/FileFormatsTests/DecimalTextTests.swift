import FileFormats
import Randomness
import TestSupport
import Testing

@Suite("Numbers in decimal")
struct DecimalTextTests {
  private func read(_ text: String) -> Double? {
    let bytes = Array("<\(text)>".utf8)
    return DecimalText.number(bytes, 1..<(bytes.count - 1))
  }

  @Test("every number is the one the standard library reads, to the last bit")
  func matchesTheStandardLibrary() throws {
    var generator = testGenerator()
    for _ in 0..<(isOptimizedBuild ? 300_000 : 30_000) {
      let digits = 1 + generator.uniform(below: 22)
      var text = generator.bernoulli(0.3) ? "-" : ""
      let point = generator.uniform(below: 2 * digits)
      for place in 0..<digits {
        if place == point { text += place == 0 ? "0." : "." }
        text += "\(generator.uniform(below: 10))"
      }
      if generator.bernoulli(0.4) { text += "e\(generator.uniform(below: 60) - 30)" }
      let expected = try #require(Double(text))
      #expect(read(text)?.bitPattern == expected.bitPattern, "\(text)")
    }
  }

  @Test("shortest texts of any double read back")
  func roundTrips() {
    var generator = testGenerator()
    for _ in 0..<20_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      #expect(read("\(value)")?.bitPattern == value.bitPattern)
    }
  }

  @Test(
    "edges",
    arguments: [
      ("0", 0), ("+1", 1), (".5", 0.5), ("5.", 5), (" \t7 ", 7), ("1e5", 1e5), ("1E+05", 1e5),
      ("1e-400", 0), ("1e400", Double.infinity), ("-1e400", -Double.infinity),
      ("9007199254740993", 9_007_199_254_740_992), ("inf", .infinity), ("-Infinity", -.infinity),
      ("1e99999999999999999999", .infinity), ("0e99999999999999999999", 0),
      (
        "179769313486231580793728971405303415079934132710037826936173778980444968292764",
        1.7976931348623158e77
      ),
    ] as [(String, Double)])
  func edges(text: String, value: Double) { #expect(read(text) == value) }

  @Test(
    "what is no number is none",
    arguments: [
      "", " ", "-", "+", ".", "e5", "1e", "1e+", "1,5", "1.2.3", "0x10", "1 2", "--1", "one", "1f",
      "infinit", "n an", "1e5.0", "é",
    ])
  func none(text: String) { #expect(read(text) == nil) }

  @Test("not a number is read as that")
  func nan() { #expect(read("NaN")?.isNaN == true && read("-nan")?.isNaN == true) }
}
