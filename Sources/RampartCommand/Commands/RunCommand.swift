internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation
internal import Foundation

extension CommandSpec {
  /// `rampart run`.
  static let run = CommandSpec(
    "run",
    abstract: "Run one scenario and watch it learn.",
    discussion: """
      The file is an experiment with one entry on every axis; --only picks one where there are \
      more. Prints a line for each measured round and keeps nothing but the --ledger. Where noise \
      covers what a client can do, the epsilon of all rounds is computed from the ledger.
      """,
    parameters: [
      .argument("FILE", "The experiment, YAML.", kind: .file),
      .option(
        "seed", "N", "The seed (default: the experiment's first).", kind: .integer(in: 0...Int.max)),
      .option(
        "only", "AXIS=NAME", "The entry to take of an axis with several.",
        kind: .pair(axisWords()), repeated: true),
      .option(
        "workers", "N", "Clients trained at once (default: one a core).",
        kind: .integer(in: 1...1024)),
      .option(
        "ledger", "FILE", "Write what was released to FILE, for 'rampart privacy ledger'.",
        kind: .file),
    ]
  ) { arguments in
    let experiment = try Experiment.load(arguments.positional("FILE"))
    let scenario = try SingleScenario(
      experiment, selection: Selection(only: arguments.pairs("only")),
      seed: arguments.int("seed").map { UInt64($0) })
    let terminal = Terminal.output
    for line in scenario.summary { terminal.writeLine(line) }
    for note in scenario.notes { Terminal.error.writeLine("note: \(note)") }
    terminal.writeLine()
    let workers = arguments.int("workers") ?? ProcessInfo.processInfo.activeProcessorCount
    var curve: [Double] = []
    let record = try scenario.run(workers: workers) { round in
      guard let accuracy = round.accuracy, let loss = round.loss else { return }
      curve.append(accuracy)
      terminal.writeLine(
        String(
          format: "round %4d  accuracy %5.1f%%  loss %7.4f  ", round.round + 1, accuracy * 100, loss
        ) + Sparkline.text(curve, width: 40))
    }
    terminal.writeLine()
    terminal.writeLine(
      String(
        format:
          "final %.1f%%, mean of the last five %.1f%%, peak %.1f%% (peak picks by the test set)",
        record.finalAccuracy * 100, record.lastAccuracyMean() * 100, record.peakAccuracy * 100))
    for line in Self.defenseSummary(RunMetrics(record)) { terminal.writeLine(line) }
    if let path = arguments.string("ledger") {
      try TextFile.write(try LedgerFile.text(of: record.privacy), to: path)
    }
    for line in RunPrivacy(record.privacy).lines { terminal.writeLine(line) }
    for note in record.notes { terminal.writeLine("\(note.text) (\(note.rounds) rounds)") }
    return .done
  }
}

extension CommandSpec {
  /// What the rule did about the colluders, a line each where there is something to say.
  private static func defenseSummary(_ metrics: RunMetrics) -> [String] {
    var lines: [String] = []
    if let worst = metrics.worstClient {
      lines.append(String(format: "worst honest client %.1f%%", worst * 100))
    }
    if let recall = metrics.colluderExclusionRate, let honest = metrics.honestExclusionRate {
      let precision = metrics.exclusionPrecision.map { String(format: "%.2f", $0) } ?? "-"
      lines.append(
        String(
          format: "left out %.1f%% of the colluders' updates and %.1f%% of the honest ones "
            + "(precision \(precision))", recall * 100, honest * 100))
    }
    if let deviation = metrics.largestDeviation {
      var line = String(
        format: "largest squared deviation from the honest mean %.3g times its spread", deviation)
      if let bound = metrics.robustnessBound, let slack = metrics.robustnessSlack {
        line += String(format: "; the rule's bound is %.3g, least slack %.3g", bound, slack)
      }
      lines.append(line)
    }
    if let queries = metrics.queries {
      lines.append("the attack tried out the rule \(queries) times")
    }
    return lines
  }
}
