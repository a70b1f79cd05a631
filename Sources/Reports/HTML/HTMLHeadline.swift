internal import Experiments

/// What was found in a block, in a few sentences.
extension Report {
  func headline(_ block: MatrixBlock) -> Markup {
    let sentences =
      [undefendedSentence(block)] + observerSentences(block)
      + [heldSentence(block), rankSentence(block), worstAttackSentence(block)]
    let known = sentences.compactMap { $0 }
    return known.isEmpty ? "" : "<p>\(known.joined(" "))</p>"
  }

  private func undefendedSentence(_ block: MatrixBlock) -> Markup? {
    guard let row = block.defenses.first(where: \.isUndefended), let worst = row.worst,
      let cell = row.cells[worst.column], let loss = cell.summary.accuracyLoss
    else { return nil }
    let clean = block.attacks.firstIndex(where: \.isClean).flatMap { row.cells[$0]?.accuracy }
    let start: Markup =
      clean.map { "reaches \(.estimate($0))% when nobody attacks and " } ?? ""
    let places = block.attacks.count { $0.control?.verdict == .valid }
    let superlative: Markup = places > 1 ? ", the worst attack that counts" : ""
    return """
      Undefended\(within(block)), the model \(start)falls to \(.estimate(worst.accuracy))% under \
      \(.code(block.attacks[worst.column].label))\(superlative): a loss of \(.estimate(loss)) points.
      """
  }

  /// Which defenses held against everything that counts.
  private func heldSentence(_ block: MatrixBlock) -> Markup? {
    let rows = block.defenses.filter { row in
      !row.isUndefended && row.cells.contains { $0?.outcome != nil }
    }
    if rows.isEmpty { return nil }
    let counting = block.attacks.indices.filter { column in
      block.defenses.contains { $0.cells[column]?.summary.verdict == .valid }
    }
    let held = rows.filter { row in
      row.isComplete && counting.allSatisfy { row.cells[$0]?.outcome == .held }
    }
    if !held.isEmpty {
      let names = held.map { row -> Markup in
        let cost: Markup =
          row.cleanCost.map { " (which itself costs \(.estimate($0)) points)" } ?? ""
        return "\(.code(row.label))\(cost)"
      }
      let every: Markup =
        counting.count > 1 ? "every attack that counts" : "the attack that counts"
      let ruined = held.filter(\.isRuinous).map { Markup.code($0.label) }
      let caution: Markup =
        ruined.isEmpty
        ? ""
        : """
         But \(Self.some(ruined, of: rows.count)) had cost the model more before anybody attacked than \
        an attack must: that is no protection.
        """
      return "\(Self.some(names, of: rows.count)) held against \(every).\(caution)"
    }
    if rows.allSatisfy({ row in row.cells.contains { $0?.outcome == .broke } }) {
      let all: Markup =
        rows.count == 1
        ? "The defense broke under at least one attack."
        : "Every defense broke under at least one attack."
      return "\(all)\(outsideSentence(rows, of: block))"
    }
    return "No defense was shown to hold against every attack that counts."
  }

  /// Which of `rows` broke under attackers alone whom their promises do not reach.
  private func outsideSentence(_ rows: [MatrixBlock.Row], of block: MatrixBlock) -> Markup {
    let outside = rows.filter { row in
      row.cells.allSatisfy { $0?.outcome != .broke || $0?.outsidePromiseOf != nil }
    }.map { Markup.code($0.label) }
    if outside.isEmpty { return "" }
    return """
       But \(Self.some(outside, of: rows.count)) broke only under attackers outside what is promised: \
      they use what only the server has, which is trusted.
      """
  }

  /// Up to four names, else how many they are.
  private static func some(_ names: [Markup], of count: Int) -> Markup {
    names.count <= 4 ? names.list() : "\(names.count) of \(count) defenses"
  }

  /// Which defense has the highest worst case, and what it can be told apart from.
  private func rankSentence(_ block: MatrixBlock) -> Markup? {
    let ranked = block.ranked.compactMap { row in row.worst.map { (row: row, worst: $0) } }
    guard ranked.count > 1, let top = ranked.first, !ranked.contains(where: \.worst.isUpperBound),
      ranked.allSatisfy({ $0.worst.accuracy.halfWidth != nil })
    else { return nil }
    let overlapping = ranked.dropFirst().filter {
      $0.worst.accuracy.interval.overlaps(top.worst.accuracy.interval)
    }
    let start: Markup = """
      The highest worst case is \(.estimate(top.worst.accuracy))%, by \(.code(top.row.label)) under \
      \(.code(block.attacks[top.worst.column].label))
      """
    if overlapping.isEmpty {
      let margin: Markup =
        block.bestMargin.map { ", \(.estimate($0.difference)) points less" } ?? ""
      return """
        \(start); the next is \(.estimate(ranked[1].worst.accuracy))%, by \
        \(.code(ranked[1].row.label))\(margin).
        """
    }
    if overlapping.count > 4 {
      return "\(start), but the intervals of \(overlapping.count) others overlap it: no winner."
    }
    let names = overlapping.map { Markup.code($0.row.label) }.list()
    return overlapping.count == 1
      ? "\(start), but the interval of \(names) overlaps it: no winner."
      : "\(start), but the intervals of \(names) overlap it: no winner."
  }

  /// Which attack is worst for most, and by how much for the best defense.
  private func worstAttackSentence(_ block: MatrixBlock) -> Markup? {
    guard let worst = block.worstAttack, worst.total > 1, block.attacks.count > 2 else {
      return nil
    }
    let start: Markup = """
      \(.code(worst.label)) is the worst attack for \(worst.defenses) of \(worst.total) rows\
      \(undefended.isEmpty ? "" : ", the undefended one counted")
      """
    guard let margin = worst.margin else { return "\(start)." }
    return """
      \(start); against \(.code(worst.best)) it leaves \(.estimate(margin.difference)) points less \
      than the next, \(.code(margin.second)).
      """
  }

  /// What attacks that read along concluded, undefended and under the defense that allows least.
  private func observerSentences(_ block: MatrixBlock) -> [Markup?] {
    block.observedColumns.prefix(4).map { column, figure -> Markup? in
      guard block.attacks[column].control?.verdict == .valid,
        let bare = block.defenses.first(where: \.isUndefended)?.cells[column]?.summary.observed
      else { return nil }
      let tried = block.defenses.compactMap { row -> (label: String, worse: Estimate)? in
        guard !row.isUndefended, let observed = row.cells[column]?.summary.observed,
          !observed.isNonAdaptiveOnly
        else { return nil }
        return (row.label, observed.worse)
      }
      let start: Markup = """
        Undefended\(within(block)), \(.code(block.attacks[column].label)) reaches \(figure) \
        \(Self.plain(bare.worse))
        """
      guard let least = tried.min(by: { $0.worse.mean < $1.worse.mean }) else { return "\(start)." }
      return """
        \(start); under \(.code(least.label)), which allows least against who knows it, \
        \(Self.plain(least.worse)).
        """
    }
  }

  /// A figure with its spread, in its own unit; shares below 1 with three decimals.
  static func plain(_ estimate: Estimate) -> Markup {
    let digits = max(abs(estimate.minimum), abs(estimate.maximum)) <= 2 ? 3 : 1
    let mean = Numbers.fixed(estimate.mean, digits: digits)
    if let halfWidth = estimate.halfWidth {
      return "<span class=\"n\">\(mean) ± \(Numbers.fixed(halfWidth, digits: digits))</span>"
    }
    if estimate.count == 1 { return "<span class=\"n\">\(mean)</span>" }
    let (low, high) = (
      Numbers.fixed(estimate.minimum, digits: digits),
      Numbers.fixed(estimate.maximum, digits: digits)
    )
    return "<span class=\"n\">\(mean) (\("\(low)–\(high)"))</span>"
  }
}
