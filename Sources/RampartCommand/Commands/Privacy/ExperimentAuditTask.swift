internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation
internal import FileFormats
internal import Foundation

/// One run of `rampart privacy audit` on an experiment.
struct ExperimentAuditTask {
  private let arguments: ParsedArguments
  private let audit: PromiseAudit

  init(_ arguments: ParsedArguments, path: String) throws {
    self.arguments = arguments
    let (canaries, guesses) = (arguments.int("canaries"), arguments.int("guesses"))
    if let canaries, let guesses, 2 * guesses > canaries {
      throw UserError(
        "--guesses \(guesses): must be at most half of the \(canaries) canaries, as many are called "
          + "'in' as 'out'; say --canaries \(4 * guesses)")
    }
    audit = try PromiseAudit(
      try Experiment.read(path: path), canaries: canaries, guesses: guesses,
      trials: arguments.int("trials") ?? 8000,
      selection: Selection(unsharded: arguments),
      significance: arguments.double("significance") ?? 0.05)
  }

  func run() throws -> ExitStatus {
    var findings: [PromiseAudit.Finding] = []
    if let plan = audit.plan {
      switch try run(plan) {
      case .ended(let status): return status
      case .found(let found): findings = found
      }
    }
    for refusal in audit.refusals { Terminal.error.writeLine("note: \(refusal)") }
    let local = try audit.localFindings()
    let text = AuditFindings(findings, local: local, unaudited: audit.unaudited)
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: text.node))
    } else {
      for line in text.lines { Terminal.output.writeLine(line) }
    }
    let verdicts = findings.map(\.verdict) + local.map(\.verdict)
    return verdicts.contains(.refuted) ? .failed : .done
  }

  /// What came of the runs with canaries.
  private enum Runs {
    case ended(ExitStatus)
    case found([PromiseAudit.Finding])
  }

  private func run(_ plan: MatrixPlan) throws -> Runs {
    for note in try plan.notes() { Terminal.error.writeLine("note: \(note)") }
    for cell in plan.cells {
      guard let refusal = cell.refusal else { continue }
      Terminal.error.writeLine("note: \(plan.title(cell)) cannot exist: \(refusal)")
    }
    let kept = arguments.string("out")
    let folder =
      kept
      ?? FileManager.default.temporaryDirectory
      .appendingPathComponent("rampart-audit-\(UUID().uuidString)").path
    defer { if kept == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let outcome = try runCells(plan, folder: folder)
    if outcome.isStopped {
      Terminal.error.writeLine("stopped: nothing is concluded")
      return .ended(.interrupted)
    }
    if !outcome.failures.isEmpty {
      for (unit, error, _) in outcome.failures {
        Terminal.error.writeLine(UserError.line("\(unit): \(error)"))
      }
      return .ended(outcome.failures.allSatisfy(\.isInputError) ? .badInput : .failed)
    }
    return .found(try audit.findings(in: try MatrixResults(folder: folder)))
  }

  private func runCells(_ plan: MatrixPlan, folder: String) throws -> MatrixOutcome {
    let runner = try MatrixRunner(
      plan, folder: folder,
      jobs: arguments.int("jobs") ?? ProcessInfo.processInfo.activeProcessorCount,
      version: CommandSpec.rampartVersion)
    let stop = StopRequest()
    let interruption = Interruption { stop.ask() }
    defer { interruption.end() }
    return try runner.run(stop: stop) { event in
      guard case .finished(let unit, _, let seconds) = event else { return }
      Terminal.error.writeLine(
        "\(plan.title(unit)): \(ProgressMeter.time(seconds))")
    }
  }
}
