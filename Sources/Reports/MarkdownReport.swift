internal import CommandLineTools
internal import Experiments

extension Report {
  /// The tables of the terminal as GitHub shows them: what each defense withstood, the matrix,
  /// what was seen, what was compared, then controls, what cannot exist, what failed, provenance.
  func markdown(_ options: ReportOptions) -> String {
    let sections =
      [opening]
      + (showsMatrix ? [findings, matrix] : [])
      + [
        observations, privacy, comparison, controlTable, impossibleTable, failureTable, costTable,
        closing,
      ]
      + [provenance(options)]
    return sections.joined().map(\.text).joined(separator: "\n")
  }

  /// Blocks of source, each ending with a line end; blank lines go between.
  private typealias Section = [Markdown]

  private var opening: Section {
    let named = showsMatrix ? common : common.filter { $0.axis != .threat }
    let shared = named.map { "\($0.axis) \($0.label)" }.joined(separator: " · ")
    let subject: Markdown =
      showsMatrix
      ? "Final test accuracy in percent: \(spreadMeaning)."
      : "Nobody attacks; \(Numbers.count(seeds.count, "seed"))."
    return ["# \(results.name)\n", "\(subject)\n"]
      + (shared.isEmpty ? [] : ["Common to all cells: \(shared)\n"])
  }

  private func heading(_ block: MatrixBlock) -> Section {
    block.setting.isEmpty ? [] : ["### \(block.title)\n"]
  }

  // MARK: - Findings

  /// What each defense withstood, by the bound that the attack itself had to pass.
  private var findings: Section {
    let tables = blocks.flatMap { block -> Section in
      let rows = block.defenses.filter { !$0.isUndefended && !$0.isImpossible }.map { row in
        [row.label, against(.held, row, block), against(.undecided, row, block)]
          + [against(.broke, row, block), worst(row, block), cost(row)]
      }
      if rows.isEmpty { return [] }
      let heads: [Markdown] = [
        "defense", "held against", "undecided", "broke under", "worst case", "costs unattacked",
      ]
      return heading(block) + [.table(heads, rows.map { $0.map { "\($0)" } }, isText: true)]
    }
    if tables.isEmpty { return [] }
    let whole = usualSeedCount < 5 ? "for every seed" : "over the whole interval"
    return ["## Findings\n"] + tables + [
      """
      A defense *held* when it lost less than the bound that the attack had to pass undefended \
      \(whole), *broke* when it lost that much \(whole), and is *undecided* otherwise. Intervals are \
      not corrected for the number of comparisons.

      """
    ] + outsidePromises.map { "\($0)\n" }
  }

  private func against(
    _ outcome: BlockCell.Outcome, _ row: MatrixBlock.Row, _ block: MatrixBlock
  ) -> String {
    let names = block.attacks.indices.filter { row.cells[$0]?.outcome == outcome }
      .map { column in
        let outside = outcome == .held ? nil : row.cells[column]?.outsidePromiseOf
        return block.attacks[column].label
          + (outside.map { " (outside the promise of \($0))" } ?? "")
      }
    return names.isEmpty ? "–" : names.joined(separator: ", ")
  }

  private func worst(_ row: MatrixBlock.Row, _ block: MatrixBlock) -> String {
    guard let worst = row.worst else { return "–" }
    let bound = worst.isUpperBound ? "≤" : ""
    return "\(bound)\(figure(worst.accuracy)) under \(block.attacks[worst.column].label)"
  }

  private func cost(_ row: MatrixBlock.Row) -> String {
    row.cleanCost.map { "\(figure($0)) points" } ?? "–"
  }

  private func figure(_ estimate: Estimate) -> String {
    let spread = Self.spread(estimate, usualCount: usualSeedCount)
    return Numbers.percent(estimate.mean) + (spread.isEmpty ? "" : " " + spread)
  }

  // MARK: - Tables

  private var matrix: Section {
    let tables = blocks.flatMap { block -> Section in
      let absent = block.defenses.filter(\.isImpossible).map(\.label)
      let groups = block.onGroups
      return heading(block) + [.table(grid(block), head: "defense")]
        + (absent.isEmpty ? [] : ["n/a throughout: \(absent.list())\n"])
        + (groups.isEmpty ? [] : ["\(groups.list()) \(MatrixBlock.groupsMeaning)\n"])
    }
    let legend = legend(density: TextGrid.Density(), width: .max).map { "- \($0)\n" as Markdown }
    return ["## Matrix\n"] + tables + (legend.isEmpty ? [] : ["\(legend, separator: "")"])
  }

  private var privacy: Section {
    let (tables, meaning) = privacyTables
    if tables.isEmpty { return [] }
    return ["## \(Self.privacyHeading)\n"]
      + tables.flatMap { heading($0.block) + [.table($0.grid, head: "defense")] }
      + ["\(meaning)\n"]
  }

  private var observations: Section {
    observedFigures.flatMap { figure -> Section in
      let grids = blocks.map { ($0, observedGrid($0, figure: figure)) }
        .filter { !$0.1.columns.isEmpty }
      let marks = Set(grids.flatMap { $0.1.columns.flatMap { $0.cells.flatMap(\.mark) } })
      let meanings = Self.observationMarks.filter { marks.contains($0.mark) }
        .map { "- \(String($0.mark))  \($0.meaning)\n" as Markdown }
      return ["## What was seen: \(figure)\n"]
        + grids.flatMap { heading($0) + [.table($1, head: "defense")] }
        + ["\(observationMeaning)\n"]
        + (meanings.isEmpty ? [] : ["\(meanings, separator: "")"])
    }
  }

  private var comparison: Section {
    comparisons.flatMap { comparison -> Section in
      let grids = ComparisonGrids(comparison, targets: results.targets)
      let parts = grids.parts.flatMap { part -> Section in
        ["### \(part.heading)\n", .table(part.grid, head: "entry")]
      }
      return ["## \(grids.title)\n"] + parts + grids.notes.map { "\($0)\n" }
    }
  }

  // MARK: - What else must be known

  private var controlTable: Section {
    let controls = controls
    if controls.isEmpty { return [] }
    let rows = controls.map { ["\($0.attack)", "\($0.sentence)"] as [Markdown] }
    return [
      "## Controls\n",
      "Each attack against '\(undefended.first ?? "mean")', that is, undefended.\n",
      .table(["attack", "control"], rows, isText: true),
    ]
  }

  private var impossibleTable: Section {
    let impossible = impossible
    if impossible.isEmpty { return [] }
    let rows = impossible.map { entry -> [Markdown] in
      [
        "\(entry.subjects.isEmpty ? "–" : entry.subjects.list())", "\(entry.reason)",
        "\(entry.suggestion ?? "–")", "\(entry.cells)",
      ]
    }
    return [
      "## What cannot exist\n",
      .table(["n/a", "why", "what would work", "cells"], rows, isText: true),
    ]
  }

  private var failureTable: Section {
    let failures = failures
    if failures.isEmpty { return [] }
    let rows = failures.flatMap { failure in
      failure.cells.map { title, seeds -> [Markdown] in
        ["\(title)", "\(seeds.map { "\($0)" }.list())", "\(failure.reason)"]
      }
    }
    return ["## What failed\n", .table(["cell", "seeds", "reason"], rows, isText: true)]
  }

  private var costTable: Section {
    let rows = transportCosts.map { ["\($0.title)", "\($0.sentence)"] as [Markdown] }
    if rows.isEmpty { return [] }
    return [
      "## Cost of the transport\n",
      .table(["transport", "in a round of training"], rows, isText: true),
    ]
  }

  private var closing: Section { closingLines(width: .max).map { "\($0)\n" } }

  private func provenance(_ options: ReportOptions) -> Section {
    let progress = progress
    let facts = [
      "Rampart \(results.versions.isEmpty ? "of unknown version" : results.versions.list())",
      "BLAS kernels \(results.blasCores.isEmpty ? "unknown" : results.blasCores.list())",
      "seeds \(seeds.map { "\($0)" }.list())",
      "\(progress.done) of \(Numbers.count(progress.total, "run")) finished",
      "\(Numbers.duration(computeSeconds)) of computing",
    ]
    let mixed =
      results.versions.count > 1 || results.blasCores.count > 1
      ? " Mixed origin: runs by different versions or kernels may differ in the last bits." : ""
    return ["---\n", "\(facts.joined(separator: "; ")).\(mixed)\n"]
      + (options.command.map { ["Command: \($0)\n"] } ?? [])
  }
}
