extension Report {
  /// What each frontier shows, in the page's order.
  public var frontierTitles: [String] { frontiers.map(\.title) }

  /// Frontier `number`, from 1 in the page's order, as an SVG file of its own that is legible in light
  /// and dark: every point named or numbered; nil where there is no such frontier. O(points²).
  public func frontierPicture(_ number: Int) -> String? {
    guard frontiers.indices.contains(number - 1) else { return nil }
    let chart = FrontierChart(
      frontier: frontiers[number - 1], id: "frontier-\(number)", isAlone: true)
    return chart.svg.html
  }
}
