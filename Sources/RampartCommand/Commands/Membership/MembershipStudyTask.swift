internal import CommandLineTools
internal import Components
internal import Experiments
internal import FileFormats
internal import Foundation
internal import MembershipInference

/// One run of `rampart membership EXPERIMENT.yaml`.
struct MembershipStudyTask {
  let study: MembershipStudy
  let arguments: ParsedArguments
  /// The run directory.
  let folder: String

  init(_ path: String, _ arguments: ParsedArguments) throws {
    self.arguments = arguments
    if arguments.int("target") != nil || arguments.string("kind") != nil {
      throw UserError(
        "--target and --kind are for --scores; of an experiment each model is a target")
    }
    var options = MembershipStudy.Options()
    options.models = arguments.int("models") ?? options.models
    options.activeModels = arguments.int("active-models") ?? max(1, options.models / 2)
    options.audited = arguments.int("audited") ?? options.audited
    let words = arguments.string("attack") ?? ""
    options.scores = try MembershipTask.attacks(
      words == "all" ? membershipScoreCatalogue.map { $0.card.name } : MembershipTask.split(words))
    options.evaluation = ScoreEvaluation.Options(
      significance: 1 - (arguments.double("confidence") ?? 0.95),
      resamples: arguments.int("resamples") ?? 1000, seed: UInt64(arguments.int("seed") ?? 0))
    let plan = try MatrixPlan(
      try Experiment.read(path: path), selection: Selection(only: arguments.pairs("only")))
    if arguments.flag("simultaneous") {
      let attacks = options.scores.count + plan.experiment.entries(.attack).count
      options.evaluation.comparisons = attacks * (2 + options.evaluation.rates.count)
    }
    folder = arguments.string("out") ?? "runs/\(plan.experiment.name)-membership"
    options.folder = "\(folder)/federations"
    study = try MembershipStudy(plan, options: options)
  }

  func run() throws -> ExitStatus {
    let jobs = ChainArguments.workers(arguments)
    let results: MembershipResults
    do {
      if arguments.flag("quiet") {
        results = try study.run(jobs: jobs)
      } else {
        let meter = ProgressMeter(
          total: study.runs, alreadyDone: try study.finishedRuns(), unit: "federations")
        results = try study.run(jobs: jobs) { meter.advance() }
        meter.finish()
      }
    } catch let error as MembershipStudyError { throw UserError("\(error)") }
    let report = MembershipStudyReport(
      results, confidence: 1 - study.options.evaluation.significance)
    let page = arguments.string("html") ?? "\(folder)/report.html"
    try TextFile.write(report.csv, to: arguments.string("roc") ?? "\(folder)/roc.csv")
    try TextFile.write(report.figure.svg, to: arguments.string("svg") ?? "\(folder)/roc.svg")
    try TextFile.write(
      MembershipStudyPage(report: report, command: CommandSpec.commandLine).html, to: page)
    for warning in report.warnings { Terminal.error.writeLine("warning: \(warning)") }
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: report.node))
    } else {
      for line in report.lines + ["Report: \(page)"] { Terminal.output.writeLine(line) }
    }
    return .done
  }
}
