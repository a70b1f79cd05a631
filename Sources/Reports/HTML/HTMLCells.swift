internal import Experiments

/// Everything that was measured, cell by cell.
extension Report {
  var cellsSection: Markup {
    let groups = blocks.map { block -> Markup in
      let rows = block.defenses.filter { !$0.isImpossible }
      let impossible = block.defenses.filter(\.isImpossible).map { Markup.code($0.label) }
      let throughout: Markup =
        impossible.isEmpty ? "" : "<p class=\"quiet\">n/a throughout: \(impossible.list()).</p>"
      let columns = block.attacks.indices.map { column -> Markup in
        let cells = rows.compactMap { row in row.cells[column].map { (row, $0) } }
        let heading = block.attacks[column]
        let title: Markup =
          heading.isClean ? "\(.code(heading.label)): nobody attacks" : .code(heading.label)
        let level: Markup = block.setting.isEmpty ? "h3" : "h4"
        return """
          <\(level)>\(title)</\(level)>
          \(cells.map { details($1, of: $0) }.joined("\n"))
          """
      }
      let heading: Markup = block.setting.isEmpty ? "" : "<h3>\(block.title)</h3>\n"
      return "\(heading)\(columns.joined("\n"))\(throughout)"
    }
    return """
      <section aria-labelledby="cells" class="cells">
      <h2 id="cells">Every cell</h2>
      \(groups.joined("\n"))
      </section>
      """
  }

  private func details(_ cell: BlockCell, of row: MatrixBlock.Row) -> Markup {
    let summary = cell.summary
    let figure: Markup = cell.accuracy.map { "\(Markup.estimate($0))%" } ?? ""
    let verdict: Markup =
      if let outcome = cell.outcome {
        "\(summary.verdict.rawValue), \(outcome.rawValue)"
      } else {
        "\(summary.verdict.rawValue)"
      }
    return """
      <details><summary>\(.code(row.label)) <span class="end"><span>\(figure)</span> \
      <span class="verdict">\(verdict)</span></span></summary>
      <div class="inside" id="cell-\(summary.cell)">
      \(reason(summary))
      \(facts(summary))
      \(cell.finished > 0 ? seedTable(cell) : "")
      \(ledger(cell))
      \(notes(cell))
      \(origin(cell))
      </div></details>
      """
  }

  private func reason(_ summary: MatrixResults.CellSummary) -> Markup {
    guard let reason = summary.reason else { return "" }
    let suggestion = summary.description.suggestion.map { " To run it, \($0)." } ?? ""
    return "<p><strong>\(summary.verdict.rawValue)</strong>: \(reason).\(suggestion)</p>"
  }

  private func facts(_ summary: MatrixResults.CellSummary) -> Markup {
    let axes = Axis.allCases.map { axis -> Markup in
      "<div><dt>\(axis.rawValue)</dt><dd>\(.code(summary.label(axis)))</dd></div>"
    }
    let role =
      summary.description.isCompanion
      ? "came along as a clean twin or positive control" : "asked for"
    return """
      <dl class="labels">\(axes)<div><dt>cell</dt><dd>\(summary.cell), \(role)</dd></div></dl>
      """
  }

  private static func kappa(_ value: Double?) -> String {
    value.map { $0 < 1e4 ? Numbers.fixed($0, digits: 2) : "> 10,000" } ?? "–"
  }

  private func seedTable(_ cell: BlockCell) -> Markup {
    let heads = [
      "Final %", "Clean twin %", "Points lost", "Last five %", "Peak %", "Loss", "Rounds held",
      "Honest left out %", "Colluders left out %", "Deviation", "Bound κ", "Worst client %",
      "Bytes up", "Bytes down", "Time",
    ]
    let rows = cell.rows.map { row -> Markup in
      guard let metrics = row.metrics else {
        return """
          <tr><th scope="row">\("\(row.seed)")</th><td colspan="\(heads.count)">\
          \(row.status.rawValue)\(row.reason.map { ": \($0)" } ?? "")</td></tr>
          """
      }
      let figures = [
        Numbers.percent(metrics.finalAccuracy), Self.percent(row.cleanAccuracy),
        Self.percent(row.accuracyLoss), Numbers.percent(metrics.lastAccuracyMean),
        Numbers.percent(metrics.peakAccuracy),
        metrics.finalLoss < 1e6 ? Numbers.fixed(metrics.finalLoss, digits: 3) : "not finite",
        "\(metrics.heldRounds)", Self.percent(metrics.honestExclusionRate),
        Self.percent(metrics.colluderExclusionRate), Self.kappa(metrics.largestDeviation),
        Self.kappa(metrics.robustnessBound), Self.percent(metrics.worstClient),
        Numbers.bytes(metrics.bytesUp),
        Numbers.bytes(metrics.bytesDown), row.seconds.map(Numbers.duration) ?? "–",
      ]
      let cells = figures.map { "<td>\($0)</td>" as Markup }
      return "<tr><th scope=\"row\">\("\(row.seed)")</th>\(cells)</tr>"
    }
    let caption =
      "Seeds of \(cell.summary.label(.attack)) against \(cell.summary.label(.defense))"
    return .scrolling(
      """
      <table class="seeds">
      <caption><span>\(caption)</span></caption>
      <thead><tr><th scope="col">Seed</th>\
      \(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead>
      <tbody>
      \(rows.joined("\n"))
      </tbody>
      </table>
      """, label: caption)
  }

  /// Each thing that happened once, with its seeds.
  private func notes(_ cell: BlockCell) -> Markup {
    var order: [String] = []
    var rounds: [String: [(seed: UInt64, rounds: Int)]] = [:]
    for row in cell.rows {
      for note in row.metrics?.notes ?? [] {
        if rounds[note.text] == nil { order.append(note.text) }
        rounds[note.text, default: []].append((row.seed, note.rounds))
      }
    }
    let notes = order.map { text -> Markup in
      let places = (rounds[text] ?? []).map { place in
        "\(Numbers.count(place.rounds, "round")) of seed \(place.seed)"
      }
      return "<li>\(text): in \(places.list()).</li>"
    }
    let conclusions = cell.rows.flatMap { row in
      (row.metrics?.conclusions ?? [:]).sorted { $0.key < $1.key }.map { key, value -> Markup in
        "<li>Seed \("\(row.seed)"): \(key) is \(Numbers.fixed(value, digits: 4)).</li>"
      }
    }
    let items = notes + conclusions
    return items.isEmpty ? "" : "<p>Warnings and remarks:</p><ul class=\"plain\">\(items)</ul>"
  }

  private static func percent(_ value: Double?) -> String { value.map(Numbers.percent) ?? "–" }
}
