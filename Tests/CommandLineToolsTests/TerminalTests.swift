import CommandLineTools
import Testing

@Suite("Terminal text")
struct TerminalTests {
  /// Widths told by wcwidth 0.9.4 of the Python Package Index.
  @Test(
    "the display width is what a terminal uses",
    arguments: [
      ("", 0), ("krum", 4), ("ε = 1.5 ± 0.2", 13), ("Müller", 6), ("e\u{301}te", 3), ("日本語", 6),
      ("한국", 4), ("Ｆｕｌｌ", 8), ("ｶﾅ", 2), ("😀", 2), ("✓", 1), ("✅", 2), ("❤\u{FE0F}", 2), ("…", 1),
      ("─│█▁", 4), ("a\u{200B}b", 2), ("\u{1B}[1;31mred\u{1B}[0m", 3), ("👩\u{200D}🔬", 2),
    ])
  func width(text: String, columns: Int) {
    #expect(text.displayWidth == columns)
  }

  @Test("padding fills to the width and never cuts")
  func padding() {
    #expect("ab".padded(to: 4) == "ab  ")
    #expect("0.5".padded(to: 5, .right) == "  0.5")
    #expect("日本".padded(to: 5) == "日本 ")
    #expect("long".padded(to: 2) == "long")
    #expect("\u{1B}[1mx\u{1B}[0m".padded(to: 3) == "\u{1B}[1mx\u{1B}[0m  ")
  }

  @Test("truncation keeps within the width and marks the cut")
  func truncation() {
    #expect("trimmed-mean".truncated(to: 12) == "trimmed-mean")
    #expect("trimmed-mean".truncated(to: 8) == "trimmed…")
    #expect("日本語".truncated(to: 4) == "日…")
    #expect("日本語".truncated(to: 5) == "日本…")
    #expect("abc".truncated(to: 1) == "…")
    #expect("abc".truncated(to: 0) == "")
  }

  @Test("colour needs a terminal, no NO_COLOR and a TERM that can")
  func colour() {
    #expect(Terminal.usesColour(isTerminal: true, environment: ["TERM": "xterm"]))
    #expect(Terminal.usesColour(isTerminal: true, environment: ["NO_COLOR": ""]))
    #expect(!Terminal.usesColour(isTerminal: true, environment: ["NO_COLOR": "1"]))
    #expect(!Terminal.usesColour(isTerminal: true, environment: ["TERM": "dumb"]))
    #expect(!Terminal.usesColour(isTerminal: false, environment: [:]))
    let recorder = Recorder()
    #expect(recorder.terminal().styled("x", .red) == "x")
    #expect(recorder.terminal(usesColour: true).styled("x", .red) == "\u{1B}[31mx\u{1B}[0m")
  }
}
