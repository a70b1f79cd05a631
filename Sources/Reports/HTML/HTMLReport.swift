internal import Experiments

extension Report {
  /// One self-contained page: no script, nothing loaded, light and dark, for screen, phone, printer
  /// and screen reader.
  ///
  /// It begins with what was found in plain words, each sentence derived from the figures below it,
  /// and ends with what is needed to judge and repeat the run.
  func html(_ options: ReportOptions) -> String {
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'\(hasObservations ? "; img-src data:" : "")">
      <title>\(results.name): attacks and defenses</title>
      <style>
      \(PageStyle.sheet)
      </style>
      </head>
      <body>
      <a class="skip" href="#\(contents[0].0)">Skip to the content</a>
      \(pageHeader)
      <main>
      \(results.cells.isEmpty ? "" : sections)
      \(provenanceSection(options))
      </main>
      <footer><p>Made by Rampart from stored results alone: the same results give the same page. \
      Every figure is in the CSV and JSON forms of this report too.</p></footer>
      </body>
      </html>

      """
    return page.html
  }

  private var sections: Markup {
    """
    \(findingsSection)
    \(showsMatrix ? matrixSection : "")
    \(frontiersSection)
    \(observationsSection)
    \(comparisonSection)
    \(curvesSection)
    \(controlsSection)
    \(threatSection)
    \(transportSection)
    \(glossarySection)
    \(cellsSection)
    """
  }

  private var pageHeader: Markup {
    """
    <header>
    <p class="over">Attacks against defenses in federated learning</p>
    <h1>\(results.name)</h1>
    \(lead)
    \(keyFigures)
    <nav aria-label="Contents"><ul>\(contents.map { id, title in
      "<li><a href=\"#\(id)\">\(title)</a></li>" as Markup
    })</ul></nav>
    </header>
    """
  }

  private var contents: [(String, String)] {
    if results.cells.isEmpty { return [("provenance", "Provenance")] }
    var entries = [("findings", "Findings")]
    if showsMatrix { entries.append(("matrix", "Matrix")) }
    if !frontiers.isEmpty { entries.append(("frontiers", "Privacy and utility")) }
    if hasObservations { entries.append(("observations", "What was seen")) }
    if !comparisons.isEmpty { entries.append(("comparison", "Comparison")) }
    if hasCurves { entries.append(("curves", "Learning curves")) }
    if !controls.isEmpty { entries.append(("controls", "Controls")) }
    entries.append(("threat", "Threat model"))
    if !transportCosts.isEmpty { entries.append(("transport", "Cost of the transport")) }
    if !explained.isEmpty { entries.append(("glossary", "What was compared")) }
    return entries + [("cells", "Every cell"), ("provenance", "Provenance")]
  }

  // MARK: - What was tested

  private var lead: Markup {
    let defenses = labels(.defense).filter { !undefended.contains($0) }.count
    let attacks = labels(.attack).filter { !clean.contains($0) }.count
    let progress = progress
    if results.cells.isEmpty { return "<p class=\"lead\">Nothing has been run yet.</p>" }
    if !showsMatrix, let axis = comparisons.first?.axis {
      return """
        <p class="lead">\(Numbers.count(labels(axis).count, "entry", "entries")) of the axis \
        \(.code(axis.rawValue)) compared, with nobody attacking. \(settingSentence) Each is run \
        with \(Numbers.count(seeds.count, "seed")): \(Numbers.count(progress.total, "run")), \
        \(standing(progress)).</p>
        """
    }
    let bare: Markup =
      undefended.isEmpty
      ? "" : " and against plain \(undefended.map(Markup.code).list("or")), that is, no defense"
    return """
      <p class="lead">\(Numbers.count(attacks, "attack")) against \
      \(Numbers.count(defenses, "defense"))\(bare). \(settingSentence) Each combination is run with \
      \(Numbers.count(seeds.count, "seed")): \(Numbers.count(progress.total, "run")), \
      \(standing(progress)).</p>
      """
  }

  private func standing(_ progress: Progress) -> String {
    if progress.done == progress.total { return "all finished" }
    var parts = ["\(progress.done) finished"]
    if progress.failed > 0 { parts.append("\(progress.failed) failed") }
    if progress.pending > 0 { parts.append("\(progress.pending) not finished") }
    return parts.list()
  }

  private var settingSentence: Markup {
    let last = Set(results.rows.compactMap { $0.metrics?.curve.last?.round })
    let rounds: Markup =
      last.count == 1 ? last.first.map { ", for \(Numbers.count($0, "round"))" } ?? "" : ""
    func names(_ axis: Axis) -> Markup { labels(axis).map(Markup.code).list("or") }
    return """
      Clients train \(names(.model)) on \(names(.data)), divided among them by \
      \(names(.partition))\(rounds); the algorithm is \(names(.algorithm)), and updates travel over \
      \(names(.transport)).
      """
  }

  private var keyFigures: Markup {
    let progress = progress
    let judged = blocks.flatMap { $0.attacks.compactMap(\.control) }
      .filter { $0.verdict != .notApplicable }
    let passed = judged.count { $0.verdict == .valid }
    var figures: [(String, String)] = [
      ("\(progress.done) of \(progress.total)", "runs finished"),
      ("\(seeds.count)", seeds.count == 1 ? "seed a cell" : "seeds a cell"),
    ]
    if !judged.isEmpty {
      figures.append(("\(passed) of \(judged.count)", "attack controls passed"))
    }
    figures.append((Numbers.duration(computeSeconds), "of computing"))
    let items = figures.map { value, name -> Markup in
      "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
    }
    return "<dl class=\"figures\">\(items)</dl>"
  }
}
