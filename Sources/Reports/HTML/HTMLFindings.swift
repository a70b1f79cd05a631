internal import Experiments

/// The first screen: what was found, in plain words.
extension Report {
  var findingsSection: Markup {
    """
    <section aria-labelledby="findings">
    <h2 id="findings">Findings</h2>
    \(blocks.map(headline).joined("\n"))
    \(defenseList)
    \(costsTable)
    \(exclusions)
    \(howToRead)
    </section>
    """
  }

  /// ` with transport plain`, where there are several settings.
  func within(_ block: MatrixBlock) -> Markup {
    block.setting.isEmpty
      ? ""
      : " with \(block.setting.map { "\($0.axis.rawValue) \(.code($0.label))" as Markup }.list())"
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
    let isRuinous = blocks.contains { block in
      block.defenses.contains { $0.label == defense && $0.isRuinous }
    }
    let caution: Markup = isRuinous ? " That is more than an attack must cost to count." : ""
    return "When nobody attacks it costs\(most) \(.estimate(highest)) points.\(caution)"
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
      <em>undecided</em> otherwise\(hasNonAdaptive
        ? ", or when nobody who knows the defense has tried" : "").</p>
      \(multiplicityNote)
      """
  }

  private var hasNonAdaptive: Bool {
    results.cells.contains { $0.observed?.isNonAdaptiveOnly == true }
  }

  /// How many verdicts there are, and which do not stand among so many.
  private var multiplicityNote: Markup {
    let asked = multiplicity.asked
    if asked == 0 { return "" }
    if asked == 1 {
      return "<p class=\"note\">There is one verdict only: its interval needs no correction.</p>"
    }
    let decided = multiplicity.decided
    let lost = blocks.flatMap { block in
      block.cells.filter { place in
        let cell = place.cell.summary.cell
        return decided.contains(cell) && !multiplicity.standing.contains(cell)
      }.map { title($0.cell.summary, in: block) }
    }
    let names =
      lost.isEmpty
      ? "all of them stand"
      : "\(decided.count - lost.count) stand; not so "
        + (lost.count <= 6 ? lost.list() : "\(lost.count) others")
    return """
      <p class="note">Each interval holds by itself with 95%. Of \(asked) verdicts asked for, \
      \(decided.count) \(decided.count == 1 ? "is" : "are") decided; with the chance of any error \
      among all of them held at 5% (Holm 1979), \(names). Stars and margins are not corrected.</p>
      """
  }
}
