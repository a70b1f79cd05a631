internal import Experiments

/// What each defense costs when nobody attacks, on the first screen.
extension Report {
  /// A table of accuracy, privacy, time and bytes; empty where nothing is known.
  var costsTable: Markup {
    let costs = defenseCosts
    if costs.isEmpty { return "" }
    let several = blocks.count > 1
    let hasPrivacy = costs.contains { $0.epsilonUpper != nil || $0.epsilonLower != nil }
    let rows = costs.map { cost -> Markup in
      let setting: Markup = several ? "<td>\(blocks[cost.block].title)</td>" : ""
      let privacy: Markup =
        hasPrivacy
        ? """
        <td class="num">\(Self.epsilon(cost.epsilonUpper))</td>\
        <td class="num">\(Self.epsilon(cost.epsilonLower))</td>
        """ : ""
      return """
        <tr><th scope="row">\(broken(cost.label))</th>\(setting)\
        <td class="num">\(cost.accuracy.map(Markup.compact) ?? "–")</td>\(privacy)\
        <td class="num">\(Self.ratio(cost.time))</td><td class="num">\(Self.ratio(cost.bytes))</td></tr>
        """
    }
    let privacyHeads: Markup =
      hasPrivacy
      ? """
      <th scope="col" class="num">Epsilon promised</th>\
      <th scope="col" class="num">Epsilon audited, at least</th>
      """ : ""
    let settingHead: Markup = several ? "<th scope=\"col\">Setting</th>" : ""
    let caption = "What each defense costs when nobody attacks, against no defense"
    return """
      <h3 id="costs">What protection costs</h3>
      <p>With nobody attacking, against no defense with the same seeds. Time is wall-clock time, as \
      noisy as the machine was. \(hasPrivacy
        ? "An epsilon promised is accounted for all rounds, the weakest seed; one audited is proved "
          + "by an attack on a run. "
        : "No run promises differential privacy. ")\
      A defense that is never attacked successfully but ruins the model protects nothing.</p>
      \(.scrolling(
        """
        <table class="text costs">
        <caption><span>\(caption)</span></caption>
        <thead><tr><th scope="col">Defense</th>\(settingHead)\
        <th scope="col" class="num">Accuracy, points lost</th>\(privacyHeads)\
        <th scope="col" class="num">Time, times</th>\
        <th scope="col" class="num">Bytes, times</th></tr></thead>
        <tbody>
        \(rows.joined("\n"))
        </tbody>
        </table>
        """, label: caption))
      """
  }

  /// `8.00`, or a dash.
  static func epsilon(_ value: Double?) -> String {
    value.map { $0.isFinite ? Numbers.fixed($0, digits: 2) : "∞" } ?? "–"
  }

  /// `1.32 ±0.05`, the range below five seeds, or a dash.
  private static func ratio(_ estimate: Estimate?) -> String {
    guard let estimate else { return "–" }
    let mean = Numbers.fixed(estimate.mean, digits: 2)
    if estimate.minimum == estimate.maximum { return mean }
    if let halfWidth = estimate.halfWidth {
      return "\(mean) ±\(Numbers.fixed(halfWidth, digits: 2))"
    }
    return "\(mean) (\(Numbers.fixed(estimate.minimum, digits: 2))–"
      + "\(Numbers.fixed(estimate.maximum, digits: 2)))"
  }
}
