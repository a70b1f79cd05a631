internal import Experiments

/// The first screen: what was found, in plain words.
extension Report {
  var findingsSection: Markup {
    """
    <section aria-labelledby="findings">
    <h2 id="findings">Findings</h2>
    \(blocks.map(headline).joined("\n"))
    \(defenseList)
    \(howToRead)
    \(exclusions)
    </section>
    """
  }

  /// ` with transport plain`, where there are several settings.
  func within(_ block: MatrixBlock) -> Markup {
    block.setting.isEmpty
      ? ""
      : " with \(block.setting.map { "\($0.axis.rawValue) \(.code($0.label))" as Markup }.list())"
  }

  // MARK: - In a few sentences

  private func headline(_ block: MatrixBlock) -> Markup {
    let sentences = [undefendedSentence(block), heldSentence(block), rankSentence(block)]
      .compactMap { $0 }
    return sentences.isEmpty ? "" : "<p>\(sentences.joined(" "))</p>"
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
      row.worst?.isUpperBound == false && counting.allSatisfy { row.cells[$0]?.outcome == .held }
    }
    if !held.isEmpty {
      let names = held.map { row -> Markup in
        let cost: Markup =
          row.cleanCost.map { " (which itself costs \(.estimate($0)) points)" } ?? ""
        return "\(.code(row.label))\(cost)"
      }
      let every: Markup =
        counting.count > 1 ? "every attack that counts" : "the attack that counts"
      return "\(Self.some(names, of: rows.count)) held against \(every)."
    }
    if rows.allSatisfy({ row in row.cells.contains { $0?.outcome == .broke } }) {
      return rows.count == 1
        ? "The defense broke under at least one attack."
        : "Every defense broke under at least one attack."
    }
    return "No defense was shown to hold against every attack that counts."
  }

  /// Up to four names, else how many they are.
  private static func some(_ names: [Markup], of count: Int) -> Markup {
    names.count <= 4 ? names.list() : "\(names.count) of \(count) defenses"
  }

  /// Which defense has the highest worst case, and what it can be told apart from.
  private func rankSentence(_ block: MatrixBlock) -> Markup? {
    let ranked = block.defenses.compactMap { row in row.worst.map { (row: row, worst: $0) } }
      .sorted { $0.worst.accuracy.mean > $1.worst.accuracy.mean }
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
      return """
        \(start); the next is \(.estimate(ranked[1].worst.accuracy))%, by \
        \(.code(ranked[1].row.label)).
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

  // MARK: - Each defense

  private var defenseList: Markup {
    let items = labels(.defense).filter { !undefended.contains($0) }.map { defense -> Markup in
      """
      <li><h3>\(broken(defense))</h3><div><p>\(outcomeSentence(defense))</p>\
      <p class="quiet">\(worstSentence(defense)) \(costSentence(defense))</p></div></li>
      """
    }
    return items.isEmpty ? "" : "<ul class=\"verdicts\">\n\(items.joined("\n"))\n</ul>"
  }

  private func worstSentence(_ defense: String) -> Markup {
    let candidates = blocks.compactMap { block -> (MatrixBlock, MatrixBlock.Worst, Estimate)? in
      guard let row = block.defenses.first(where: { $0.label == defense }), let worst = row.worst,
        let loss = row.cells[worst.column]?.summary.accuracyLoss
      else { return nil }
      return (block, worst, loss)
    }
    guard
      let (block, worst, loss) = candidates.min(by: { $0.1.accuracy.mean < $1.1.accuracy.mean })
    else { return "" }
    let bound: Markup = candidates.contains { $0.1.isUpperBound } ? " among what is finished" : ""
    return """
      Worst case\(bound): \(.estimate(worst.accuracy))% under \
      \(.code(block.attacks[worst.column].label))\(within(block)), \(.estimate(loss)) points lost.
      """
  }

  private func costSentence(_ defense: String) -> Markup {
    let costs = blocks.compactMap { block in
      block.defenses.first { $0.label == defense }?.cleanCost
    }
    guard let highest = costs.max(by: { $0.mean < $1.mean }) else { return "" }
    let most: Markup = costs.count > 1 ? " at most" : ""
    return "When nobody attacks it costs\(most) \(.estimate(highest)) points."
  }

  // MARK: - How to read it

  private var howToRead: Markup {
    let spread =
      switch usualSeedCount {
      case 1:
        "There is one seed only: no interval can be given, no defense is called best, and another "
          + "seed may tell another story."
      case 2..<5:
        "Figures are means with their range over \(usualSeedCount) seeds: too few for intervals, so "
          + "no defense is called best."
      default:
        "Figures are means over \(usualSeedCount) seeds ± half the width of the 95% t interval."
      }
    let whole = usualSeedCount < 5 ? "for every seed" : "over the whole interval"
    return """
      <p class="note">\(spread) Accuracy lost is paired by seed: the clean twin, with the same \
      data, partition and initial weights and nobody attacking, minus the attacked run. An attack \
      counts when it passed its <a href="#\(controls.isEmpty ? (showsMatrix ? "matrix" : "comparison") : "controls")">control</a>. \
      A defense <em>held</em> when it lost less than the bound that the attack had to pass \
      undefended \(whole), <em>broke</em> when it lost that much \(whole), and is \
      <em>undecided</em> otherwise. Intervals are not corrected for the number of comparisons.</p>
      """
  }
}
