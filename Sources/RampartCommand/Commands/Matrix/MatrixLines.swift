internal import CommandLineTools
internal import Experiments
internal import Foundation

/// A running matrix for other programs: a JSON object a line.
struct MatrixLines: MatrixWatcher {
  private let plan: MatrixPlan
  private let terminal: Terminal

  /// Lines about `plan`, written to `terminal`.
  init(_ plan: MatrixPlan, terminal: Terminal) {
    self.plan = plan
    self.terminal = terminal
  }

  /// What a line holds; what does not apply is left out.
  private struct Line: Encodable {
    var event: String
    var cell: Int?
    var seed: UInt64?
    var title: String?
    var labels: [String: String]?
    var round: Int?
    var rounds: Int?
    var accuracy: Double?
    var seconds: Double?
    var pending: Int?
    var total: Int?
    var note: String?
    var error: String?
  }

  func note(_ event: MatrixEvent) {
    switch event {
    case .started(let pending, let total):
      write(Line(event: "started", pending: pending, total: total))
    case .began(let unit):
      var line = line("began", unit)
      line.labels = plan.cell(unit.cell).map { cell in
        Dictionary(
          uniqueKeysWithValues: Axis.allCases.map { ($0.rawValue, cell.entry($0).label) })
      }
      write(line)
    case .resumed(let unit, let round, let rounds):
      write(line("resumed", unit, round: round, rounds: rounds))
    case .measured(let unit, let round, let rounds, let accuracy):
      var line = line("round", unit, round: round, rounds: rounds)
      line.accuracy = accuracy
      write(line)
    case .noted(let unit, let note):
      var line = line("note", unit)
      line.note = note
      write(line)
    case .finished(let unit, let accuracy, let seconds):
      var line = line("finished", unit)
      (line.accuracy, line.seconds) = (accuracy, seconds)
      write(line)
    case .failed(let unit, let error):
      var line = line("failed", unit)
      line.error = error
      write(line)
    case .left(let unit, let round, let rounds):
      write(line("left", unit, round: round, rounds: rounds))
    }
  }

  func isStopping() { write(Line(event: "stopping")) }

  func ended() { write(Line(event: "ended")) }

  private func line(
    _ event: String, _ unit: Experiments.Unit, round: Int? = nil, rounds: Int? = nil
  ) -> Line {
    Line(
      event: event, cell: unit.cell, seed: unit.seed, title: plan.title(unit), round: round,
      rounds: rounds)
  }

  private func write(_ line: Line) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    guard let data = try? encoder.encode(line) else { return }
    terminal.writeLine(String(decoding: data, as: UTF8.self))
  }
}
