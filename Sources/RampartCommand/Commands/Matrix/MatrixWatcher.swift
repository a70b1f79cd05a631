internal import CommandLineTools
internal import Experiments
internal import Foundation
internal import Reports
internal import Synchronization

/// Somebody who is told what happens while a matrix runs.
protocol MatrixWatcher: Sendable {
  /// Something happened.
  func note(_ event: MatrixEvent)
  /// The user wants it to stop; the rounds under way end first.
  func isStopping()
  /// It has ended or was stopped.
  func ended()
}

/// Nobody.
struct SilentWatcher: MatrixWatcher {
  func note(_ event: MatrixEvent) {}
  func isStopping() {}
  func ended() {}
}

/// A running matrix on a terminal: its tables filling in. Elsewhere a line for each complete cell.
final class MatrixScreen: MatrixWatcher {
  private let plan: MatrixPlan
  private let screen: LiveScreen
  private let board: Mutex<LiveBoard>
  private let start = ProgressMeter.monotonicSeconds()
  private let alreadyDone: Int
  private let isOver = Atomic<Bool>(false)

  /// A screen for what `runner` has still to do.
  init(_ runner: MatrixRunner, folder: String, terminal: Terminal) throws {
    plan = runner.plan
    let units = plan.shardUnits
    alreadyDone = try runner.finishedCount()
    screen = LiveScreen(terminal: terminal)
    board = Mutex(
      LiveBoard(
        try MatrixResults(folder: folder),
        processes: [LiveRuns(pending: units.count - alreadyDone)], units: units))
    if terminal.isTerminal {
      Thread.detachNewThread { [weak self] in
        while self?.paint() == true { Thread.sleep(forTimeInterval: 0.2) }
      }
    }
  }

  /// Paints the board as it is now; false once all is over.
  private func paint() -> Bool {
    if isOver.load(ordering: .acquiring) { return false }
    let terminal = screen.terminal
    screen.paint(
      board.withLock {
        $0.lines(
          width: terminal.width - 1, height: terminal.height - 1,
          usesColour: terminal.usesColour, now: Date().timeIntervalSince1970)
      })
    return true
  }

  func note(_ event: MatrixEvent) {
    let complete = board.withLock { $0.note(event) }
    switch event {
    case .resumed(let unit, let round, let rounds):
      screen.log("resumes \(plan.title(unit)) at round \(round) of \(rounds)")
    case .noted(let unit, let note): screen.log("note: \(plan.title(unit)): \(note)")
    case .failed(let unit, let error): screen.log("failed: \(plan.title(unit)): \(error)")
    default: break
    }
    if let complete, !screen.terminal.isTerminal {
      screen.log(
        board.withLock { $0.line(about: complete, now: Date().timeIntervalSince1970) })
    }
  }

  func isStopping() {
    screen.log("stopping once the rounds under way are over; Ctrl-C again stops at once")
  }

  func ended() {
    isOver.store(true, ordering: .releasing)
    screen.finish()
    let done = board.withLock(\.done)
    screen.log(
      ProgressMeter.ending(
        done: done, of: plan.shardUnits.count, alreadyDone: alreadyDone, unit: "runs",
        seconds: ProgressMeter.monotonicSeconds() - start))
  }
}
