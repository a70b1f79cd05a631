internal import Experiments

/// Learning curves: one small chart an attack, one line a defense.
extension Report {
  /// Whether any cell has a curve to draw.
  var hasCurves: Bool {
    results.rows.contains { ($0.metrics?.curve.count ?? 0) > 1 }
  }

  var curvesSection: Markup {
    if !hasCurves { return "" }
    let band: Markup =
      usualSeedCount > 1
      ? " Lines are means over the seeds, bands reach from the least to the greatest of them." : ""
    let charts = blocks.map { block -> Markup in
      let heading: Markup = block.setting.isEmpty ? "" : "<h3>\(block.title)</h3>\n"
      return "\(heading)\(curveGroups.map { curves(block, $0) }.joined("\n"))"
    }
    return """
      <section aria-labelledby="curves">
      <h2 id="curves">Learning curves</h2>
      <p>Test accuracy by round.\(band) All charts have the same axes.</p>
      \(charts.joined("\n"))
      </section>
      """
  }

  /// The defenses that share a chart: no more than there are colours, and no defense with each.
  var curveGroups: [[(label: String, index: Int)]] {
    let bare = undefended
    let others = labels(.defense).filter { !bare.contains($0) }
    let size = CurveChart.colours - 1
    let starts = Array(stride(from: 0, to: max(1, others.count), by: size))
    return starts.map { start in
      let part = others[min(start, others.count)..<min(start + size, others.count)]
      return bare.map { ($0, 0) } + part.enumerated().map { ($0.element, $0.offset + 1) }
    }
  }

  private func curves(_ block: MatrixBlock, _ group: [(label: String, index: Int)]) -> Markup {
    var drawn: Set<String> = []
    let charts = block.attacks.indices.compactMap { column -> Markup? in
      let lines = group.compactMap { label, index -> CurveChart.Line? in
        guard let row = block.defenses.first(where: { $0.label == label }),
          let cell = row.cells[column], let curve = LearningCurve(cell.rows), curve.points.count > 1
        else { return nil }
        return CurveChart.Line(label: label, index: index, curve: curve)
      }
      if lines.isEmpty { return nil }
      drawn.formUnion(lines.map(\.label))
      let attack = block.attacks[column]
      let void: Markup =
        attack.control?.verdict == .void ? " <small class=\"tag\">void</small>" : ""
      let chart = CurveChart(
        lines: lines, id: "chart-\(block.index)-\(group.last?.label ?? "")-\(column)".identifier,
        title: "Test accuracy by round, \(attack.isClean ? "nobody attacking" : attack.label)")
      let caption: Markup =
        attack.isClean ? "<code>\(attack.label)</code>: nobody attacks" : .code(attack.label)
      return "<figure><figcaption>\(caption)\(void)</figcaption>\(chart.svg)</figure>"
    }
    if charts.isEmpty { return "" }
    let key = group.filter { drawn.contains($0.label) }.map { label, index -> Markup in
      """
      <li><svg class="line c\(index)" viewBox="0 0 28 12" aria-hidden="true">\
      <path d="M1 6H27"\(CurveChart.dash(index))/>\(CurveChart.marker(index, x: 14, y: 6))</svg>\
      <code>\(label)</code></li>
      """
    }
    return """
      <ul class="key" aria-label="Defenses">\(key)</ul>
      <div class="charts">
      \(charts.joined("\n"))
      </div>
      """
  }
}

extension String {
  /// The text with every sign but letters and digits as a hyphen: an element's id.
  fileprivate var identifier: String {
    String(map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }
}
