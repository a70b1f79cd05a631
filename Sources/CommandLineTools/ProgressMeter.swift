internal import Synchronization

/// Shows how far a long work is: done, total, rate, time left, what is at work now.
///
/// On a terminal one line is rewritten, at most ten times a second; elsewhere a plain line appears
/// at every tenth of the work, and every 10 seconds between them. Safe to call from any thread.
///
///     let meter = ProgressMeter(total: cells.count, unit: "cells")
///     meter.advance(current: "alie vs krum, seed 3")
///     meter.finish()
///
/// A line: `34/120 cells  28%  1.2/s  1 min 12 s left  alie vs krum, seed 3`.
public final class ProgressMeter: Sendable {
  private struct State {
    var done: Int
    var current = ""
    var lastShown: Double
    var isOnScreen = false
    var isFinished = false
  }

  private let total: Int
  private let alreadyDone: Int
  private let unit: String
  private let terminal: Terminal
  private let now: @Sendable () -> Double
  private let start: Double
  private let state: Mutex<State>

  /// A meter of work that begins now.
  ///
  /// - Parameters:
  ///   - total: How many pieces of work there are.
  ///   - alreadyDone: How many of them an earlier run has done; they do not count for the rate.
  ///   - unit: What the pieces are called.
  ///   - terminal: Where to write; standard error leaves standard output to results.
  ///   - now: A clock that never goes back, in seconds.
  public init(
    total: Int, alreadyDone: Int = 0, unit: String = "cells", terminal: Terminal = .error,
    now: @escaping @Sendable () -> Double = ProgressMeter.monotonicSeconds
  ) {
    self.total = total
    self.alreadyDone = alreadyDone
    self.unit = unit
    self.terminal = terminal
    self.now = now
    start = now()
    state = Mutex(State(done: alreadyDone, lastShown: start))
  }

  /// Seconds of the system's monotonic clock since the first call.
  @Sendable public static func monotonicSeconds() -> Double {
    let elapsed = origin.duration(to: .now)
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }
  private static let origin = ContinuousClock.Instant.now

  /// `count` more pieces are done; `current` is what is at work now, kept when nil.
  public func advance(by count: Int = 1, current: String? = nil) {
    state.withLock { state in
      let before = state.done
      state.done += count
      if let current { state.current = current }
      show(&state, from: before)
    }
  }

  /// Work on `current` begins.
  public func begin(_ current: String) { advance(by: 0, current: current) }

  /// Prints a line of its own, above the meter.
  public func log(_ line: String) {
    state.withLock { state in
      clear(&state)
      terminal.writeLine(line)
      if terminal.isTerminal, !state.isFinished { rewrite(&state) }
    }
  }

  /// Takes the meter off the screen and leaves a last plain line; later calls only `log`.
  public func finish() {
    state.withLock { state in
      if state.isFinished { return }
      clear(&state)
      state.isFinished = true
      terminal.writeLine(
        Self.ending(
          done: state.done, of: total, alreadyDone: alreadyDone, unit: unit,
          seconds: now() - start))
    }
  }

  /// What a work says at its end: `115/120 runs (5 of them before) in 40 s, 2.8/s`.
  public static func ending(
    done: Int, of total: Int, alreadyDone: Int, unit: String, seconds: Double
  ) -> String {
    let made = done - alreadyDone
    let already = alreadyDone > 0 ? " (\(alreadyDone) of them before)" : ""
    return "\(done)/\(total) \(unit)\(already) in \(time(seconds))"
      + (made > 0 ? ", \(rate(Double(made) / max(seconds, 1e-9)))" : "")
  }

  private func show(_ state: inout State, from before: Int) {
    if state.isFinished { return }
    let waited = now() - state.lastShown
    if terminal.isTerminal {
      if waited >= 0.1 || !state.isOnScreen || state.done == total { rewrite(&state) }
    } else {
      let passedTenth = state.done * 10 / max(total, 1) > before * 10 / max(total, 1)
      if passedTenth || waited >= 10 {
        terminal.writeLine(line(state))
        state.lastShown = now()
      }
    }
  }

  private func rewrite(_ state: inout State) {
    terminal.write("\r" + line(state).truncated(to: terminal.width - 1) + "\u{1B}[K")
    state.isOnScreen = true
    state.lastShown = now()
  }

  private func clear(_ state: inout State) {
    if state.isOnScreen { terminal.write("\r\u{1B}[K") }
    state.isOnScreen = false
  }

  private func line(_ state: State) -> String {
    let text = Self.text(
      done: state.done, of: total, unit: unit, made: Double(state.done - alreadyDone),
      seconds: now() - start)
    return text + (state.current.isEmpty ? "" : "  " + state.current)
  }

  /// How far a work is: `34/120 cells  28%  1.2/s  1 min 12 s left`.
  ///
  /// - Parameters:
  ///   - underWay: How much of the rest is done already: what is half done counts half.
  ///   - made: How much was made in the last `seconds`, which tells the rate.
  public static func text(
    done: Int, of total: Int, unit: String, underWay: Double = 0, made: Double, seconds: Double
  ) -> String {
    var parts = ["\(done)/\(total) \(unit)", "\(done * 100 / max(total, 1))%"]
    if made > 0, seconds > 0 {
      let perSecond = made / seconds
      let rest = max(0, Double(total - done) - underWay)
      parts += [rate(perSecond), "\(time(rest / perSecond)) left"]
    }
    return parts.joined(separator: "  ")
  }

  /// `12/s`, `1.2/s`, `45/min`, `3.5/h`: at least two digits that say something.
  static func rate(_ perSecond: Double) -> String {
    let (value, unit) =
      perSecond >= 1
      ? (perSecond, "s") : perSecond * 60 >= 1 ? (perSecond * 60, "min") : (perSecond * 3600, "h")
    let tenths = Int((value * 10).rounded())
    return value >= 9.95
      ? "\(Int(value.rounded()))/\(unit)" : "\(tenths / 10).\(tenths % 10)/\(unit)"
  }

  /// `8 s`, `3 min 20 s`, `2 h 5 min`.
  public static func time(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e12).rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
