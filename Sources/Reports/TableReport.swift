internal import CommandLineTools
internal import Experiments

extension Report {
  /// The matrix for a terminal: a table for each combination of everything but attack and defense,
  /// then what the marks mean, the controls, what is missing and why. No line is longer than
  /// `options.width` (at least 24).
  ///
  /// What does not fit loses first its air, then has its labels broken, then loses the column of
  /// losses, then the intervals, and at last is split into tables one below the other.
  func table(_ options: ReportOptions) -> String {
    let width = max(24, options.width)
    let ink = Ink(usesColour: options.usesColour)
    let grids = blocks.map { grid($0) }
    let density =
      TextGrid.Density.ladder.first { density in
        grids.allSatisfy { $0.fits(density, width: width) }
      } ?? .split
    var lines = opening(width: width, ink: ink)
    for (block, grid) in zip(blocks, grids) where showsMatrix {
      lines.append("")
      if !block.setting.isEmpty {
        lines += TextLayout.paragraph(block.title, width: width).map { ink.styled($0, .bold) }
      }
      lines += grid.lines(density, width: width, ink: ink)
      let impossible = block.defenses.filter(\.isImpossible).map(\.label)
      if !impossible.isEmpty {
        lines += TextLayout.paragraph("n/a throughout: \(impossible.list())", width: width)
      }
      if !block.onGroups.isEmpty {
        lines += TextLayout.paragraph(
          "\(block.onGroups.list()) \(MatrixBlock.groupsMeaning)", width: width)
      }
    }
    let legend = showsMatrix ? legend(density: density, width: width) : []
    if !legend.isEmpty { lines += [""] + legend }
    lines += observationLines(width: width, ink: ink)
    lines += privacyLines(width: width, ink: ink)
    lines += comparisonLines(width: width, ink: ink)
    let sections = notes(width: width, ink: ink)
    for section in sections where !section.isEmpty { lines += [""] + section }
    return lines.joined(separator: "\n") + "\n"
  }

  private func opening(width: Int, ink: Ink) -> [String] {
    let named = showsMatrix ? common : common.filter { $0.axis != .threat }
    let shared = named.map { $0.axis == .threat ? threat($0.label) : "\($0.axis) \($0.label)" }
    return TextLayout.paragraph(results.name, width: width).map { ink.styled($0, .bold) }
      + (showsMatrix
        ? TextLayout.paragraph("Final test accuracy in percent: \(spreadMeaning).", width: width)
        : TextLayout.paragraph(
          "Nobody attacks; \(Numbers.count(seeds.count, "seed")).", width: width))
      + TextLayout.paragraph(shared.joined(separator: " · "), width: width)
  }

  private func threat(_ label: String) -> String {
    let counts = Set(results.cells.map(\.description.colluders)).sorted()
    return "threat \(label) (\(counts.map(String.init).list("or")) colluding)"
  }

  /// What the figure in a cell and the one beside it are.
  var spreadMeaning: String {
    switch usualSeedCount {
    case 1: "one seed, so no interval and no best defense"
    case 2..<5:
      "mean (least–greatest) over \(usualSeedCount) seeds, too few for intervals and for naming "
        + "a best defense"
    default: "mean over \(usualSeedCount) seeds ± half of the 95% t interval"
    }
  }

  // MARK: - Cells

  /// The block as a table of figures: a row a defense that can exist somewhere.
  func grid(_ block: MatrixBlock) -> TextGrid {
    let defenses = block.defenses.filter { !$0.isImpossible }
    var columns = block.attacks.indices.map { column in
      TextGrid.Column(
        header: block.attacks[column].label,
        note: block.attacks[column].control?.verdict == .void ? "void" : "",
        cells: defenses.map { row in row.cells[column].map(figure) ?? .init(word: "–") })
    }
    if defenses.contains(where: { $0.worst != nil }) {
      columns.append(
        TextGrid.Column(header: "worst", isRepeated: true, cells: defenses.map(worst)))
      columns.append(
        TextGrid.Column(header: "lost", isOptional: true, cells: defenses.map(lost)))
    }
    return TextGrid(labels: defenses.map(\.label), columns: columns)
  }

  private func figure(_ cell: BlockCell) -> TextGrid.Cell {
    guard let accuracy = cell.accuracy else {
      switch cell.summary.verdict {
      case .notApplicable: return .init(word: "n/a", style: .dim)
      case .failed: return .init(word: "failed", style: .bad)
      default:
        let done = cell.finished == 0 ? "pending" : "\(cell.finished)/\(cell.rows.count) done"
        return .init(word: done, style: .dim)
      }
    }
    var figure = figure(accuracy)
    let step = cell.shortfall.map { HeatScale.step($0.mean) }
    switch cell.summary.verdict {
    case .void: (figure.mark, figure.style) = ("v", .dim)
    case .pending: (figure.mark, figure.style) = ("?", .dim)
    case .valid:
      figure.style = step.map { cell.standing == nil ? .heat($0) : .best($0) } ?? .plain
      if cell.standing != nil { figure.mark = "*" }
    case .clean: figure.style = step.map { .heat($0) } ?? .plain
    case .failed, .notApplicable: break
    }
    return figure
  }

  private func worst(_ row: MatrixBlock.Row) -> TextGrid.Cell {
    guard let worst = row.worst, let cell = row.cells[worst.column] else {
      return .init(word: "–", style: .dim)
    }
    var figure = figure(worst.accuracy)
    if worst.isUpperBound { figure.value = "≤" + figure.value }
    figure.style = cell.shortfall.map { .heat(HeatScale.step($0.mean)) } ?? .plain
    return figure
  }

  private func lost(_ row: MatrixBlock.Row) -> TextGrid.Cell {
    guard let worst = row.worst, let loss = row.cells[worst.column]?.summary.accuracyLoss else {
      return .init(word: "–", style: .dim)
    }
    return figure(loss)
  }

  private func figure(_ estimate: Estimate) -> TextGrid.Cell {
    TextGrid.Cell(
      value: Numbers.percent(estimate.mean),
      spread: Self.spread(estimate, usualCount: usualSeedCount))
  }

  /// `±1.2`, or `(91.0–93.5)` below five seeds; with the number of seeds where it is not the usual.
  static func spread(_ estimate: Estimate, usualCount: Int) -> String {
    let count = estimate.count == usualCount ? "" : "n=\(estimate.count)"
    if let halfWidth = estimate.halfWidth {
      return "±\(Numbers.percent(halfWidth))" + (count.isEmpty ? "" : " \(count)")
    }
    if estimate.count == 1 { return count }
    let range = "\(Numbers.percent(estimate.minimum))–\(Numbers.percent(estimate.maximum))"
    return count.isEmpty ? "(\(range))" : "(\(range), \(count))"
  }
}
