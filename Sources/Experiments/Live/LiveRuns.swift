internal import FileFormats
internal import Foundation

/// A unit under way: what it is, how far, and its accuracies so far.
public struct LiveRun: Codable, Sendable, Hashable {
  /// The cell's place in the matrix, from 0.
  public var cell: Int
  /// The seed.
  public var seed: UInt64
  /// Rounds that are over.
  public var round: Int
  /// Rounds that an earlier process did.
  public var resumedAt: Int
  /// Rounds in all; 0 until the first is over.
  public var rounds: Int
  /// The latest measured test accuracies, at most ``LiveRun/kept`` of them.
  public var accuracies: [Double]

  /// How many accuracies are kept.
  public static let kept = 60

  /// A unit that starts.
  public init(_ unit: Unit) {
    (cell, seed, round, resumedAt, rounds, accuracies) = (unit.cell, unit.seed, 0, 0, 0, [])
  }

  /// The unit.
  public var unit: Unit { Unit(cell: cell, seed: seed) }
}

/// What one process is at, as it says itself in the run directory: a file in `live/`, replaced at
/// most once a second and gone when the process ends.
public struct LiveRuns: Codable, Sendable, Hashable {
  /// Its number.
  public var process: Int32
  /// Its machine.
  public var host: String
  /// When it began; seconds since 1970.
  public var started: Double
  /// When it last said something; seconds since 1970.
  public var updated: Double
  /// Units it has run to their end.
  public var ran: Int
  /// Units it is to run that were not finished when it began.
  public var pending: Int
  /// The units under way, in the order they began.
  public var runs: [LiveRun]

  /// A process that begins with `pending` units to run.
  public init(pending: Int) {
    process = ProcessInfo.processInfo.processIdentifier
    host = ProcessInfo.processInfo.hostName
    started = Date().timeIntervalSince1970
    updated = started
    ran = 0
    self.pending = pending
    runs = []
  }

  /// Takes note of an event.
  public mutating func note(_ event: MatrixEvent) {
    switch event {
    case .started, .noted: break
    case .began(let unit): runs.append(LiveRun(unit))
    case .resumed(let unit, let round, let rounds):
      change(unit) { ($0.round, $0.resumedAt, $0.rounds) = (round - 1, round - 1, rounds) }
    case .measured(let unit, let round, let rounds, let accuracy):
      change(unit) {
        ($0.round, $0.rounds) = (round, rounds)
        if let accuracy { $0.accuracies = ($0.accuracies + [accuracy]).suffix(LiveRun.kept) }
      }
    case .finished(let unit, _, _), .failed(let unit, _):
      ran += 1
      runs.removeAll { $0.unit == unit }
    case .left(let unit, _, _): runs.removeAll { $0.unit == unit }
    }
  }

  private mutating func change(_ unit: Unit, _ body: (inout LiveRun) -> Void) {
    if let index = runs.firstIndex(where: { $0.unit == unit }) { body(&runs[index]) }
  }

  /// What the processes at work on the run directory `folder` say, in the order they began. One that
  /// was killed is known by its number on this machine, on others by ten minutes of silence.
  public static func read(in folder: String) -> [LiveRuns] {
    let host = ProcessInfo.processInfo.hostName
    let now = Date().timeIntervalSince1970
    let files = (WholeFile.list(folder + "/live") ?? []).filter { $0.hasSuffix(".json") }
    return files.compactMap { name in
      guard let bytes = try? WholeFile.read("\(folder)/live/\(name)"),
        let runs = try? JSONDecoder().decode(LiveRuns.self, from: Data(bytes))
      else { return nil }
      let isAlive =
        runs.host == host
        ? kill(runs.process, 0) == 0 || errno == EPERM : now - runs.updated < 600
      return isAlive ? runs : nil
    }
    .sorted { ($0.started, $0.process) < ($1.started, $1.process) }
  }
}
