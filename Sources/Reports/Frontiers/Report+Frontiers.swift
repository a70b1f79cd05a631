internal import Accounting
internal import Components
internal import Experiments
internal import Federation

/// Which frontiers a run has.
extension Report {
  /// What may be chosen by who protects; everything else but the attack is a setting.
  private static let chosen: [Axis] = [.algorithm, .training, .transport, .defense]

  /// One choice in one setting, with its cells by attack.
  private struct Choice {
    var label: String
    var clean: BlockCell?
    var attacked: [(attack: String, cell: BlockCell)] = []
    var cells: [BlockCell] { (clean.map { [$0] } ?? []) + attacked.map(\.cell) }
    /// Accuracy when nobody attacks, once it is known.
    var accuracy: Estimate? {
      clean.flatMap { $0.summary.verdict == .clean ? $0.accuracy : nil }
    }
    var isUndefended: Bool { clean?.isControl ?? false }
  }

  /// Every frontier with at least two points, in a fixed order. O(cells + points²).
  static func frontiers(of blocks: [MatrixBlock], in results: MatrixResults) -> [Frontier] {
    func isVarying(_ axis: Axis) -> Bool { Set(results.cells.map { $0.label(axis) }).count > 1 }
    let settings = Axis.allCases.filter {
      $0 != .attack && !chosen.contains($0) && isVarying($0)
    }
    let varying = chosen.filter(isVarying)
    let named = varying.isEmpty ? [Axis.defense] : varying
    var order: [[AxisLabel]] = []
    var groups: [[AxisLabel]: [(key: [String], choice: Choice)]] = [:]
    var places: [[String]: Int] = [:]
    for cell in blocks.flatMap({ $0.cells.map(\.cell) }).sorted(by: {
      $0.summary.cell < $1.summary.cell
    }) {
      let setting = settings.map { AxisLabel(axis: $0, label: cell.summary.label($0)) }
      let key = named.map { cell.summary.label($0) }
      if groups[setting] == nil { order.append(setting) }
      let place = setting.map(\.label) + ["\u{1F}"] + key
      let index = places[place] ?? groups[setting]?.count ?? 0
      if places[place] == nil {
        places[place] = index
        groups[setting, default: []].append((key, Choice(label: key.joined(separator: " / "))))
      }
      if cell.isClean {
        groups[setting]?[index].choice.clean = cell
      } else {
        groups[setting]?[index].choice.attacked.append((cell.summary.label(.attack), cell))
      }
    }
    return order.flatMap { setting in
      frontiers(setting, (groups[setting] ?? []).map(\.choice))
    }
  }

  private static func frontiers(_ setting: [AxisLabel], _ choices: [Choice]) -> [Frontier] {
    let attacks = distinct(choices.flatMap { $0.attacked.map(\.attack) })
    let all =
      accounted(setting, choices)
      + [
        audited(.audited, setting, choices) { $0.epsilonLower },
        audited(.canaries, setting, choices) { $0.truePositiveRate },
      ] + attacks.flatMap { attack in observed(attack, setting, choices) }
      + [attackLoss(setting, choices)]
    return all.filter { $0.points.count > 1 }
  }

  // MARK: - Promises and audits

  /// Promises of different units or adjacencies are not comparable: a frontier each.
  private static func accounted(
    _ setting: [AxisLabel], _ choices: [Choice]
  ) -> [Frontier] {
    func kind(_ evidence: PrivacyEvidence) -> String {
      "\(evidence.unit.rawValue), \(evidence.adjacency.rawValue)"
    }
    func evidence(_ choice: Choice) -> [PrivacyEvidence] {
      choice.cells.lazy.map { $0.rows.compactMap { $0.metrics?.privacy } }.first { !$0.isEmpty }
        ?? []
    }
    let promised = choices.filter { evidence($0).contains { $0.epsilonUpper != nil } }
    return distinct(promised.compactMap { evidence($0).first.map(kind) }).map { unit in
      let points = choices.compactMap { choice -> Frontier.Point? in
        let own = evidence(choice)
        guard let accuracy = choice.accuracy, let cell = choice.clean,
          own.first.map({ kind($0) == unit || $0.epsilonUpper == nil }) ?? true
        else { return nil }
        let epsilons = own.compactMap(\.epsilonUpper)
        let isPromised = !own.isEmpty && epsilons.count == own.count
        return Frontier.Point(
          label: choice.label, cell: cell.summary.cell,
          privacy: isPromised ? Estimate(epsilons) : nil, accuracy: accuracy,
          note: own.first.map {
            "\($0.mechanism), \($0.trust.rawValue), delta \($0.delta)"
          } ?? "nothing promised",
          isUndefended: choice.isUndefended, isNonAdaptive: false)
      }
      return Frontier(
        figure: .accounted(unit), attack: nil, setting: setting, points: points,
        leftOut: unfinished(choices))
    }
  }

  private static func audited(
    _ figure: Frontier.Figure, _ setting: [AxisLabel], _ choices: [Choice],
    _ value: (PrivacyEvidence.Audit) -> Double
  ) -> Frontier {
    let points = choices.compactMap { choice -> Frontier.Point? in
      guard let accuracy = choice.accuracy else { return nil }
      for cell in choice.cells {
        let audits = cell.rows.compactMap { $0.metrics?.privacy?.audit }
        guard let first = audits.first, let estimate = Estimate(audits.map(value)) else { continue }
        return Frontier.Point(
          label: choice.label, cell: cell.summary.cell, privacy: estimate, accuracy: accuracy,
          note: "\(first.canaries) canaries, \(first.guesses) guesses a run",
          isUndefended: choice.isUndefended, isNonAdaptive: false)
      }
      return nil
    }
    return Frontier(
      figure: figure, attack: nil, setting: setting, points: points, leftOut: unfinished(choices))
  }

  private static func unfinished(_ choices: [Choice]) -> [String] {
    choices.compactMap { choice in
      guard choice.accuracy == nil, let cell = choice.clean else { return nil }
      return "\(choice.label) (\(cell.summary.verdict.rawValue))"
    }
  }

  // MARK: - Attacks

  /// What an attack that reads along concluded: the share of members recognised, or its own figure.
  private static func observed(
    _ attack: String, _ setting: [AxisLabel], _ choices: [Choice]
  ) -> [Frontier] {
    let cells = choices.compactMap { choice in
      choice.attacked.first { $0.attack == attack }.map { (choice: choice, cell: $0.cell) }
    }
    var figures: [Frontier.Figure] = []
    if let name = lowestRate(cells.map(\.cell)) { figures.append(.membership(name)) }
    let own = cells.lazy.compactMap { $0.cell.summary.observed?.figure }.first
    if let own, !figures.contains(.membership(own)) { figures.append(.observed(own)) }
    return figures.map { figure in
      var points: [Frontier.Point] = []
      var leftOut: [String] = []
      for (choice, cell) in cells {
        guard let accuracy = choice.accuracy ?? cell.accuracy,
          let value = value(of: figure, in: cell), cell.summary.verdict == .valid
        else {
          leftOut.append("\(choice.label) (\(cell.summary.verdict.rawValue))")
          continue
        }
        points.append(
          Frontier.Point(
            label: choice.label, cell: cell.summary.cell, privacy: value, accuracy: accuracy,
            note: cell.summary.observed?.isNonAdaptiveOnly == true ? "non-adaptive only" : "",
            isUndefended: choice.isUndefended,
            isNonAdaptive: cell.summary.observed?.isNonAdaptiveOnly ?? false))
      }
      return Frontier(
        figure: figure, attack: attack, setting: setting, points: points, leftOut: leftOut)
    }
  }

  private static func value(of figure: Frontier.Figure, in cell: BlockCell) -> Estimate? {
    switch figure {
    case .observed: return cell.summary.observed?.worse
    case .membership(let name):
      let values = cell.rows.compactMap { $0.metrics?.conclusions[name] }
      return values.count == cell.rows.count ? Estimate(values) : nil
    default: return nil
    }
  }

  /// The name of the share of members recognised at the lowest false positive rate that most cells
  /// resolve.
  private static func lowestRate(_ cells: [BlockCell]) -> String? {
    var counts: [String: Int] = [:]
    for cell in cells {
      let first = cell.rows.compactMap(\.metrics).first
      for name in (first?.conclusions ?? [:]).keys where rate(name) != nil {
        counts[name, default: 0] += 1
      }
    }
    let most = counts.values.max() ?? 0
    return counts.keys.filter { counts[$0] == most }.min {
      (rate($0) ?? 1, $0) < (rate($1) ?? 1, $1)
    }
  }

  /// The false positive rate in percent of a figure `TPR at FPR 0.1%`; nil for other figures and
  /// for the ends of intervals.
  private static func rate(_ name: String) -> Double? {
    let start = "TPR at FPR "
    guard name.hasPrefix(start), name.hasSuffix("%") else { return nil }
    return Double(name.dropFirst(start.count).dropLast())
  }

  private static func attackLoss(
    _ setting: [AxisLabel], _ choices: [Choice]
  ) -> Frontier {
    var points: [Frontier.Point] = []
    for choice in choices {
      guard let accuracy = choice.accuracy else { continue }
      let losses = choice.attacked.compactMap { attack, cell -> (String, Int, Estimate)? in
        guard cell.summary.verdict == .valid, cell.summary.observed == nil,
          let loss = cell.summary.accuracyLoss
        else { return nil }
        return (attack, cell.summary.cell, loss)
      }
      guard let worst = losses.max(by: { $0.2.mean < $1.2.mean }) else { continue }
      points.append(
        Frontier.Point(
          label: choice.label, cell: worst.1, privacy: worst.2, accuracy: accuracy,
          note: "worst attack \(worst.0)", isUndefended: choice.isUndefended, isNonAdaptive: false))
    }
    return Frontier(
      figure: .attackLoss, attack: nil, setting: setting, points: points,
      leftOut: unfinished(choices))
  }
}
