import Components
import Testing

@Suite("Parameters that are a word or a number")
struct WordOrNumberTests {
  private enum Cap: WordOrNumber {
    case none
    case exactly(Double)

    static let word = "none"
    init(_ number: Double?) { self = number.map(Self.exactly) ?? .none }
    var number: Double? { if case .exactly(let number) = self { number } else { nil } }
  }

  private struct Part: Component {
    struct Parameters: Codable, Hashable, Sendable { var cap = Cap.exactly(2.5) }
    static let card = Card(name: "part", summary: "Made up by a test.")
    static let defaults = Parameters()
    let parameters: Parameters
    init(_ parameters: Parameters) { self.parameters = parameters }
  }

  private func cap(_ value: ConfigurationNode.Value) throws -> Cap {
    try ParameterCoding.overlay(
      map(["cap": ConfigurationNode(value)]), on: Part.defaults, owner: "part"
    ).cap
  }

  @Test("are read and written as what they are")
  func roundTrip() throws {
    #expect(try cap(.text("none")) == .none)
    #expect(try cap(.integer(3)) == .exactly(3))
    #expect(try ParameterCoding.node(of: Part.defaults)["cap"]?.plainText == "2.5")
    #expect(try ParameterCoding.node(of: Part.Parameters(cap: .none))["cap"]?.plainText == "none")
  }

  @Test("another word is refused")
  func refused() {
    let error = #expect(throws: ConfigurationError.self) { try cap(.text("nobody")) }
    #expect(
      error?.issues.first?.message
        == "part: cap: expected a number or 'none', got the text 'nobody'")
  }
}
