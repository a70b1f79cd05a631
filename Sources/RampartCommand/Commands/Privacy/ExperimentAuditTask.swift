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
      selection: Selection(unsharded: arguments),
      significance: arguments.double("significance") ?? 0.05)
  }

  func run() throws -> ExitStatus {
    for note in try audit.plan.notes() { Terminal.error.writeLine("note: \(note)") }
    for cell in audit.plan.cells {
      guard let refusal = cell.refusal else { continue }
      Terminal.error.writeLine("note: \(audit.plan.title(cell)) cannot exist: \(refusal)")
    }
    let kept = arguments.string("out")
    let folder =
      kept
      ?? FileManager.default.temporaryDirectory
      .appendingPathComponent("rampart-audit-\(UUID().uuidString)").path
    defer { if kept == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let outcome = try runCells(folder: folder)
    if outcome.isStopped {
      Terminal.error.writeLine("stopped: nothing is concluded")
      return .interrupted
    }
    if !outcome.failures.isEmpty {
      for (unit, error, _) in outcome.failures {
        Terminal.error.writeLine(UserError.line("\(unit): \(error)"))
      }
      return outcome.failures.allSatisfy(\.isInputError) ? .badInput : .failed
    }
    let findings = try audit.findings(in: try MatrixResults(folder: folder))
    let text = AuditFindings(findings, unaudited: audit.unaudited)
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: text.node))
    } else {
      for line in text.lines { Terminal.output.writeLine(line) }
    }
    return findings.contains { $0.verdict == .refuted } ? .failed : .done
  }

  private func runCells(folder: String) throws -> MatrixOutcome {
    let runner = try MatrixRunner(
      audit.plan, folder: folder,
      jobs: arguments.int("jobs") ?? ProcessInfo.processInfo.activeProcessorCount,
      version: CommandSpec.rampartVersion)
    let stop = StopRequest()
    let interruption = Interruption { stop.ask() }
    defer { interruption.end() }
    return try runner.run(stop: stop) { event in
      guard case .finished(let unit, _, let seconds) = event else { return }
      Terminal.error.writeLine(
        "\(audit.plan.title(unit)): \(ProgressMeter.time(seconds))")
    }
  }
}
