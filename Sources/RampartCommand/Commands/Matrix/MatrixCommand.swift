internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation
internal import Foundation
internal import Reports

extension CommandSpec {
  /// `rampart matrix`.
  static let matrix = CommandSpec(
    "matrix",
    abstract: "Run every attack of an experiment against every defense.",
    discussion: """
      Without FILE the built-in experiment runs: embedded handwritten digits, 20 clients with \
      skewed labels. Clean twins and positive controls come along by themselves. Finished cells \
      are kept in the run directory: the same command goes on where it stopped. A cell that was \
      under way goes on from its last checkpoint and ends with the same bits as if nothing had \
      happened.

      On a terminal the cells fill in while it runs, and what is under way shows its curve; \
      'rampart watch RUN' shows the same from another terminal. Elsewhere there is a line for each \
      cell that is complete. Ctrl-C lets the rounds under way end, keeps them and says how to go \
      on; a second one stops at once.

      Exit status: 0 done, 1 a cell failed, 2 the experiment or the command line is wrong, 130 \
      stopped.
      """,
    parameters: [
      .argument("FILE", "The experiment, YAML.", .optional, kind: .file),
      .option("out", "RUN", "The run directory (default: runs/NAME).", kind: .folder),
      .option(
        "jobs", "N", "Cells at once (default: one a core).", kind: .integer(in: 1...1024)),
      .option(
        "seeds", "LIST", "Seeds in place of the experiment's.", kind: .integers(in: 0...Int.max)),
      .option(
        "only", "AXIS=NAME", "Only this entry of an axis; given twice for an axis, either.",
        kind: .pair(axisWords()), repeated: true),
      .option(
        "checkpoint-every", "SECONDS",
        "Least time between checkpoints of a cell under way (default: 20).",
        kind: .integer(in: 0...86_400)),
      .option("shard", "I/N", "Only this share of the work, for job arrays.", kind: .part),
      .flag("dry-run", "Show cells, refusals and a time estimate; run nothing."),
      .flag("quiet", "No progress."),
      .flag(
        "json-lines",
        "Tell what happens on standard output, a JSON object a line, and print no table."),
    ]
  ) { arguments in
    let experiment = try Experiment.load(arguments.positional("FILE"))
    let plan = try MatrixPlan(experiment, selection: try Selection(arguments))
    let jobs = arguments.int("jobs") ?? ProcessInfo.processInfo.activeProcessorCount
    if arguments.flag("dry-run") {
      for line in try plan.overview(jobs: jobs) { Terminal.output.writeLine(line) }
      return .done
    }
    for note in try plan.notes() { Terminal.error.writeLine("note: \(note)") }
    let folder = arguments.string("out") ?? "runs/\(experiment.name)"
    let runner = try MatrixRunner(
      plan, folder: folder, jobs: jobs, version: CommandSpec.rampartVersion,
      checkpointEvery: .seconds(arguments.int("checkpoint-every") ?? 20),
      origin: RunOrigin(command: commandLine, file: arguments.positional("FILE") ?? ""))
    let watcher: any MatrixWatcher
    if arguments.flag("json-lines") {
      watcher = MatrixLines(plan, terminal: .output)
    } else if arguments.flag("quiet") {
      watcher = SilentWatcher()
    } else {
      watcher = try MatrixScreen(runner, folder: folder, terminal: .error)
    }
    let outcome = try watch(runner, by: watcher)
    return try conclude(
      outcome, plan: plan, folder: folder, printsTable: !arguments.flag("json-lines"))
  }

  /// Runs until the end or Ctrl-C.
  private static func watch(
    _ runner: MatrixRunner, by watcher: any MatrixWatcher
  ) throws -> MatrixOutcome {
    let stop = StopRequest()
    let interruption = Interruption {
      stop.ask()
      watcher.isStopping()
    }
    defer { interruption.end() }
    defer { watcher.ended() }
    return try runner.run(stop: stop, onEvent: watcher.note)
  }

  /// What the user wrote, quoted where a shell needs it.
  static var commandLine: String {
    let words = CommandLine.arguments.dropFirst().map(Report.shellWord)
    return (["rampart"] + words).joined(separator: " ")
  }

  /// Says how to go on with what was stopped.
  private static func leave(_ outcome: MatrixOutcome, of plan: MatrixPlan) -> ExitStatus {
    let kept =
      outcome.left == 0 ? "" : "; \(outcome.left) under way are kept as far as they are"
    Terminal.error.writeLine(
      "stopped: \(outcome.ran + outcome.reused) of \(plan.shardUnits.count) runs are done\(kept)")
    Terminal.error.writeLine("go on with: \(commandLine)")
    return .interrupted
  }

  /// Prints the matrix, writes the HTML report, and says what failed.
  private static func conclude(
    _ outcome: MatrixOutcome, plan: MatrixPlan, folder: String, printsTable: Bool
  ) throws -> ExitStatus {
    if outcome.isStopped { return leave(outcome, of: plan) }
    let results = try MatrixResults(folder: folder)
    let report = Report(results)
    let terminal = printsTable ? Terminal.output : .error
    if printsTable {
      terminal.writeLine(
        report.text(
          .table,
          options: ReportOptions(
            width: terminal.width, usesColour: terminal.usesColour, command: nil)))
    }
    let path = folder + "/report.html"
    try TextFile.write(
      report.text(
        .html, options: ReportOptions(width: 80, usesColour: false, command: commandLine)),
      to: path)
    let pending = results.rows.count { $0.status == .pending }
    if pending > 0 {
      terminal.writeLine(
        "\(pending) runs are pending: this was \(plan.shard.count > 1 ? "one shard" : "a part"); "
          + "run the rest, then 'rampart merge' or the same command")
    }
    terminal.writeLine("Report: \(path)")
    if outcome.failures.isEmpty { return .done }
    for (error, failures) in Dictionary(grouping: outcome.failures, by: \.error)
      .sorted(by: { $0.value[0].unit < $1.value[0].unit })
    {
      let others = failures.count > 1 ? " and \(failures.count - 1) more" : ""
      Terminal.error.writeLine(UserError.line("\(failures[0].unit)\(others): \(error)"))
    }
    return outcome.failures.allSatisfy(\.isInputError) ? .badInput : .failed
  }
}

extension MatrixPlan {
  /// What `--dry-run` prints: size, cells, refusals with reasons, time.
  fileprivate func overview(jobs: Int) throws -> [String] {
    var lines = ["\(experiment.name): \(cells.count) cells, \(seeds.count) seeds"]
    for axis in Axis.allCases {
      let labels = experiment.entries(axis).map(\.label)
      lines.append("  \(axis.rawValue.padded(to: 10)) \(labels.joined(separator: ", "))")
    }
    lines.append("")
    let refused = cells.filter { $0.refusal != nil }
    let companions = cells.count { $0.isCompanion && $0.refusal == nil }
    lines.append(
      "\(units.count) runs (\(cells.count - refused.count) cells x \(seeds.count) seeds), "
        + "\(companions) cells come along as clean twins and controls")
    if shard.count > 1 {
      lines.append("shard \(shard.index + 1)/\(shard.count): \(shardUnits.count) runs")
    }
    for cell in cells where cell.refusal == nil {
      lines.append("  \(title(cell))\(cell.isCompanion ? "  (comes along)" : "")")
    }
    if !refused.isEmpty {
      lines.append("")
      lines.append("\(refused.count) cells cannot exist (n/a):")
      var cellsByReason: [String: [Cell]] = [:]
      for cell in refused {
        if let refusal = cell.refusal { cellsByReason["\(refusal)", default: []].append(cell) }
      }
      for (reason, cells) in cellsByReason.sorted(by: { $0.value[0].index < $1.value[0].index }) {
        lines.append("  \(reason)")
        for cell in cells { lines.append("    \(title(cell))") }
      }
    }
    for note in try notes() { lines.append("note: \(note)") }
    lines.append("")
    let seconds = try estimatedSeconds() / Double(jobs)
    lines.append(
      "about \(ProgressMeter.time(seconds)) on \(jobs) \(jobs == 1 ? "core" : "cores"), from two "
        + "timed rounds of each kind of training; the rules' own time comes on top")
    return lines
  }
}
