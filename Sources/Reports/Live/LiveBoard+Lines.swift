internal import CommandLineTools
internal import Experiments
internal import Foundation

extension LiveBoard {
  /// The board for a terminal of `width` columns: as many of the tables as fit in `height` lines,
  /// those at work first, then what is under way with its course so far, and how far all is.
  ///
  /// - Parameter now: Seconds since 1970.
  public func lines(width: Int, height: Int, usesColour: Bool, now: Double) -> [String] {
    let ink = Ink(usesColour: usesColour)
    let courses = courses(width: width, most: max(1, height / 3), ink: ink)
    let pace = ink.styled("\(name)  \(pace(at: now))".truncated(to: width), .bold)
    var room = height - 1 - courses.count - 1
    var tables: [String] = []
    var hidden = 0
    let atWork = Set(runs.map(\.cell))
    let (busy, quiet) = blocks.reduce(into: ([MatrixBlock](), [MatrixBlock]())) { parts, block in
      if block.cells.contains(where: { atWork.contains($0.cell.summary.cell) }) {
        parts.0.append(block)
      } else {
        parts.1.append(block)
      }
    }
    for block in busy + quiet {
      let table = table(block, width: width, ink: ink)
      guard table.count + 1 <= room - (blocks.count > 1 ? 1 : 0) else {
        hidden += 1
        continue
      }
      tables += table + [""]
      room -= table.count + 1
    }
    if hidden > 0, hidden < blocks.count {
      let more = hidden == 1 ? "1 more table does" : "\(hidden) more tables do"
      tables.append(ink.styled("\(more) not fit here".truncated(to: width), .dim))
    }
    return tables + courses + [pace]
  }

  /// A line about a cell that is complete: `12/23 cells  alie / krum  71.2% (5 seeds)  38 s left`.
  ///
  /// - Parameter now: Seconds since 1970.
  public func line(about cell: Int, now: Double) -> String {
    let (finals, failed, count) = course(of: cell)
    var parts = ["\(completeCells)/\(cellCount) cells", titles[cell] ?? "?"]
    if !finals.isEmpty {
      let mean = finals.reduce(0, +) / Double(finals.count)
      let seeds = finals.count == 1 ? "" : " (mean of \(finals.count) seeds)"
      parts.append("\(Numbers.percent(mean))%\(seeds)")
    }
    if failed > 0 { parts.append("\(failed) of \(count) failed") }
    if let left = pace(at: now).components(separatedBy: "  ").last, left.hasSuffix("left") {
      parts.append(left)
    }
    return parts.joined(separator: "  ")
  }

  /// What is under way, a line each.
  private func courses(width: Int, most: Int, ink: Ink) -> [String] {
    let shown = runs.prefix(most)
    let titles = shown.map { title($0) }
    let room = max(8, min(titles.map(\.displayWidth).max() ?? 0, width / 2))
    let digits = shown.map { "\($0.rounds)".count }.max() ?? 1
    var lines = zip(shown, titles).map { run, title in
      let round =
        run.rounds == 0
        ? "begins" : "round \("\(run.round)".padded(to: digits, .right))/\(run.rounds)"
      let accuracy =
        run.accuracies.last.map { "\(Numbers.percent($0))%".padded(to: 6, .right) } ?? ""
      let text = "\(title.truncated(to: room).padded(to: room))  \(round)  \(accuracy)"
      let left = width - text.displayWidth - 2
      guard left >= 4 else { return text.truncated(to: width) }
      return text + "  "
        + ink.styled(Sparkline.text(run.accuracies, width: min(40, left), isWhole: true), .share(2))
    }
    if runs.count > most { lines.append("… and \(runs.count - most) more under way") }
    return lines.map(TextLayout.trimmed)
  }

  // MARK: - Tables

  private func table(_ block: MatrixBlock, width: Int, ink: Ink) -> [String] {
    let defenses = block.defenses.filter { !$0.isImpossible }
    let grid = TextGrid(
      labels: defenses.map(\.label),
      columns: block.attacks.indices.map { column in
        TextGrid.Column(
          header: block.attacks[column].label,
          cells: defenses.map { row in
            row.cells[column].map { cell($0.summary) } ?? word("–", .dim)
          })
      })
    let density =
      TextGrid.Density.ladder.first { grid.fits($0, width: width) } ?? .split
    let title = block.title.isEmpty ? [] : [ink.styled(block.title.truncated(to: width), .bold)]
    return title + grid.lines(density, width: width, ink: ink)
  }

  private func cell(_ summary: MatrixResults.CellSummary) -> TextGrid.Cell {
    if summary.verdict == .notApplicable { return word("n/a", .dim) }
    let (finals, failed, count) = course(of: summary.cell)
    if failed > 0 { return word("failed", .bad) }
    if let run = runs.first(where: { $0.cell == summary.cell }) {
      return word(
        run.accuracies.isEmpty
          ? "…" : Sparkline.text(run.accuracies, width: 5, isWhole: true), .share(2))
    }
    guard !finals.isEmpty else { return word("·", .dim) }
    guard finals.count == count else { return word("\(finals.count)/\(count)", .dim) }
    let mean = finals.reduce(0, +) / Double(finals.count)
    return TextGrid.Cell(value: Numbers.percent(mean).padded(to: 5, .right))
  }

  /// A word as wide as all others, so that columns stay where they are.
  private func word(_ text: String, _ style: Ink.Style) -> TextGrid.Cell {
    TextGrid.Cell(word: text.padded(to: 5, .right), style: style)
  }
}
