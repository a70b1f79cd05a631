internal import Accounting
internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation

/// What was promised and what an audit of the same run proved: a table for each block with promises.
extension Report {
  /// The heading of the tables.
  static let privacyHeading = "Privacy: what is promised, and what an audit proved"

  /// The tables, one for each block in which somebody promises something, and what they mean.
  var privacyTables: (tables: [(block: MatrixBlock, grid: TextGrid)], meaning: String) {
    var tables: [(block: MatrixBlock, grid: TextGrid)] = []
    var told: [PrivacyEvidence] = []
    for block in blocks {
      let rows = block.defenses.compactMap { row in
        Self.evidence(row).map { (label: row.label, runs: $0) }
      }
      guard !rows.isEmpty else { continue }
      told += rows.flatMap(\.runs)
      tables.append((block, privacyGrid(rows)))
    }
    return (tables, Self.privacyMeaning(told))
  }

  /// The tables with what they mean; empty where nobody promises anything.
  func privacyLines(width: Int, ink: Ink) -> [String] {
    let (tables, meaning) = privacyTables
    guard !tables.isEmpty else { return [] }
    var lines =
      [""]
      + TextLayout.paragraph(Self.privacyHeading, width: width).map { ink.styled($0, .bold) }
    for (block, grid) in tables {
      lines.append("")
      if !block.setting.isEmpty {
        lines += TextLayout.paragraph(block.title, width: width).map { ink.styled($0, .bold) }
      }
      let density = TextGrid.Density.ladder.first { grid.fits($0, width: width) } ?? .split
      lines += grid.lines(density, width: width, ink: ink)
    }
    return lines + [""] + TextLayout.paragraph(meaning, width: width)
  }

  /// The evidence of the runs of one defense: those without an attack, else the first that have any.
  private static func evidence(_ row: MatrixBlock.Row) -> [PrivacyEvidence]? {
    let cells = row.cells.compactMap { $0 }
    let clean = cells.filter(\.isClean) + cells.filter { !$0.isClean }
    return clean.lazy.map { $0.rows.compactMap { $0.metrics?.privacy } }.first { !$0.isEmpty }
  }

  private func privacyGrid(_ rows: [(label: String, runs: [PrivacyEvidence])]) -> TextGrid {
    func most(_ values: [Double?], _ runs: Int) -> Double? {
      let known = values.compactMap { $0 }
      return known.count == runs ? known.max() : nil
    }
    func text(_ value: Double?, digits: Int = 2, none: String) -> TextGrid.Cell {
      value.map { .init(value: Numbers.fixed($0, digits: digits)) }
        ?? .init(word: none, style: .dim)
    }
    typealias Runs = [PrivacyEvidence]
    func column(_ header: String, _ cell: (Runs) -> TextGrid.Cell) -> TextGrid.Column {
      .init(header: header, cells: rows.map { cell($0.runs) })
    }
    return TextGrid(
      labels: rows.map(\.label),
      columns: [
        column("trusted") { runs in
          switch runs.first?.trust {
          case .local: .init(word: "nobody")
          case .distributed: .init(word: "clients")
          case .central: .init(word: "server")
          case nil: .init(word: "–", style: .dim)
          }
        },
        column("epsilon") { runs in
          text(most(runs.map(\.epsilonUpper), runs.count), none: "none")
        },
        column("stated") { runs in
          text(most(runs.map(\.epsilonStated), runs.count), none: "–")
        },
        column("audited") { runs in
          let audits = runs.compactMap(\.audit)
          guard let lower = audits.map(\.epsilonLower).max() else {
            return .init(word: "–", style: .dim)
          }
          let upper = most(runs.map(\.epsilonUpper), runs.count)
          let isBroken = upper.map { lower > $0 } ?? false
          return .init(
            value: Numbers.fixed(lower, digits: 2), mark: isBroken ? "!" : "",
            style: isBroken ? .bad : .plain)
        },
        column("TPR") { runs in
          let audits = runs.compactMap(\.audit)
          guard let found = audits.recognition else {
            return text(Estimate(audits.map(\.truePositiveRate))?.mean, none: "–")
          }
          let cap = most(runs.map { $0.cap(at: 0.1) }, runs.count)
          let isBroken = cap.map(found.isAbove) ?? false
          let ends = [found.interval.lowerBound, found.interval.upperBound]
          return .init(
            value: Numbers.fixed(found.rate, digits: 2),
            spread: "[\(ends.map { Numbers.fixed($0, digits: 2) }.joined(separator: ", "))]",
            mark: isBroken ? "!" : "", style: isBroken ? .bad : .plain)
        },
        column("cap") { runs in
          text(most(runs.map { $0.cap(at: 0.1) }, runs.count), none: "–")
        },
      ])
  }

  private static func privacyMeaning(_ runs: [PrivacyEvidence]) -> String {
    let units = distinct(
      runs.map { "a \($0.unit.rawValue) (\($0.adjacency.rawValue), delta \($0.delta))" })
    var text =
      "epsilon: accounted, the most of all seeds, for \(units.list()); it holds against whoever sees "
      + "less than the trusted: a server that is trusted may look at updates itself."
    if runs.contains(where: { $0.epsilonStated != nil }) {
      text += " stated: what the mechanism's own formula says, not to be quoted."
    }
    if let audit = runs.lazy.compactMap(\.audit).first {
      let confidence = Numbers.fixed((1 - audit.significance) * 100, digits: 0)
      text +=
        " audited: the most that guesses about \(audit.canaries) canaries prove in any seed, each at "
        + "confidence \(confidence)%; \"!\" above epsilon: a promise broken, or one seed's bad luck. "
        + "TPR: canaries of all seeds recognised at a tenth of false alarms [95% by Clopper and Pearson], "
        + "and the most that epsilon allows; \"!\" where all of the interval is above that."
    }
    return text
  }
}
