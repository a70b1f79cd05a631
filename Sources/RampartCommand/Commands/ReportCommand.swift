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
        "format", "FORMAT", "table, html, csv, json, latex, markdown, or svg: one frontier.",
        kind: .oneOf("format", ReportFormat.allCases.map(\.rawValue) + [svg]), default: "table"),
      .option(
        "frontier", "N", "Of svg: which frontier, in the page's order from 1.",
        kind: .integer(in: 1...Int.max)),
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
    let report = Report(results)
    if arguments.string("format") == svg { return try picture(report, arguments) }
    if arguments.string("frontier") != nil { throw UserError("--frontier needs --format svg") }
    let format = ReportFormat(rawValue: arguments.string("format") ?? "") ?? .table
    let output = arguments.string("output")
    let terminal = Terminal.output
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

  /// The format that is a picture.
  private static let svg = "svg"

  /// `rampart report RUN --format svg`.
  private static func picture(
    _ report: Report, _ arguments: ParsedArguments
  ) throws -> ExitStatus {
    let number = arguments.int("frontier") ?? 1
    guard let picture = report.frontierPicture(number) else {
      let titles = report.frontierTitles.enumerated().map { "\n  \($0 + 1)  \($1)" }.joined()
      throw UserError(
        titles.isEmpty
          ? "this run has no frontier: it takes two choices with accuracy and a figure each"
          : "there is no frontier \(number); --frontier takes one of:\(titles)")
    }
    if let output = arguments.string("output") {
      try TextFile.write(picture, to: output)
    } else {
      Terminal.output.write(picture)
    }
    return .done
  }

  /// `rampart report --compare A B`.
  private static func compare(_ runs: [String], _ arguments: ParsedArguments) throws -> ExitStatus {
    guard runs.count == 2 else {
      throw UserError("--compare takes two run directories, got \(runs.count)")
    }
    let asked = arguments.string("format") ?? ""
    let format = ReportFormat(rawValue: asked) ?? .table
    let changes = try RunChanges(MatrixResults(folder: runs[0]), MatrixResults(folder: runs[1]))
    let output = arguments.string("output")
    let terminal = Terminal.output
    let options = ReportOptions(
      width: output == nil ? terminal.width : 100,
      usesColour: output == nil && terminal.usesColour)
    guard asked != svg, let text = changes.text(format, options: options) else {
      let formats = RunChanges.formats.map(\.rawValue).joined(separator: ", ")
      throw UserError("--compare has no form \(asked); it has \(formats)")
    }
    if let output {
      try TextFile.write(text, to: output)
    } else {
      terminal.write(text)
    }
    return .done
  }
}
