internal import FileFormats
internal import Foundation
internal import Synchronization

/// Keeps the file of ``LiveRuns`` of this process. That it cannot be written never fails a run.
final class LiveBeacon: Sendable {
  private let path: String
  private let folder: String
  private let state: Mutex<LiveRuns>

  /// A beacon in the run directory `run`.
  init(in run: String, pending: Int) {
    let runs = LiveRuns(pending: pending)
    folder = run + "/live"
    path = "\(folder)/\(runs.host)-\(runs.process).json"
    state = Mutex(runs)
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    write(runs)
  }

  /// Takes note of an event; written if a second has gone by, or a unit began or ended.
  func note(_ event: MatrixEvent) {
    let now = Date().timeIntervalSince1970
    var isDue = true
    if case .measured = event { isDue = false }
    state.withLock { state in
      state.note(event)
      guard now - state.updated >= (isDue ? 0.2 : 1) else { return }
      state.updated = now
      write(state)
    }
  }

  /// Takes the file away, and the folder if it was the last.
  func close() {
    try? FileManager.default.removeItem(atPath: path)
    rmdir(folder)
  }

  private func write(_ runs: LiveRuns) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(runs) else { return }
    try? WholeFile.replace(path, with: Array(data))
  }
}
