internal import Experiments

extension Report {
  /// Whether there is a matrix to show: an attack, or more than one defense. Without, and with
  /// something to compare, the comparison is the report.
  var showsMatrix: Bool {
    comparisons.isEmpty || blocks.contains { $0.attacks.count > 1 || $0.defenses.count > 1 }
  }

  /// The comparisons as text, each with its tables and what they mean.
  func comparisonLines(width: Int, ink: Ink) -> [String] {
    var lines: [String] = []
    var last: [String] = []
    for comparison in comparisons {
      let grids = ComparisonGrids(comparison, targets: results.targets)
      if grids.notes != last, !last.isEmpty { lines += [""] + Self.notes(last, width: width) }
      last = grids.notes
      lines.append("")
      lines += TextLayout.paragraph(grids.title, width: width).map { ink.styled($0, .bold) }
      for part in grids.parts {
        let density =
          TextGrid.Density.ladder.first { part.grid.fits($0, width: width) } ?? .split
        lines += [""] + TextLayout.paragraph(part.heading, width: width)
        lines += part.grid.lines(density, width: width, ink: ink)
      }
    }
    if !last.isEmpty { lines += [""] + Self.notes(last, width: width) }
    return lines
  }

  private static func notes(_ notes: [String], width: Int) -> [String] {
    notes.flatMap { TextLayout.paragraph($0, width: width) }
  }
}
