internal import CommandLineTools
internal import Experiments

extension RunChanges {
  /// For a terminal: what changed as aligned text, then what exists in one run only.
  func table(_ options: ReportOptions) -> String {
    let ink = Ink(usesColour: options.usesColour)
    var lines = [
      Self.line("A", comparison.first), Self.line("B", comparison.second), "",
    ].flatMap { $0.isEmpty ? [""] : TextLayout.paragraph($0, width: options.width) }
    lines += sentences.flatMap { TextLayout.paragraph($0, width: options.width) }
    var cells: [String] = []
    for row in rows where cells.last != row.cell { cells.append(row.cell) }
    for cell in cells {
      let own = rows.filter { $0.cell == cell }
      let grid = TextGrid(
        labels: own.map { "  \($0.figure)" },
        columns: [
          TextGrid.Column(header: "A", cells: own.map(\.first)),
          TextGrid.Column(header: "B", cells: own.map(\.second)),
          TextGrid.Column(header: "B − A", cells: own.map(\.difference)),
        ])
      let density =
        TextGrid.Density.ladder.first { grid.fits($0, width: options.width) } ?? .split
      lines.append("")
      lines += TextLayout.paragraph(cell, width: options.width).map { ink.styled($0, .bold) }
      lines += grid.lines(density, width: options.width, ink: ink)
    }
    for (name, results, only) in lonely where !only.isEmpty {
      lines.append("")
      lines += TextLayout.paragraph(
        "Only in \(name), \(Numbers.count(only.count, "cell")):", width: options.width)
      for cell in only {
        lines += TextLayout.paragraph(
          "\(Self.title(cell, of: results)): \(Self.figure(cell))", first: "  ",
          width: options.width)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What exists in one run only.
  var lonely: [(name: String, results: MatrixResults, cells: [MatrixResults.CellSummary])] {
    [
      ("A", comparison.first, comparison.onlyInFirst),
      ("B", comparison.second, comparison.onlyInSecond),
    ]
  }

  /// A cell's verdict and accuracy in a few words.
  static func figure(_ cell: MatrixResults.CellSummary) -> String {
    guard let accuracy = cell.accuracy else { return cell.verdict.rawValue }
    let figure = ComparisonGrids.cell(accuracy, .percent)
    let spread = figure.spread.isEmpty ? "" : " \(figure.spread)"
    return "\(cell.verdict.rawValue), \(figure.value)\(spread)% accuracy"
  }
}
