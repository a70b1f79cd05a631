import Components
import FileFormats
import TestSupport
import Testing

@Suite("YAML fuzzing")
struct YAMLFuzzTests {
  static let seeds = [
    "data: digits\nattack: [none, ipm: {epsilon: 0.5}]\ndefense:\n  - krum: {f: 3}\nseeds: [1, 2]\n",
    "a: &x {f: [1, 2.5e3]}\nb: *x\nc: !!str 'it''s'\nd: \"\\u00e9\\n\"\n? e\n: |-\n  f\n  g\n",
    "%YAML 1.2\n---\n- >\n  folded\n\n  text\n- - - 1\n- {a: , b: ~}\n...\n",
  ]

  /// One to four edits: a byte set, dropped, doubled, or a piece copied elsewhere.
  private static func mutate(_ bytes: [UInt8], _ random: inout LCG) -> [UInt8] {
    let special = Array("\n\t :,-?[]{}&*!|>'\"%@`#\\\0\u{7F}0aé\u{FEFF}".utf8) + [0x80, 0xC3, 0xFF]
    var out = bytes
    for _ in 0...random.below(4) where !out.isEmpty {
      let index = random.below(out.count)
      switch random.below(5) {
      case 0: out[index] = random.element(of: special)
      case 1: out.remove(at: index)
      case 2: out.insert(random.element(of: special), at: index)
      case 3: out.removeSubrange(index..<min(index + random.below(12), out.count))
      default:
        let piece = Array(out[index..<min(index + random.below(20), out.count)])
        out.insert(contentsOf: piece, at: random.below(out.count))
      }
    }
    return out
  }

  @Test("damaged texts give a value that survives writing, or an error with a place")
  func damagedTexts() throws {
    var random = LCG(seed: 3)
    let starts = Self.seeds.map { Array($0.utf8) }
    var (values, errors) = (0, 0)
    for _ in 0..<(isOptimizedBuild ? 100_000 : 30_000) {
      let text = String(decoding: Self.mutate(random.element(of: starts), &random), as: UTF8.self)
      do {
        let node = try YAML.parse(text, file: "f")
        values += 1
        // Each tenth value goes there and back, to keep debug builds quick.
        if values.isMultiple(of: 10) {
          let back = try YAML.parse(YAML.text(of: node), file: "g")
          if !back.isIdentical(to: node) { Issue.record("changed by writing: \(text)") }
        }
      } catch {
        errors += 1
        let isPlaced = error.issues.allSatisfy { issue in
          (issue.position?.line ?? 0) >= 1 && !issue.message.isEmpty
            && !issue.message.contains("\n")
        }
        if error.issues.isEmpty || !isPlaced { Issue.record("\(error) for \(text)") }
      }
    }
    #expect(values > 5_000)
    #expect(errors > 5_000)
  }

  @Test(
    "long repetitive texts are read or refused without quadratic time", .timeLimit(.minutes(1)),
    arguments: [
      "[", "{", "- ", "? ", "a: ", "'", "\"", "&a ", "*a ", "!", "[a, ", "{a: ", "a\n", "#\n",
      "- a\n",
      "a b ", "%", "|\n", "\"\\n", ": ", "[]", "{}", ",", "- - a\n", "\n", " ", "\r", "x: y\n ",
      "? a\n",
    ])
  func repetitiveTexts(piece: String) throws {
    let text = String(repeating: piece, count: 200_000 / piece.utf8.count)
    do {
      let node = try YAML.parse(text, file: "f")
      #expect(node.position?.line != nil)
    } catch {
      #expect(!error.issues.isEmpty)
    }
  }
}
