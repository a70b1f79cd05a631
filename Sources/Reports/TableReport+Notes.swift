internal import CommandLineTools
internal import Experiments

/// What stands below the tables.
extension Report {
  private var allCells: [BlockCell] { blocks.flatMap { $0.cells.map(\.cell) } }

  /// The marks that occur, and what the figures are.
  func legend(density: TextGrid.Density, width: Int) -> [String] {
    var entries: [(mark: String, meaning: String)] = []
    if allCells.contains(where: { $0.standing != nil }) {
      entries.append(
        ("*", "best against this attack; where several have it, their intervals overlap: no winner")
      )
    }
    if allCells.contains(where: { $0.summary.verdict == .void }) {
      entries.append(
        ("v", "void: the attack failed its control, so the figure says nothing about a defense"))
    }
    if allCells.contains(where: { $0.summary.verdict == .pending && $0.accuracy != nil }) {
      entries.append(("?", "not judged: its clean twin or its control has not finished"))
    }
    if blocks.contains(where: { $0.defenses.contains { $0.cells.contains { $0 == nil } } }) {
      entries.append(("–", "not part of what was run"))
    }
    var lines = entries.flatMap { mark, meaning in
      TextLayout.paragraph(meaning, first: mark + "  ", width: width)
    }
    if blocks.contains(where: { $0.defenses.contains { $0.worst != nil } }) {
      lines += TextLayout.paragraph(worstMeaning(density), width: width)
    }
    if !density.showsSpread, let widest = allCells.compactMap({ Self.halfSpan($0.accuracy) }).max()
    {
      lines += TextLayout.paragraph(
        "Intervals are left out to fit \(width) columns; the widest is "
          + "±\(Numbers.percent(widest)).", width: width)
    }
    return lines
  }

  private func worstMeaning(_ density: TextGrid.Density) -> String {
    let rows = blocks.flatMap(\.defenses)
    return "Worst: the lowest mean over the attacks that passed their control"
      + (rows.contains { $0.worst?.isUpperBound == true }
        ? " (≤ where some failed or are not finished)" : "")
      + (!density.showsOptional
        ? "." : "; lost: what that attack cost, paired by seed with the clean twin.")
  }

  private static func halfSpan(_ estimate: Estimate?) -> Double? {
    guard let estimate, estimate.count > 1 else { return nil }
    return (estimate.interval.upperBound - estimate.interval.lowerBound) / 2
  }

  /// Controls, who lies outside of promises, companions, what cannot exist, what failed, what is missing.
  func notes(width: Int, ink: Ink) -> [[String]] {
    [
      controlLines(width: width, ink: ink),
      outsidePromises.flatMap { TextLayout.paragraph($0, width: width) },
      impossible.flatMap { impossible in
        TextLayout.paragraph("n/a: \(impossible.reason)", width: width)
          + TextLayout.paragraph(
            [impossible.subjects.list(), impossible.suggestion ?? ""].filter { !$0.isEmpty }
              .joined(separator: "; "), first: "     ", width: width)
      },
      failures.flatMap { failure in
        TextLayout.paragraph("failed: \(failure.reason)", width: width)
          + failure.cells.flatMap { title, seeds in
            TextLayout.paragraph(
              "\(title), seed\(seeds.count == 1 ? "" : "s") "
                + seeds.map { "\($0)" }.list(), first: "     ", width: width)
          }
      },
      transportLines(width: width),
      closingLines(width: width),
    ]
  }

  private func controlLines(width: Int, ink: Ink) -> [String] {
    let controls = controls
    if controls.isEmpty { return [] }
    let bare = undefended.first ?? "mean"
    let heading = "Controls: each attack against '\(bare)', that is, undefended"
    let room = min(width / 3, controls.map(\.attack.displayWidth).max() ?? 0)
    return TextLayout.paragraph(heading, width: width)
      + controls.flatMap { control in
        TextLayout.paragraph(
          control.sentence,
          first: "  " + TextLayout.printable(control.attack).truncated(to: room).padded(to: room)
            + "  ", width: width)
      }
  }

  private func transportLines(width: Int) -> [String] {
    let costs = transportCosts
    if costs.isEmpty { return [] }
    return TextLayout.paragraph("Cost of the transport, a round of training", width: width)
      + costs.flatMap {
        TextLayout.paragraph("\($0.title): \($0.sentence)", first: "  ", width: width)
      }
  }

  /// What is not finished, and who came along.
  func closingLines(width: Int) -> [String] {
    let progress = progress
    var sentences: [String] = []
    if progress.pending > 0 {
      sentences.append(
        "\(progress.pending) of \(Numbers.count(progress.total, "run")) not finished; the same "
          + "command with the same --out goes on.")
    }
    if !companions.isEmpty {
      sentences.append(
        "\(companions.list()) came along as control or clean twin.")
    }
    return sentences.flatMap { TextLayout.paragraph($0, width: width) }
  }
}
