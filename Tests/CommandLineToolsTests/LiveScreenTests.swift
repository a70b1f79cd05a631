import CommandLineTools
import Testing

@Suite("Lines painted in place")
struct LiveScreenTests {
  let recorder = Recorder()

  @Test("lines are painted over the last ones, in one write, and only when they changed")
  func paints() {
    let screen = LiveScreen(terminal: recorder.terminal(isTerminal: true, width: 40))
    screen.paint(["one", "two"])
    screen.paint(["one", "two"])
    #expect(recorder.text == "\rone\u{1B}[K\ntwo\u{1B}[K\n\u{1B}[J")
    screen.paint(["three"])
    #expect(recorder.text.hasSuffix("\u{1B}[J\u{1B}[2A\rthree\u{1B}[K\n\u{1B}[J"))
  }

  @Test("a line goes by above what is painted, which stays")
  func logs() {
    let screen = LiveScreen(terminal: recorder.terminal(isTerminal: true, width: 40))
    screen.log("first")
    screen.paint(["board"])
    screen.log("second")
    #expect(
      recorder.text == "first\n\rboard\u{1B}[K\n\u{1B}[J"
        + "\u{1B}[1A\rsecond\u{1B}[K\nboard\u{1B}[K\n\u{1B}[J")
  }

  @Test("once it is over nothing is left, and nothing comes back")
  func finishes() {
    let screen = LiveScreen(terminal: recorder.terminal(isTerminal: true, width: 40))
    screen.paint(["board", "more"])
    screen.finish()
    #expect(recorder.text.hasSuffix("\u{1B}[2A\r\u{1B}[J"))
    screen.paint(["late"])
    #expect(!recorder.text.contains("late"))
    screen.log("last words")
    #expect(recorder.text.hasSuffix("last words\n"))
  }

  @Test("without a terminal only lines go by")
  func plain() {
    let screen = LiveScreen(terminal: recorder.terminal())
    screen.paint(["board"])
    screen.log("line")
    screen.finish()
    #expect(recorder.text == "line\n")
  }

  @Test("a sparkline shows the last values, or the means of the whole course")
  func sparklines() {
    #expect(Sparkline.text([0, 0.5, 1], width: 10) == "▁▅█")
    #expect(Sparkline.text([0, 0.5, 1], width: 2) == "▅█")
    #expect(Sparkline.text([0, 0, 1, 1], width: 2, isWhole: true) == "▁█")
    #expect(Sparkline.text([0, 0.5, 0.5, 1, 1], width: 2, isWhole: true) == "▃▇")
    #expect(Sparkline.text([-1, 2, .nan], width: 3) == "▁█?")
    #expect(Sparkline.text([], width: 3).isEmpty)
  }
}
