internal import Experiments

/// Privacy and success of attacks against accuracy: a chart and the same as a table.
extension Report {
  /// The section; empty where nothing can be set against accuracy.
  var frontiersSection: Markup {
    if frontiers.isEmpty { return "" }
    let figures = frontiers.enumerated().map { index, frontier in
      figure(frontier, id: "frontier-\(index + 1)")
    }
    let spread: Markup =
      usualSeedCount < 5
      ? "ranges over the seeds, too few for intervals" : "95% t intervals over the seeds"
    return """
      <section aria-labelledby="frontiers">
      <h2 id="frontiers">Privacy and utility</h2>
      <p>Upward is test accuracy when nobody attacks, to the right what is given away: up and left is \
      better. Whiskers are \(spread). A point is Pareto-optimal when no other is at least as good in \
      both means and better in one, and within the intervals when none that beats it is apart from it \
      in both; what was met by non-adaptive attackers only is drawn but never optimal.</p>
      <ul class="key">\(Self.frontierKey)</ul>
      \(figures.joined("\n"))
      </section>
      """
  }

  private static let frontierKey: [Markup] =
    Frontier.Standing.allCases.map { key($0.rawValue, $0, isUndefended: false) }
    + [key("no defense, by its shape", .near, isUndefended: true)]

  private static func key(
    _ name: String, _ standing: Frontier.Standing, isUndefended: Bool
  ) -> Markup {
    guard let one = Estimate([0]) else { return "" }
    let point = Frontier.Point(
      label: "", cell: 0, privacy: nil, accuracy: one, note: "", isUndefended: isUndefended,
      isNonAdaptive: false, standing: standing)
    return """
      <li><svg class="spots" viewBox="0 0 12 12" aria-hidden="true">\
      \(FrontierChart.marker(point, at: (6, 6)))</svg>\(name)</li>
      """
  }

  private func figure(_ frontier: Frontier, id: String) -> Markup {
    let rows = frontier.points.enumerated().map { index, point -> Markup in
      let standing: Markup =
        point.standing == .optimal
        ? "<strong class=\"held\">\(point.standing.rawValue)</strong>"
        : "\(point.standing.rawValue)"
      let note: Markup = point.note.isEmpty ? "" : "<span class=\"sub\">\(point.note)</span>"
      return """
        <tr><td>\(index + 1)</td><th scope="row"><a href="#cell-\(point.cell)">\
        \(broken(point.short))</a>\(note)</th><td class="num">\(frontier.text(point.privacy))</td>\
        <td class="num">\(.compact(point.accuracy))</td><td>\(standing)</td></tr>
        """
    }
    let leftOut: Markup =
      frontier.leftOut.isEmpty
      ? ""
      : """
      <p class="note">Not drawn: \(frontier.leftOut.prefix(12).list())\
      \(frontier.leftOut.count > 12 ? " and \(frontier.leftOut.count - 12) more" : "").</p>
      """
    let chart = FrontierChart(frontier: frontier, id: id)
    return """
      <div class="frontier"><h3>\(frontier.title)</h3>
      <p class="note">\(frontier.meaning)</p>
      <figure>\(chart.svg)</figure>
      \(.scrolling(
        """
        <table class="text">
        <caption><span>\(frontier.title)</span></caption>
        <thead><tr><th scope="col">No.</th><th scope="col">What</th>\
        <th scope="col" class="num">\(frontier.axisTitle)</th>\
        <th scope="col" class="num">Accuracy, %</th><th scope="col">Standing</th></tr></thead>
        <tbody>
        \(rows.joined("\n"))
        </tbody>
        </table>
        """, label: frontier.title))\(leftOut)</div>
      """
  }
}
