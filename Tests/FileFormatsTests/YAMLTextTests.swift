import Components
import FileFormats
import Testing

@Suite("YAML text")
struct YAMLTextTests {
  @Test("values are written as blocks, quoted only where needed")
  func example() throws {
    let node = try YAML.parse(
      "{attack: [alie, {ipm: {epsilon: 0.5}}], empty: [[], {}, ''], x: 1.0, yes: '1'}", file: "x")
    #expect(
      YAML.text(of: node) == """
        attack:
          - alie
          - ipm:
              epsilon: 0.5
        empty:
          - []
          - {}
          - ""
        x: 1.0
        "yes": "1"

        """)
  }

  private static func randomText(_ random: inout LCG) -> String {
    let pieces = [
      "a", "krum", "1", "0x", "-", ".", ":", " ", "#", "'", "\"", "\\", "\n", "\t", "\r", "é",
      "e\u{301}",
      "😀", "\u{0}", "\u{1F}", "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}", "\u{FEFF}", "\u{FFFE}", "{",
      "[",
      "*", "&", "!", "%", "@", "`", "|", ">", "?", ",", "null", "true", "yes", "~", "=", "<<",
      "1e3",
    ]
    return (0..<random.below(6)).map { _ in random.element(of: pieces) }.joined()
  }

  private static func randomNode(_ random: inout LCG, depth: Int) -> ConfigurationNode {
    let doubles: [Double] = [
      0, -0.0, 1, 0.1, -.leastNonzeroMagnitude, 1e300, .pi, .infinity, -.infinity, .nan, 1e16,
      .leastNonzeroMagnitude,
    ]
    switch random.below(depth > 0 ? 9 : 5) {
    case 0: return .init(.null)
    case 1: return .init(.boolean(random.below(2) == 0))
    case 2: return .init(.integer(random.element(of: [0, -1, 12, .max, .min])))
    case 3: return .init(.number(random.element(of: doubles)))
    case 4: return .init(.text(randomText(&random)))
    case 5, 6:
      return .init(.list((0..<random.below(4)).map { _ in randomNode(&random, depth: depth - 1) }))
    default:
      var entries: [ConfigurationNode.Entry] = []
      for _ in 0..<random.below(4) {
        var key = randomText(&random)
        if random.below(50) == 0 { key += String(repeating: "long ", count: 300) }
        if entries.contains(where: { $0.key == key }) { continue }
        entries.append(.init(key: key, node: randomNode(&random, depth: depth - 1)))
      }
      return .init(.map(entries))
    }
  }

  @Test("any tree comes back the same, to the kind, the order and the last bit")
  func roundTrip() throws {
    var random = LCG(seed: 11)
    for _ in 0..<5000 {
      let node = Self.randomNode(&random, depth: 4)
      let text = YAML.text(of: node)
      let back = try YAML.parse(text, file: "written")
      #expect(back.isIdentical(to: node), "\(node.canonicalJSON)\n\(text)")
      #expect(back == node)
    }
  }
}
