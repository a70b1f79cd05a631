import CommandLineTools
import Synchronization
import Testing

@Suite("Progress")
struct ProgressMeterTests {
  /// A clock that goes when told to.
  final class Clock: Sendable {
    private let time = Mutex(0.0)
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
    @Sendable func now() -> Double { time.withLock { $0 } }
  }

  let clock = Clock()
  let recorder = Recorder()

  @Test("without a terminal a line appears at every tenth")
  func tenths() {
    let meter = ProgressMeter(total: 40, terminal: recorder.terminal(), now: clock.now)
    for cell in 1...40 {
      clock.advance(0.5)
      meter.advance(current: "cell \(cell)")
    }
    meter.finish()
    #expect(recorder.lines.count == 11)
    #expect(recorder.lines[0] == "4/40 cells  10%  2.0/s  18 s left  cell 4")
    #expect(recorder.lines[9] == "40/40 cells  100%  2.0/s  0 s left  cell 40")
    #expect(recorder.lines[10] == "40/40 cells in 20 s, 2.0/s")
    #expect(!recorder.text.contains("\r"))
  }

  @Test("without a terminal a line appears after 10 seconds at the latest call")
  func seconds() {
    let meter = ProgressMeter(total: 1000, terminal: recorder.terminal(), now: clock.now)
    clock.advance(9.9)
    meter.advance()
    #expect(recorder.lines.isEmpty)
    clock.advance(0.1)
    meter.advance()
    #expect(recorder.lines == ["2/1000 cells  0%  12/min  1 h 23 min left"])
    clock.advance(9)
    meter.advance()
    #expect(recorder.lines.count == 1)
  }

  @Test("on a terminal one line is rewritten, ten times a second, within its width")
  func terminal() {
    let terminal = recorder.terminal(isTerminal: true, width: 40)
    let meter = ProgressMeter(total: 1000, terminal: terminal, now: clock.now)
    for _ in 1...500 {
      clock.advance(0.01)
      meter.advance(current: "a very long name of a cell that cannot fit")
    }
    let frames = recorder.text.split(separator: "\r")
    #expect((45...55).contains(frames.count))
    #expect(frames.allSatisfy { $0.hasSuffix("\u{1B}[K") && $0.displayWidth <= 39 })
    #expect(!recorder.text.contains("\n"))
    meter.log("alie vs krum failed")
    #expect(recorder.text.contains("\r\u{1B}[Kalie vs krum failed\n\r500/1000 cells"))
    meter.finish()
    #expect(recorder.text.hasSuffix("\r\u{1B}[K500/1000 cells in 5 s, 100/s\n"))
  }

  @Test("work done before counts for the share and not for the rate")
  func resumed() {
    let meter = ProgressMeter(
      total: 100, alreadyDone: 80, terminal: recorder.terminal(), now: clock.now)
    for _ in 1...10 {
      clock.advance(60)
      meter.advance()
    }
    #expect(recorder.lines.last == "90/100 cells  90%  1.0/min  10 min 0 s left")
    meter.finish()
    #expect(recorder.lines.last == "90/100 cells (80 of them before) in 10 min 0 s, 1.0/min")
  }

  @Test("slow work is told per hour, nothing done tells no rate")
  func slow() {
    let meter = ProgressMeter(total: 4, terminal: recorder.terminal(), now: clock.now)
    clock.advance(12)
    meter.begin("first")
    #expect(recorder.lines == ["0/4 cells  0%  first"])
    clock.advance(7188)
    meter.advance(current: "second")
    #expect(recorder.lines.last == "1/4 cells  25%  0.5/h  6 h 0 min left  second")
  }

  @Test("many threads lose no piece of work")
  func threads() async {
    let meter = ProgressMeter(total: 800, terminal: recorder.terminal(), now: clock.now)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<100 { meter.advance() } }
      }
    }
    meter.finish()
    #expect(recorder.lines.last?.hasPrefix("800/800 cells in") == true)
    #expect(recorder.lines.count == 11)
  }

  @Test("no work at all is done at once")
  func nothing() {
    let meter = ProgressMeter(total: 0, terminal: recorder.terminal(), now: clock.now)
    meter.finish()
    meter.finish()
    #expect(recorder.lines == ["0/0 cells in 0 s"])
  }
}
