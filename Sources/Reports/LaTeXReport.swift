internal import Experiments

extension Report {
  /// A `table` environment for each combination of everything but attack and defense, to include in
  /// a paper that loads `booktabs` (and nothing else).
  ///
  /// Wide tables are split into tabulars one below the other under one caption. What is void stands
  /// in parentheses with a dagger, what cannot exist is `n/a`.
  ///
  /// With `options.figureBase` a `figure` for each of `figures` follows, which needs `graphicx`; a
  /// figure that was not drawn leaves its place with a word of what to run.
  func latex(_ options: ReportOptions) -> String {
    let figures = options.figureBase == nil ? [] : figures
    let head: TeX = """
      % \(results.name)
      % Needs \\usepackage{booktabs}\(raw: figures.isEmpty ? "" : " and \\usepackage{graphicx}").

      """
    let drawn = figures.enumerated().map { place, drawn in
      // LaTeX refuses more floats at once than it has boxes for.
      (place > 0 && place % 12 == 0 ? "\\clearpage\n" : "")
        + figure(drawn, base: options.figureBase ?? "").text
    }
    let matrix = showsMatrix ? blocks.map { table($0).text } : []
    let comparison = comparisons.isEmpty ? [] : [latexComparisons().text]
    return head.text + (matrix + comparison + drawn).joined(separator: "\n")
  }

  private func figure(_ figure: ReportFigure, base: String) -> TeX {
    let file = figure.name(base)
    return """
      \\begin{figure}
        \\centering
        \\IfFileExists{\(raw: file).pdf}{\\includegraphics{\(raw: file).pdf}}%
          {\\fbox{\\parbox{.8\\linewidth}{Not drawn yet: run gnuplot on \\texttt{\(file).gp}.}}}
        \\caption{\(figure.caption)}
        \\label{fig:\(raw: slug(file))}
      \\end{figure}

      """
  }

  private func table(_ block: MatrixBlock) -> TeX {
    let hasWorst = block.defenses.contains { $0.worst != nil }
    let parts = parts(block)
    let tabulars = parts.enumerated().map { index, part in
      tabular(block, part, showsWorst: hasWorst && index == parts.count - 1)
    }
    let label = "tab:" + slug(results.name) + (blocks.count > 1 ? "-\(block.index + 1)" : "")
    return """
      \\begin{table}
        \\centering
        \\small
        \\caption{\(caption(block))}
        \\label{\(label)}
        \\par\\medskip
      \(tabulars, separator: "  \\\\[1.5ex]\n")\(footnotes(block))\
      \\end{table}

      """
  }

  /// The columns of each tabular: as many as a page of the class `article` takes at this size, with
  /// room for the worst case.
  private func parts(_ block: MatrixBlock) -> [[Int]] {
    let worst = block.defenses.contains { $0.worst != nil } ? 13 : 0
    let names = block.defenses.flatMap { TextLayout.stacked($0.label, width: Self.labelWidth) }
    let room = 74 - worst - (names.map(\.count).max() ?? 0)
    var parts: [[Int]] = [[]]
    var used = 0
    for column in block.attacks.indices {
      let heading = stacked(block.attacks[column].label).map(\.count).max() ?? 0
      let hasRange = block.defenses.contains { row in
        row.cells[column]?.accuracy.map { $0.halfWidth == nil && $0.count > 1 } ?? false
      }
      let width = max(heading, hasRange ? 18 : 11) + 2
      if used + width > room && !parts[parts.count - 1].isEmpty {
        parts.append([])
        used = 0
      }
      parts[parts.count - 1].append(column)
      used += width
    }
    return parts
  }

  /// Letters of a row's label on one line, at most where it can be broken: longer ones would leave no
  /// room for figures.
  private static let labelWidth = 28

  /// A row's label in as many lines as it needs, the first beside the figures.
  private func rowLabel(_ label: String) -> TeX {
    let lines = TextLayout.stacked(label, width: Self.labelWidth).map { "\($0)" as TeX }
    return lines.count == 1
      ? "\(label)"
      : "\\begin{tabular}[t]{@{}l@{}}\(lines, separator: "\\\\")\\end{tabular}"
  }

  private func stacked(_ label: String) -> [String] { TextLayout.stacked(label, width: 14) }

  /// A heading in as many lines as it needs.
  private func heading(_ label: String) -> TeX {
    let lines = stacked(label).map { "\($0)" as TeX }
    return lines.count == 1
      ? "\(label)" : "\\shortstack[r]{\(lines, separator: "\\\\")}"
  }

  private func caption(_ block: MatrixBlock) -> TeX {
    let setting: TeX = block.setting.isEmpty ? "" : ", \(block.title)"
    let shared = common.map { "\($0.axis) \($0.label)" }.joined(separator: ", ")
    let spread: TeX =
      switch usualSeedCount {
      case 1: "one seed"
      case 2..<5: "mean and range over \(usualSeedCount) seeds"
      default: "mean $\\pm$ half width of the 95\\% $t$ interval over \(usualSeedCount) seeds"
      }
    return """
      \(results.name)\(setting): final test accuracy in percent, \(spread). \
      Rows are defenses, columns attacks. Common to all cells: \(shared).
      """
  }

  private func tabular(_ block: MatrixBlock, _ columns: [Int], showsWorst: Bool) -> TeX {
    let count = columns.count + (showsWorst ? 1 : 0)
    var head = columns.map { heading(block.attacks[$0].label) }
    if showsWorst { head.append("worst") }
    let rows = block.defenses.map { row -> TeX in
      var cells = columns.map { figure(row.cells[$0]) }
      if showsWorst { cells.append(worst(row)) }
      return "    \(rowLabel(row.label)) & \(cells, separator: " & ") \\\\\n"
    }
    return """
        \\begin{tabular}{l\(raw: String(repeating: "r", count: count))}
          \\toprule
          defense & \(head, separator: " & ") \\\\
          \\midrule
      \(rows, separator: "")    \\bottomrule
        \\end{tabular}

      """
  }

  private func figure(_ cell: BlockCell?) -> TeX {
    guard let cell else { return "--" }
    guard let accuracy = cell.accuracy else { return "\(cell.summary.verdict.rawValue)" }
    let figure = figure(accuracy, isBold: cell.standing != nil)
    switch cell.summary.verdict {
    case .void: return "(\(figure))$^{\\dagger}$"
    case .pending: return "(\(figure))$^{?}$"
    default: return figure
    }
  }

  private func worst(_ row: MatrixBlock.Row) -> TeX {
    guard let worst = row.worst else { return "--" }
    let bound: TeX = worst.isUpperBound ? "$\\leq$\\," : ""
    return "\(bound)\(figure(worst.accuracy, isBold: false))"
  }

  private func figure(_ estimate: Estimate, isBold: Bool) -> TeX {
    let percent = { (value: Double) -> TeX in
      TeX(raw: Numbers.fixed(value * 100, digits: 1, minus: "-"))
    }
    let mean: TeX =
      isBold ? "\\mathbf{\(percent(estimate.mean))}" : "\(percent(estimate.mean))"
    let count: TeX = estimate.count == usualSeedCount ? "" : "\\;(n = \(estimate.count))"
    if let halfWidth = estimate.halfWidth { return "$\(mean) \\pm \(percent(halfWidth))\(count)$" }
    if estimate.count == 1 { return "$\(mean)\(count)$" }
    let range: TeX = "[\(percent(estimate.minimum)), \(percent(estimate.maximum))]"
    return "$\(mean)\\;\(range)\(count)$"
  }

  // MARK: - What the marks mean

  private func footnotes(_ block: MatrixBlock) -> TeX {
    let cells = block.cells.map(\.cell)
    var notes: [TeX] = []
    if cells.contains(where: { $0.standing != nil }) {
      notes.append(
        "Bold: best against this attack; where several are bold, their intervals overlap.")
    }
    if cells.contains(where: { $0.summary.verdict == .void }) {
      notes.append(
        """
        $^{\\dagger}$ void: the attack failed its positive control (\(void(block))), so the figure \
        says nothing about a defense.
        """)
    }
    if cells.contains(where: { $0.summary.verdict == .pending && $0.accuracy != nil }) {
      notes.append("$^{?}$ not judged: its clean twin or control has not finished.")
    }
    if block.defenses.contains(where: { $0.worst != nil }) {
      let incomplete: TeX =
        block.defenses.contains { $0.worst?.isUpperBound == true }
        ? " ($\\leq$ where some failed or are not finished)" : ""
      notes.append(
        "Worst: the lowest mean over the attacks that passed their control\(incomplete).")
    }
    if !block.onGroups.isEmpty {
      notes.append("\(block.onGroups.list()) \(MatrixBlock.groupsMeaning).")
    }
    for impossible in Self.impossible(among: cells.map(\.summary)) {
      notes.append("n/a (\(impossible.subjects.list())): \(impossible.reason).")
    }
    if notes.isEmpty { return "" }
    return """
        \\par\\medskip
        \\begin{minipage}{\\linewidth}\\footnotesize
          \(notes, separator: "\n    ")
        \\end{minipage}

      """
  }

  private func void(_ block: MatrixBlock) -> TeX {
    let texts = block.attacks.compactMap { column -> TeX? in
      guard let control = column.control, control.verdict == .void else { return nil }
      let readings = control.result.readings.compactMap { reading in
        reading.seen.map { seen -> TeX in
          "\(reading.bound); \(reading.measure.sentence(reading.measure.text(seen.mean)))"
        }
      }
      return "\(column.label): \(readings, separator: "; nor: ")"
    }
    return "\(texts, separator: "; ")"
  }

  /// Letters and digits of `text`, lower case, with one hyphen between words.
  func slug(_ text: String) -> String {
    text.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.joined(separator: "-")
  }
}
