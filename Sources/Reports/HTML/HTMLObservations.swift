internal import Experiments
internal import Federation
internal import FileFormats
internal import Foundation

/// What observers concluded: figures with intervals over the seeds, and pictures beside originals.
extension Report {
  /// A cell whose observers concluded something.
  private struct Observed {
    var cell: MatrixResults.CellSummary
    var rows: [MatrixResults.Row]
    var title: String
  }

  /// Whether any run has conclusions.
  var hasObservations: Bool {
    results.rows.contains { row in
      row.metrics.map { !$0.conclusions.isEmpty || $0.remarks != nil } ?? false
    }
  }

  /// The section; empty without conclusions.
  var observationsSection: Markup {
    guard hasObservations else { return "" }
    let varying = Axis.allCases.filter { axis in
      axis == .attack || axis == .defense || labels(axis).count > 1
    }
    let byCell = Dictionary(grouping: results.rows, by: \.cell)
    let observed = results.cells.compactMap { cell -> Observed? in
      let rows = (byCell[cell.cell] ?? []).filter { row in
        row.metrics.map { !$0.conclusions.isEmpty || $0.remarks != nil } ?? false
      }
      guard !rows.isEmpty else { return nil }
      return Observed(
        cell: cell, rows: rows, title: varying.map { cell.label($0) }.joined(separator: " / "))
    }
    let left: Markup =
      observed.count <= Self.mostPictures
      ? ""
      : """
      <p class="note">So that the page stays small, pictures are shown of the first \
      \(Self.mostPictures) cells only.</p>
      """
    return """
      <section aria-labelledby="observations">
      <h2 id="observations">What was seen</h2>
      <p>What parties that read along concluded, judged against the truth after they had guessed. \
      Estimates are means over the seeds with 95% intervals; below five seeds the range. An attack \
      that failed is no protection. Which updates are attacked, and which pictures are shown, was \
      fixed before the run.</p>
      \(observedTables)
      \(left)
      \(observed.enumerated().map { details($1, showsPictures: $0 < Self.mostPictures) }
        .joined("\n"))
      </section>
      """
  }

  /// For each figure and block, what each attack saw of each defense.
  private var observedTables: Markup {
    observedFigures.map { figure -> Markup in
      let tables = blocks.compactMap { observedTable($0, figure: figure) }
      return """
        <h3>\(figure)</h3>
        <p>\(observationMeaning)</p>
        \(tables.joined("\n"))
        """
    }.joined("\n")
  }

  private func observedTable(_ block: MatrixBlock, figure: String) -> Markup? {
    let chosen = block.observedColumns.filter { $0.figure == figure }.map(\.column)
    guard !chosen.isEmpty else { return nil }
    let heads = chosen.map { "<th scope=\"col\">\(broken(block.attacks[$0].label))</th>" as Markup }
    let rows = block.defenses.map { row -> Markup in
      let cells = chosen.map { observedCell(row.cells[$0]) }
      return "<tr><th scope=\"row\">\(broken(row.label))</th>\(cells)</tr>"
    }
    let caption =
      figure + ": rows are defenses, columns attacks"
      + (block.setting.isEmpty ? "" : "; \(block.title)")
    return .scrolling(
      """
      <table class="seeds">
      <caption><span>\(caption)</span></caption>
      <thead><tr><th scope="col">Defense</th>\(heads)</tr></thead>
      <tbody>
      \(rows.joined("\n"))
      </tbody>
      </table>
      """, label: caption)
  }

  private func observedCell(_ cell: BlockCell?) -> Markup {
    guard let summary = cell?.summary else { return "<td>–</td>" }
    let link: Markup = "#cell-\(summary.cell)"
    guard let observed = summary.observed else {
      let word =
        summary.verdict == .notApplicable || summary.verdict == .failed
        ? summary.verdict.rawValue : "nothing"
      return "<td><a href=\"\(link)\">\(word)</a></td>"
    }
    func text(_ estimate: Estimate) -> String {
      let spread = Self.plainSpread(estimate)
      return Numbers.fixed(estimate.mean, digits: 1) + (spread.isEmpty ? "" : " " + spread)
    }
    var below: [String] = []
    if summary.verdict == .void { below.append("void") }
    if let plain = observed.plain { below.append("plain \(text(plain))") }
    if let adaptive = observed.adaptive { below.append("adaptive \(text(adaptive))") }
    if observed.isNonAdaptiveOnly { below.append("non-adaptive only") }
    if let promise = cell?.outsidePromiseOf { below.append("outside the promise of \(promise)") }
    let notes = below.map { "<span class=\"sub\">\($0)</span>" as Markup }
    return "<td><a href=\"\(link)\">\(text(observed.worse))</a>\(notes)</td>"
  }

  /// Of how many cells pictures are shown at most: a page of a thousand would be too large.
  private static let mostPictures = 200

  private func details(_ observed: Observed, showsPictures: Bool) -> Markup {
    let remarks = Set(observed.rows.flatMap { $0.metrics?.remarks ?? [] }).sorted()
    let gaps = (observed.cell.observed?.adaptivity?.gaps ?? []).map {
      "no attack made use of everything that is known of the defense: \($0)"
    }
    let isNonAdaptive = observed.cell.observed?.isNonAdaptiveOnly ?? false
    let lines = remarks + (isNonAdaptive ? ["non-adaptive only"] : []) + gaps
    let notes: Markup =
      lines.isEmpty
      ? "" : "<ul class=\"plain\">\(lines.map { "<li>\($0).</li>" as Markup })</ul>"
    return """
      <details><summary>\(.code(observed.title)) <span class="end">\
      <span class="verdict">\(observed.cell.verdict.rawValue)</span></span></summary>
      <div class="inside">
      \(notes)
      \(figureTable(observed))
      \(showsPictures ? pictures(observed) : "")
      </div></details>
      """
  }

  private func figureTable(_ observed: Observed) -> Markup {
    let names = Set(observed.rows.flatMap { ($0.metrics?.conclusions ?? [:]).keys }).sorted()
    guard !names.isEmpty else { return "" }
    let rows = names.compactMap { name -> Markup? in
      let values = observed.rows.compactMap { $0.metrics?.conclusions[name] }
      guard let estimate = Estimate(values) else { return nil }
      let spread = estimate.halfWidth.map { "±\(Numbers.fixed($0, digits: 3))" }
      return """
        <tr><th scope="row">\(name)</th><td>\(Numbers.fixed(estimate.mean, digits: 3))</td>\
        <td>\(spread ?? Self.range(values))</td><td>\("\(values.count)")</td></tr>
        """
    }
    let caption = "Figures of \(observed.title)"
    return .scrolling(
      """
      <table class="seeds">
      <caption><span>\(caption)</span></caption>
      <thead><tr><th scope="col">Figure</th><th scope="col">Mean</th>\
      <th scope="col">Interval</th><th scope="col">Seeds</th></tr></thead>
      <tbody>
      \(rows.joined("\n"))
      </tbody>
      </table>
      """, label: caption)
  }

  private static func range(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "" }
    return "\(Numbers.fixed(low, digits: 3)) to \(Numbers.fixed(high, digits: 3))"
  }

  /// Originals above what was made of them, of the first seed that has any: fixed before the run.
  private func pictures(_ observed: Observed) -> Markup {
    guard let row = observed.rows.min(by: { $0.seed < $1.seed }),
      let tensors = try? results.tensors(of: row), let found = tensors["reconstructions"],
      found.kind == .images, let sheet = Self.sheet(originals: tensors["originals"], found)
    else { return "" }
    let data = Data(sheet.encoded()).base64EncodedString()
    let alternative =
      "Originals above, reconstructions below: \(found.captions.joined(separator: "; "))"
    return """
      <figure><img style="image-rendering:pixelated;max-width:100%;height:auto" alt="\(alternative)" width="\("\(sheet.width)")" \
      height="\("\(sheet.height)")" src="data:image/png;base64,\(data)">
      <figcaption>Originals above, what stands for them below; seed \("\(row.seed)"), the first \
      images in order. \(found.captions.joined(separator: "; ")).</figcaption></figure>
      """
  }

  private static func sheet(
    originals: Conclusion.Tensor?, _ found: Conclusion.Tensor
  ) -> PNGImage? {
    let size = found.shape.dropFirst().reduce(1, *)
    func images(_ tensor: Conclusion.Tensor) -> [[Float]] {
      (0..<tensor.shape[0]).map { Array(tensor.values[($0 * size)..<(($0 + 1) * size)]) }
    }
    var sheet = ContactSheet(
      channels: found.shape[1], height: found.shape[2], width: found.shape[3])
    if let originals, originals.shape == found.shape { sheet.add(row: images(originals)) }
    sheet.add(row: images(found))
    return sheet.image(side: 48)
  }
}
