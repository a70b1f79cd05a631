internal import CommandLineTools
internal import Experiments
internal import Reports

extension CommandSpec {
  /// `rampart report`.
  static let report = CommandSpec(
    "report",
    abstract: "Show the matrix of a run directory.",
    discussion:
      "With --format latex and --output the publication figures lie beside the file: frontiers, ROC "
      + "on log-log axes and learning curves, each as script, data and, where gnuplot is installed, "
      + "PDF.\n\nThe columns of csv, one row a cell and seed:\n\n"
      + Report.csvColumns.map { column in
        "  \(column.name.padded(to: 22)) \(column.meaning)"
      }.joined(separator: "\n"),
    parameters: [
      .argument(
        "RUN", "A run directory; two with --compare.", .variadic(minimum: 1), kind: .folder),
      .option(
        "format", "FORMAT", "table, html, csv, json, latex or markdown.",
        kind: .oneOf("format", ReportFormat.allCases.map(\.rawValue)), default: "table"),
      .flag("compare", "What changed from the first RUN to the second, cell by cell."),
      .option("output", "FILE", "Where to write; standard output without it.", kind: .file),
    ]
  ) { arguments in
    let runs = arguments.positionals("RUN")
    if arguments.flag("compare") { return try compare(runs, arguments) }
    guard runs.count == 1, let run = runs.first else {
      throw UserError(
        "report takes one RUN; two are compared with --compare, shards of one experiment are joined "
          + "by 'rampart merge'")
    }
    let results = try MatrixResults(folder: run)
    let format = ReportFormat(rawValue: arguments.string("format") ?? "") ?? .table
    let output = arguments.string("output")
    let terminal = Terminal.output
    let report = Report(results)
    let base = output.map { FigureFiles.base(of: $0) }
    let text = report.text(
      format,
      options: ReportOptions(
        width: output == nil ? terminal.width : 100,
        usesColour: output == nil && terminal.usesColour, command: nil, figureBase: base))
    if let output {
      try TextFile.write(text, to: output)
      if format == .latex {
        for line in try FigureFiles.write(report.figures, beside: output) {
          Terminal.error.writeLine(line)
        }
      }
    } else {
      terminal.write(text.hasSuffix("\n") ? text : text + "\n")
    }
    return .done
  }
  /// `rampart report --compare A B`.
  private static func compare(_ runs: [String], _ arguments: ParsedArguments) throws -> ExitStatus {
    guard runs.count == 2 else {
      throw UserError("--compare takes two run directories, got \(runs.count)")
    }
    let format = ReportFormat(rawValue: arguments.string("format") ?? "") ?? .table
    let changes = try RunChanges(MatrixResults(folder: runs[0]), MatrixResults(folder: runs[1]))
    let output = arguments.string("output")
    let terminal = Terminal.output
    let options = ReportOptions(
      width: output == nil ? terminal.width : 100,
      usesColour: output == nil && terminal.usesColour)
    guard let text = changes.text(format, options: options) else {
      let formats = RunChanges.formats.map(\.rawValue).joined(separator: ", ")
      throw UserError("--compare has no form \(format.rawValue); it has \(formats)")
    }
    if let output {
      try TextFile.write(text, to: output)
    } else {
      terminal.write(text)
    }
    return .done
  }
}
