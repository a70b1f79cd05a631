internal import CommandLineTools
internal import Experiments
internal import Foundation
internal import Reports

extension CommandSpec {
  /// `rampart watch`.
  static let watch = CommandSpec(
    "watch",
    abstract: "Watch a matrix that runs in another terminal, or on another machine.",
    discussion: """
      Shows what 'rampart matrix' shows, from the run directory alone: all processes at work on \
      it together. Ends when nobody is at work any more; without a terminal it shows where things \
      stand once, and ends. Ctrl-C ends the watching, never the work.

      Exit status: 0 done, 2 there is no such run.
      """,
    parameters: [
      .argument("RUN", "A run directory.", kind: .folder),
      .flag("once", "Show where things stand, and end."),
    ]
  ) { arguments in
    let folder = arguments.string("RUN") ?? ""
    let terminal = Terminal.output
    let screen = LiveScreen(terminal: terminal)
    let isOnce = arguments.flag("once") || !terminal.isTerminal
    while true {
      let processes = LiveRuns.read(in: folder)
      let lines = LiveBoard(try MatrixResults(folder: folder), processes: processes).lines(
        width: terminal.width - (terminal.isTerminal ? 1 : 0),
        height: isOnce ? Int.max / 2 : terminal.height - 2, usesColour: terminal.usesColour,
        now: Date().timeIntervalSince1970)
      let state = Self.state(processes)
      if isOnce || processes.isEmpty {
        screen.finish()
        for line in lines + [state] { terminal.writeLine(line) }
        return .done
      }
      screen.paint(lines + [state.truncated(to: terminal.width - 1)])
      Thread.sleep(forTimeInterval: 0.5)
    }
  }

  /// Who is at work.
  private static func state(_ processes: [LiveRuns]) -> String {
    guard !processes.isEmpty else { return "nobody is at work on it" }
    let now = Date().timeIntervalSince1970
    return processes.map { process in
      let silence = now - process.updated
      let heard = silence < 10 ? "" : ", last heard of \(ProgressMeter.time(silence)) ago"
      return "process \(process.process) on \(process.host)\(heard)"
    }
    .joined(separator: "; ")
  }
}
