internal import Experiments

/// The matrix: a heat map that is a real table.
extension Report {
  var matrixSection: Markup {
    """
    <section aria-labelledby="matrix">
    <h2 id="matrix">Matrix</h2>
    <p>Final test accuracy in percent. Below it, what the attack cost against the same defense \
    left alone, in points; in the first column, where nobody attacks, what the defense itself \
    costs. The colour shows both together.</p>
    \(scaleKey)
    \(blocks.map(matrix).joined("\n"))
    </section>
    """
  }

  private var scaleKey: Markup {
    let steps = HeatScale.names.enumerated().map { step, name -> Markup in
      "<li><span class=\"swatch h\(step)\" aria-hidden=\"true\"></span>\(name)</li>"
    }
    var marks: [Markup] = []
    let cells = blocks.flatMap { $0.cells.map(\.cell) }
    if cells.contains(where: { $0.standing == .best }) {
      marks.append("<li><span class=\"mark\">★</span> best against this attack</li>")
    }
    if cells.contains(where: { $0.standing == .tied }) {
      marks.append(
        """
        <li><span class="mark">☆</span> among the best: intervals overlap, no winner</li>
        """)
    }
    if cells.contains(where: { $0.summary.verdict == .void }) {
      marks.append(
        "<li><span class=\"swatch void\" aria-hidden=\"true\"></span>void: figure does not count</li>"
      )
    }
    return """
      <div class="keys"><p id="scale">Points below the undefended model that nobody attacks</p>\
      <ul class="key" aria-labelledby="scale">\(steps)</ul><ul class="key">\(marks)</ul></div>
      """
  }

  private func matrix(_ block: MatrixBlock) -> Markup {
    let hasWorst = block.defenses.contains { $0.worst != nil }
    let heads = block.attacks.map { column -> Markup in
      let note: Markup =
        column.isClean
        ? "<small>no attack</small>"
        : column.control?.verdict == .void ? "<small class=\"tag\">void</small>" : ""
      return "<th scope=\"col\">\(broken(column.label))\(note)</th>"
    }
    let worstHead: Markup =
      hasWorst ? "<th scope=\"col\" class=\"worst\">Worst<small>valid attacks</small></th>" : ""
    let rows = block.defenses.filter { !$0.isImpossible }.map { row -> Markup in
      let note: Markup =
        row.isUndefended
        ? "<small>no defense</small>" : row.isOnGroups ? "<small>on group sums</small>" : ""
      let cells = zip(block.attacks, row.cells).map { column, cell in
        self.cell(cell, row: row, column: column)
      }
      return """
        <tr><th scope="row">\(broken(row.label))\(note)</th>\(cells)\
        \(hasWorst ? worst(row, in: block) : "")</tr>
        """
    }
    let impossible = block.defenses.filter(\.isImpossible).map { Markup.code($0.label) }
    let throughout: Markup =
      impossible.isEmpty ? "" : "<p class=\"quiet\">n/a throughout: \(impossible.list()).</p>"
    let onGroups: Markup =
      block.onGroups.isEmpty
      ? ""
      : """
      <p class="quiet">\(block.onGroups.map(Markup.code).list()) \(MatrixBlock.groupsMeaning).</p>
      """
    let heading: Markup = block.setting.isEmpty ? "" : "<h3>\(block.title)</h3>"
    let caption =
      "Final test accuracy in percent: rows are defenses, columns attacks"
      + (block.setting.isEmpty ? "" : "; \(block.title)")
    return """
      \(heading)
      \(.scrolling(
        """
        <table class="matrix">
        <caption><span>\(caption)</span></caption>
        <thead><tr><th scope="col">Defense</th>\(heads)\(worstHead)</tr></thead>
        <tbody>
        \(rows.joined("\n"))
        </tbody>
        \(best(block, hasWorst: hasWorst))
        </table>
        """, label: caption))\(throughout)\(onGroups)
      """
  }

  /// A label that may be broken before parentheses and after `+` and commas.
  func broken(_ label: String) -> Markup {
    let pieces = TextLayout.pieces(label).map { "\($0)" as Markup }
    return "<code>\(pieces.joined("<wbr>"))</code>"
  }

  // MARK: - Cells

  private func cell(
    _ cell: BlockCell?, row: MatrixBlock.Row, column: MatrixBlock.Column
  ) -> Markup {
    guard let cell else {
      return "<td class=\"off\"><span aria-label=\"not part of the run\">–</span></td>"
    }
    let link: Markup = "#cell-\(cell.summary.cell)"
    guard let accuracy = cell.accuracy else {
      let (kind, word): (Markup, String) =
        switch cell.summary.verdict {
        case .notApplicable: ("na", "n/a")
        case .failed: ("failed", "failed")
        default: ("pending", "pending")
        }
      let note: Markup =
        cell.finished > 0
        ? "<span class=\"sub\">\(cell.finished) of \(cell.rows.count) done</span>" : ""
      return "<td class=\"\(kind)\"><a href=\"\(link)\">\(word)</a>\(note)</td>"
    }
    var kind: Markup = ""
    var sub: Markup = ""
    switch cell.summary.verdict {
    case .void: (kind, sub) = ("void", "<span class=\"sub tag\">void</span>")
    case .pending: (kind, sub) = ("pending", "<span class=\"sub\">not judged yet</span>")
    case .clean:
      kind = cell.shortfall.map { "h\(HeatScale.step($0.mean))" } ?? "clean"
      if let cost = row.cleanCost, !row.isUndefended {
        sub = "<span class=\"sub\">cost \(.compact(cost))</span>"
      }
    default:
      kind = cell.shortfall.map { "h\(HeatScale.step($0.mean))" } ?? ""
      if let loss = cell.summary.accuracyLoss {
        sub = "<span class=\"sub\">lost \(.compact(loss))</span>"
      }
    }
    return """
      <td class="\(kind)"><a href="\(link)">\(figure(accuracy))</a>\(mark(cell))\(sub)</td>
      """
  }

  /// The figure with its spread; the number of seeds where it is not the usual one.
  private func figure(_ estimate: Estimate) -> Markup {
    let spread = Self.spread(estimate, usualCount: usualSeedCount)
    let beside: Markup = spread.isEmpty ? "" : " <span class=\"spread\">\(spread)</span>"
    return "<b>\(Numbers.percent(estimate.mean))</b>\(beside)"
  }

  private func mark(_ cell: BlockCell) -> Markup {
    switch cell.standing {
    case .best: "<span class=\"mark\" role=\"img\" aria-label=\"best\">★</span>"
    case .tied: "<span class=\"mark\" role=\"img\" aria-label=\"among the best\">☆</span>"
    case nil: ""
    }
  }

  private func worst(_ row: MatrixBlock.Row, in block: MatrixBlock) -> Markup {
    guard let worst = row.worst, let cell = row.cells[worst.column] else {
      return "<td class=\"worst off\"><span aria-label=\"none\">–</span></td>"
    }
    let bound: Markup =
      worst.isUpperBound ? "<span role=\"img\" aria-label=\"at most\">≤</span> " : ""
    let heat: Markup = cell.shortfall.map { "h\(HeatScale.step($0.mean))" } ?? ""
    return """
      <td class="worst \(heat)">\(bound)\(figure(worst.accuracy))\
      <span class="sub">\(block.attacks[worst.column].label)</span></td>
      """
  }

  /// The last row: which defense is best against each attack, if any can be called so.
  private func best(_ block: MatrixBlock, hasWorst: Bool) -> Markup {
    guard block.cells.contains(where: { $0.cell.standing != nil }) else { return "" }
    let cells = block.attacks.indices.map { column -> Markup in
      let leading = block.defenses.filter { $0.cells[column]?.standing != nil }
      if leading.isEmpty { return "<td><span aria-label=\"none\">–</span></td>" }
      let names = leading.map { broken($0.label) }
      if leading.count == 1 { return "<td>\(names.list())</td>" }
      return "<td>\(leading.count)-way tie</td>"
    }
    let empty: Markup = hasWorst ? "<td class=\"worst\"></td>" : ""
    return """
      <tfoot><tr><th scope="row">Best</th>\(cells)\(empty)\
      </tr></tfoot>
      """
  }
}
