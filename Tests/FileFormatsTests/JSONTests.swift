import Components
import FileFormats
import Foundation
import Testing

@Suite("JSON and numbers as text")
struct JSONTests {
  @Test("JSON for people keeps the order and breaks only where there is structure")
  func layout() throws {
    let node = try YAML.parse("{b: [1, 2.5, x], a: {c: [{d: null}, []], e: {}}, f: .nan}", file: "")
    #expect(
      JSON.text(of: node) == """
        {
          "b": [1, 2.5, "x"],
          "a": {
            "c": [
              {
                "d": null
              },
              []
            ],
            "e": {}
          },
          "f": "nan"
        }
        """)
  }

  @Test("Foundation reads what is written as the same value")
  func foundationReadsIt() throws {
    let node = try YAML.parse(
      "{b: ['\"\\\\', \"\\u0001\\t\", 1e300], a: {c: [{d: null}]}}", file: "")
    let back = try JSONDecoder().decode(
      ConfigurationNode.self, from: Data(JSON.text(of: node).utf8))
    #expect(back == node)
  }

  @Test("numbers are short and read back to the same bits")
  func numbers() {
    #expect(NumberText.shortest(1.0) == "1")
    #expect(NumberText.shortest(0.1) == "0.1")
    #expect(NumberText.shortest(Float(0.1)) == "0.1")
    #expect(NumberText.shortest(-0.0) == "-0")
    #expect(NumberText.shortest(Double.nan) == "nan")
    #expect(NumberText.shortest(-Double.infinity) == "-inf")
    var random = LCG(seed: 1)
    for _ in 0..<2000 {
      let number = Double(bitPattern: random.next())
      let back = Double(NumberText.shortest(number))
      #expect(back?.bitPattern == number.bitPattern || number.isNaN)
      let single = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      let singleBack = Float(NumberText.shortest(single))
      #expect(singleBack?.bitPattern == single.bitPattern || single.isNaN)
    }
  }
}
