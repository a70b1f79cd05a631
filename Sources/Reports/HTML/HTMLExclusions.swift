internal import Experiments

/// What does not count, and why.
extension Report {
  var exclusions: Markup {
    let items = voidItems + impossibleItems + failureItems + pendingItems
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
