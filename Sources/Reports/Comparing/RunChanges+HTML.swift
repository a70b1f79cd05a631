internal import Experiments

extension RunChanges {
  /// One self-contained page like the report's.
  var html: String {
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'">
      <title>What changed: \(comparison.first.name) and \(comparison.second.name)</title>
      <style>
      \(PageStyle.sheet)
      </style>
      </head>
      <body>
      <a class="skip" href="#changes">Skip to the content</a>
      <header>
      <p class="over">Two runs, cell by cell</p>
      <h1>What changed</h1>
      <ul class="plain"><li>\(Self.line("A", comparison.first)).</li>\
      <li>\(Self.line("B", comparison.second)).</li></ul>
      <p class="lead">\(sentences.dropLast(rows.isEmpty ? 0 : 1).joined(separator: " "))</p>
      </header>
      <main>
      \(changesSection)
      \(lonelySection)
      </main>
      <footer><p>Made by Rampart from stored results alone. Every figure is in the JSON form too.</p>\
      </footer>
      </body>
      </html>

      """
    return page.html
  }

  private var changesSection: Markup {
    let body: Markup =
      rows.isEmpty
      ? "<p>No figure of any cell that both have changed.</p>"
      : "<p>\(sentences.last ?? "")</p>\(changesTable)"
    return """
      <section aria-labelledby="changes">
      <h2 id="changes">Changes</h2>
      \(body)
      </section>
      """
  }

  private var changesTable: Markup {
    let reach = rows.compactMap(\.accuracy).map {
      max(abs($0.interval.lowerBound), abs($0.interval.upperBound))
    }.max()
    var counts: [String: Int] = [:]
    for row in rows { counts[row.cell, default: 0] += 1 }
    var last = ""
    let items = rows.map { row -> Markup in
      let name: Markup =
        row.cell == last
        ? "" : "<th scope=\"row\" rowspan=\"\(counts[row.cell] ?? 1)\">\(row.cell)</th>"
      last = row.cell
      let bar = row.accuracy.flatMap { accuracy in reach.map { Self.bar(accuracy, reach: $0) } }
      return """
        <tr>\(name)<td>\(row.figure)</td><td class="num">\
        \(Self.text(row.first))</td><td class="num">\(Self.text(row.second))</td><td class="num">\
        \(Self.text(row.difference))</td><td>\(bar ?? "")</td></tr>
        """
    }
    let caption = "What changed from A to B"
    return .scrolling(
      """
      <table class="text changes">
      <caption><span>\(caption)</span></caption>
      <thead><tr><th scope="col">Cell</th><th scope="col">Figure</th>\
      <th scope="col" class="num">A</th><th scope="col" class="num">B</th>\
      <th scope="col" class="num">B − A</th><th scope="col">Accuracy, worse or better</th></tr></thead>
      <tbody>
      \(items.joined("\n"))
      </tbody>
      </table>
      """, label: caption)
  }

  private static func text(_ cell: TextGrid.Cell) -> String {
    if !cell.word.isEmpty { return cell.word }
    return cell.value + (cell.spread.isEmpty ? "" : " \(cell.spread)") + cell.mark
  }

  /// The difference with its interval to either side of no change; the table has the figures.
  private static func bar(_ difference: Estimate, reach: Double) -> Markup {
    func place(_ value: Double) -> String {
      Numbers.fixed(80 + 74 * (reach > 0 ? value / reach : 0), digits: 1, minus: "-")
    }
    let interval = difference.interval
    let kind: Markup =
      !difference.excludesZero ? "dominated" : difference.mean > 0 ? "better" : "worse"
    return """
      <svg class="bar" viewBox="0 0 160 14" aria-hidden="true"><path class="grid" d="M80 0V14"/>\
      <path class="whisker \(kind)" d="M\(place(interval.lowerBound)) 7H\(place(interval.upperBound))"/>\
      <path class="spot \(kind)" d="M\(place(difference.mean)) 7m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"/></svg>
      """
  }

  private var lonelySection: Markup {
    let parts = lonely.filter { !$0.cells.isEmpty }.map { name, results, cells -> Markup in
      let items = cells.map { cell -> Markup in
        "<li>\(Self.title(cell, of: results)): \(Self.figure(cell)).</li>"
      }
      return """
        <h3>Only in \(name): \(Numbers.count(cells.count, "cell"))</h3>
        <ul class="plain">\(items)</ul>
        """
    }
    if parts.isEmpty { return "" }
    return """
      <section aria-labelledby="lonely">
      <h2 id="lonely">In one run only</h2>
      \(parts.joined("\n"))
      </section>
      """
  }
}
