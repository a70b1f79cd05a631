internal import Experiments

extension RunChanges {
  /// One object: `schema` (`rampart-comparison`), `schemaVersion`, the runs `a` and `b`, `changes`
  /// of entries, `pairs` (cells of both with every measure, conclusion and epsilon: `a`, `b` and
  /// `difference`, paired by seed), `onlyInA` and `onlyInB`.
  var json: String {
    let root = JSONText.object([
      ("schema", "rampart-comparison"), ("schemaVersion", 1),
      ("a", Self.json(comparison.first)), ("b", Self.json(comparison.second)),
      (
        "changes",
        .list(
          comparison.changes.map { change in
            .object([
              ("axis", .text(change.axis.rawValue)), ("a", .text(change.from)),
              ("b", .text(change.to)),
            ])
          })
      ),
      ("pairs", .list(comparison.pairs.map(Self.json))),
      ("onlyInA", .list(comparison.onlyInFirst.map(Self.json))),
      ("onlyInB", .list(comparison.onlyInSecond.map(Self.json))),
    ])
    return root.encoded(depth: 2) + "\n"
  }

  private static func json(_ results: MatrixResults) -> JSONText {
    .object([
      ("name", .text(results.name)), ("folder", .text(results.folder)),
      ("versions", .list(results.versions.map { .text($0) })),
      ("blasCores", .list(results.blasCores.map { .text($0) })),
    ])
  }

  private static func labels(_ cell: MatrixResults.CellSummary) -> JSONText {
    .object(Axis.allCases.map { ($0.rawValue, .text(cell.label($0))) })
  }

  private static func json(_ cell: MatrixResults.CellSummary) -> JSONText {
    .object([
      ("cell", .integer(cell.cell)), ("labels", labels(cell)),
      ("verdict", .text(cell.verdict.rawValue)), ("accuracy", Report.json(cell.accuracy)),
    ])
  }

  private static func json(_ pair: RunComparison.Pair) -> JSONText {
    func figure(_ first: Estimate?, _ second: Comparison.Figure?) -> JSONText {
      if first == nil && second == nil { return .null }
      return .object([
        ("a", Report.json(first)), ("b", Report.json(second?.value)),
        ("difference", Report.json(second?.difference)),
      ])
    }
    func figure(_ figures: RunComparison.Figures?) -> JSONText {
      figure(figures?.first, figures?.second)
    }
    return .object([
      ("a", json(pair.first)), ("b", json(pair.second)), ("seeds", .integer(pair.seeds)),
      ("isSame", .boolean(pair.isSame && pair.seeds > 0)),
      ("hasSameConfiguration", pair.hasSameConfiguration.map { .boolean($0) } ?? .null),
      (
        "figures",
        .object(
          Comparison.Measure.allCases.map { measure in
            (
              measure.rawValue,
              figure(pair.baseline.figures[measure]?.value, pair.entry.figures[measure])
            )
          })
      ),
      ("epsilonUpper", figure(pair.epsilonUpper)), ("epsilonLower", figure(pair.epsilonLower)),
      (
        "conclusions",
        .object(pair.conclusions.keys.sorted().map { ($0, figure(pair.conclusions[$0])) })
      ),
    ])
  }
}
