internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation

extension MatrixResults.CellSummary.Observed {
  /// `adaptive`, `non-adaptive only`, or nil where nothing defends.
  var adaptivityWord: String? {
    adaptivity.map { $0.wasRun ? "adaptive" : "non-adaptive only" }
  }
}

extension MatrixBlock {
  /// The columns of attacks that are held to what they concluded, with the figure's name.
  var observedColumns: [(column: Int, figure: String)] {
    attacks.indices.compactMap { column in
      guard let measure = attacks[column].control?.reading.measure,
        case .figure(let name) = measure
      else { return nil }
      return (column, name)
    }
  }
}

/// What attacks that read along concluded: a table for each block, each defense met by an attacker who
/// does not know it and by one who does.
extension Report {
  /// The names of the figures that attacks are held to.
  var observedFigures: [String] {
    Self.distinct(blocks.flatMap { $0.observedColumns.map(\.figure) })
  }

  /// The tables with what they mean; empty without such attacks.
  func observationLines(width: Int, ink: Ink) -> [String] {
    var lines: [String] = []
    for figure in observedFigures {
      lines +=
        [""]
        + TextLayout.paragraph("What was seen: \(figure)", width: width)
        .map { ink.styled($0, .bold) }
      var marks: Set<String> = []
      for block in blocks {
        let grid = observedGrid(block, figure: figure)
        guard !grid.columns.isEmpty else { continue }
        marks.formUnion(grid.columns.flatMap { $0.cells.map(\.mark) })
        let density =
          TextGrid.Density.ladder.first { grid.fits($0, width: width) } ?? .split
        lines.append("")
        if !block.setting.isEmpty {
          lines += TextLayout.paragraph(block.title, width: width).map { ink.styled($0, .bold) }
        }
        lines += grid.lines(density, width: width, ink: ink)
      }
      lines.append("")
      lines += TextLayout.paragraph(observationMeaning, width: width)
      for (mark, meaning) in Self.observationMarks
      where marks.contains(where: { $0.contains(mark) }) {
        lines += TextLayout.paragraph(meaning, first: "\(mark)  ", width: width)
      }
    }
    return lines
  }

  /// What the figures are.
  var observationMeaning: String {
    let spread =
      switch usualSeedCount {
      case 1: "one seed"
      case 2..<5: "mean (least–greatest) over \(usualSeedCount) seeds"
      default: "mean over \(usualSeedCount) seeds ± half of the 95% t interval"
      }
    return "Larger is worse for the defender; \(spread). Under a defense each run counts the worse "
      + "of two attackers: plain, who does not know the defense, and adaptive, who does."
  }

  /// The marks of these tables.
  static let observationMarks: [(mark: Character, meaning: String)] = [
    ("v", "void: the attack failed its control, or found nothing; that is no protection"),
    (
      "n", "non-adaptive only: no attack that knows the defense is known; no evidence of protection"
    ),
    ("o", "outside what the defense promises: the attacker uses what only the trusted server has"),
  ]

  /// The table of a block: without columns where the figure stands for no attack of it.
  func observedGrid(_ block: MatrixBlock, figure: String) -> TextGrid {
    let digits = observedDigits(figure)
    let chosen = block.observedColumns.filter { $0.figure == figure }.map(\.column)
    let rows = block.defenses.filter { row in
      chosen.contains { column in
        row.cells[column].map { $0.summary.verdict != .notApplicable } ?? false
      }
    }
    var labels: [String] = []
    var cells = chosen.map { _ in [TextGrid.Cell]() }
    for row in rows {
      let isDefended = chosen.contains { row.cells[$0]?.summary.observed?.adaptivity != nil }
      labels.append(row.label)
      for (place, column) in chosen.enumerated() {
        cells[place].append(observed(row.cells[column], digits) { $0.worse })
      }
      guard isDefended else { continue }
      labels += ["  plain", "  adaptive"]
      for (place, column) in chosen.enumerated() {
        cells[place].append(
          side(row.cells[column], digits) { $0.adaptivity?.wasRun == false ? $0.worse : $0.plain })
        cells[place].append(side(row.cells[column], digits) { $0.adaptive })
      }
    }
    guard !labels.isEmpty else { return TextGrid(labels: [], columns: []) }
    return TextGrid(
      labels: labels,
      columns: zip(chosen, cells).map { column, cells in
        TextGrid.Column(
          header: block.attacks[column].label,
          note: block.attacks[column].control?.verdict == .void ? "void" : "", cells: cells)
      })
  }

  private func observed(
    _ cell: BlockCell?, _ digits: Int,
    _ value: (MatrixResults.CellSummary.Observed) -> Estimate?
  ) -> TextGrid.Cell {
    guard let cell else { return .init(word: "–") }
    let summary = cell.summary
    switch summary.verdict {
    case .notApplicable: return .init(word: "n/a", style: .dim)
    case .failed: return .init(word: "failed", style: .bad)
    default: break
    }
    guard let observed = summary.observed, let estimate = value(observed) else {
      return .init(word: summary.verdict == .pending ? "pending" : "nothing", style: .dim)
    }
    let isVoid = summary.verdict == .void
    return TextGrid.Cell(
      value: Numbers.fixed(estimate.mean, digits: digits),
      spread: Self.plainSpread(estimate, digits: digits),
      mark: (isVoid ? "v" : "") + (observed.isNonAdaptiveOnly ? "n" : "")
        + (cell.outsidePromiseOf == nil ? "" : "o"),
      style: isVoid ? .dim : .plain)
  }

  /// The same for one of both attackers: without marks, and a dash where there is none.
  private func side(
    _ cell: BlockCell?, _ digits: Int,
    _ value: (MatrixResults.CellSummary.Observed) -> Estimate?
  ) -> TextGrid.Cell {
    guard let observed = cell?.summary.observed, let estimate = value(observed) else {
      return .init(
        word: cell?.summary.observed?.isNonAdaptiveOnly == true ? "none" : "–", style: .dim)
    }
    return TextGrid.Cell(
      value: Numbers.fixed(estimate.mean, digits: digits),
      spread: Self.plainSpread(estimate, digits: digits), style: .dim)
  }

  /// Decimals of a figure: three where all of its values are shares, or areas under a curve, as far
  /// as their size tells; one where some are larger.
  private func observedDigits(_ figure: String) -> Int {
    let largest = blocks.flatMap { block in
      block.observedColumns.filter { $0.figure == figure }.flatMap { column, _ in
        block.defenses.compactMap { $0.cells[column]?.summary.observed?.worse }
      }
    }.map { max(abs($0.minimum), abs($0.maximum)) }.max()
    return largest.map { $0 <= 1 ? 3 : 1 } ?? 1
  }

  /// `±1.2`, or `(0.9–3.5)` below five seeds.
  static func plainSpread(_ estimate: Estimate, digits: Int = 1) -> String {
    if let halfWidth = estimate.halfWidth { return "±\(Numbers.fixed(halfWidth, digits: digits))" }
    if estimate.count == 1 { return "" }
    return "(\(Numbers.fixed(estimate.minimum, digits: digits))–"
      + "\(Numbers.fixed(estimate.maximum, digits: digits)))"
  }
}
