internal import Experiments
internal import Federation

/// What does not count, and why.
extension Report {
  var exclusions: Markup {
    let items =
      voidItems + nonAdaptiveItems + impossibleItems + failureItems + pendingItems + seedItems
    if items.isEmpty { return "" }
    return """
      <h3>What does not count, and why</h3>
      <ul class="plain">
      \(items.map { "<li>\($0)</li>" as Markup }.joined("\n"))
      </ul>
      """
  }

  private var voidItems: [Markup] {
    blocks.flatMap { block in
      block.attacks.compactMap { column -> Markup? in
        guard let control = column.control, control.verdict == .void else { return nil }
        let bounds = control.result.readings.map { reading -> Markup in
          "\(reading.bound), but \(ControlFinding.seen(reading, .void))"
        }
        return """
          \(.code(column.label))\(within(block)) is <strong>void</strong>: it had to show that \
          \(bounds.joined("; or that ")). A failed attack is not protection, so its figures say \
          nothing about any defense.
          """
      }
    }
  }

  /// Defenses met by attackers alone who do not know them: by attack, with what was in the way.
  private var nonAdaptiveItems: [Markup] {
    labels(.attack).compactMap { attack -> Markup? in
      let cells = results.cells.filter {
        $0.label(.attack) == attack && $0.observed?.isNonAdaptiveOnly == true
      }
      if cells.isEmpty { return nil }
      let names = Self.distinct(cells.map { $0.label(.defense) }).map(Markup.code)
      let gaps = Self.distinct(cells.flatMap { $0.observed?.adaptivity?.gaps ?? [] })
      let why = gaps.isEmpty ? "none that knows it is known" : gaps.list()
      return """
        \(.code(attack)) met \(names.list()) <strong>non-adaptive only</strong>: \(why). Whoever \
        does not know a defense says nothing about whoever does, so it did not hold.
        """
    }
  }

  /// Cells with fewer seeds than the others.
  private var seedItems: [Markup] {
    let short = results.cells.filter { cell in
      (cell.accuracy?.count).map { $0 < usualSeedCount } ?? false
    }
    if short.isEmpty { return [] }
    return [
      """
      <strong>Fewer seeds</strong>: \(Numbers.count(short.count, "cell")) \
      \(short.count == 1 ? "has" : "have") fewer than \(usualSeedCount) finished; their figures are \
      less sure.
      """
    ]
  }

  private var impossibleItems: [Markup] {
    impossible.map { impossible in
      let subjects: Markup =
        impossible.subjects.isEmpty ? "" : "\(impossible.subjects.map(Markup.code).list()): "
      let suggestion = impossible.suggestion.map { " To run it, \($0)." } ?? ""
      return """
        \(subjects)<strong>n/a</strong> in \(Numbers.count(impossible.cells, "cell")): \
        \(impossible.reason).\(suggestion)
        """
    }
  }

  private var failureItems: [Markup] {
    failures.map { failure in
      let runs = failure.cells.reduce(0) { $0 + $1.seeds.count }
      let shown = failure.cells.prefix(6).map { title, seeds in
        "\(title), seed\(seeds.count == 1 ? "" : "s") \(seeds.map { "\($0)" }.list())"
      }
      let more = failure.cells.count > 6 ? "; and \(failure.cells.count - 6) more cells" : ""
      return """
        <strong>Failed</strong>, \(Numbers.count(runs, "run")): \(failure.reason) \
        (\(shown.joined(separator: "; "))\(more)).
        """
    }
  }

  private var pendingItems: [Markup] {
    let pending = progress.pending
    if pending == 0 { return [] }
    return [
      """
      <strong>Not finished</strong>: \(Numbers.count(pending, "run")). The same command with the \
      same folder goes on where it stopped; until then what is said above may change.
      """
    ]
  }
}
