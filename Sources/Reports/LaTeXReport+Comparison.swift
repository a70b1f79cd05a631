internal import Experiments

extension Report {
  /// A `table` environment for each comparison: the figures after the last round, then one tabular a
  /// target.
  func latexComparisons() -> TeX {
    let tables = comparisons.enumerated().map { index, comparison -> TeX in
      let grids = ComparisonGrids(comparison, targets: results.targets)
      let label =
        "tab:" + slug(results.name) + "-comparison"
        + (comparisons.count > 1 ? "-\(index + 1)" : "")
      return """
        \\begin{table}
          \\centering
          \\small
          \\caption{\(results.name): \(grids.title). \(shared)}
          \\label{\(label)}
        \(grids.parts.map(tabular), separator: "")\
          \\par\\medskip
          \\begin{minipage}{\\linewidth}\\footnotesize
            \(grids.notes.map { "\($0)" as TeX }, separator: "\n    ")
          \\end{minipage}
        \\end{table}

        """
    }
    return "\(tables, separator: "\n")"
  }

  private var shared: TeX {
    "Common to all: \(common.map { "\($0.axis) \($0.label)" }.joined(separator: ", "))."
  }

  private func tabular(_ part: ComparisonGrids.Part) -> TeX {
    let heads = part.grid.columns.map { "\($0.header)" as TeX }
    let rows = part.grid.labels.indices.map { row -> TeX in
      let cells = part.grid.columns.map { figure($0.cells[row]) }
      let label = part.grid.labels[row]
      let shown: TeX = label.hasPrefix(" ") ? "\\quad \(label)" : "\(label)"
      return "    \(shown) & \(cells, separator: " & ") \\\\\n"
    }
    return """
        \\par\\medskip
        \(part.heading)\\\\[0.5ex]
        \\begin{tabular}{l\(raw: String(repeating: "r", count: heads.count))}
          \\toprule
          entry & \(heads, separator: " & ") \\\\
          \\midrule
      \(rows, separator: "")    \\bottomrule
        \\end{tabular}

      """
  }

  private func figure(_ cell: TextGrid.Cell) -> TeX {
    if !cell.word.isEmpty { return "\(cell.word)" }
    if cell.value.isEmpty { return "" }
    let spread: TeX = cell.spread.isEmpty ? "" : " \(cell.spread)"
    return "\(cell.value)\(spread)\(cell.mark)"
  }
}
