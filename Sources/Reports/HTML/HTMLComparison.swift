internal import Experiments

/// Entries of an axis side by side, with their paired differences.
extension Report {
  var comparisonSection: Markup {
    if comparisons.isEmpty { return "" }
    let tables = comparisons.map { comparison -> Markup in
      let grids = ComparisonGrids(comparison, targets: results.targets)
      let parts = grids.parts.map { table($0, title: grids.title) }
      let notes = grids.notes.map { "<li>\($0)</li>" as Markup }
      return """
        <h3>\(grids.title)</h3>
        \(parts.joined("\n"))
        <ul class="plain">\(notes)</ul>
        """
    }
    return """
      <section aria-labelledby="comparison">
      <h2 id="comparison">Comparison</h2>
      \(tables.joined("\n"))
      </section>
      """
  }

  private func table(_ part: ComparisonGrids.Part, title: String) -> Markup {
    let heads = part.grid.columns.map { "<th scope=\"col\">\($0.header)</th>" as Markup }
    let rows = part.grid.labels.indices.map { row -> Markup in
      let cells = part.grid.columns.map { column -> Markup in
        "<td>\(figure(column.cells[row]))</td>"
      }
      return "<tr><th scope=\"row\">\(broken(part.grid.labels[row]))</th>\(cells)</tr>"
    }
    return .scrolling(
      """
      <table class="seeds">
      <caption>\(part.heading)</caption>
      <thead><tr><th scope="col">entry</th>\(heads)</tr></thead>
      <tbody>
      \(rows.joined("\n"))
      </tbody>
      </table>
      """, label: "\(title): \(part.heading)")
  }

  private func figure(_ cell: TextGrid.Cell) -> Markup {
    if !cell.word.isEmpty { return "\(cell.word)" }
    if cell.value.isEmpty { return "" }
    let spread = cell.spread.isEmpty ? "" : " \(cell.spread)"
    return "<span class=\"n\">\(cell.value)\(spread)\(cell.mark)</span>"
  }
}
