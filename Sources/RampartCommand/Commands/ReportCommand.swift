internal import CommandLineTools
internal import Experiments
internal import Reports

extension CommandSpec {
  /// `rampart report`.
  static let report = CommandSpec(
    "report",
    abstract: "Show the matrix of a run directory.",
    discussion:
      "With --format latex and --output the publication figures lie beside the file: script, "
      + "data and, where gnuplot is installed, PDF.\n\nThe columns of csv, one row a cell and seed:\n\n"
      + Report.csvColumns.map { column in
        "  \(column.name.padded(to: 22)) \(column.meaning)"
      }.joined(separator: "\n"),
    parameters: [
      .argument("RUN", "A run directory.", kind: .folder),
      .option(
        "format", "FORMAT", "table, html, csv, json or latex.",
        kind: .oneOf("format", ReportFormat.allCases.map(\.rawValue)), default: "table"),
      .option("output", "FILE", "Where to write; standard output without it.", kind: .file),
    ]
  ) { arguments in
    let results = try MatrixResults(folder: arguments.positional("RUN") ?? "")
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
}
