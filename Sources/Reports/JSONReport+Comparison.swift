internal import Experiments

extension Report {
  /// `comparisons` of the JSON format.
  var jsonComparisons: JSONText {
    .list(
      comparisons.map { comparison in
        .object([
          ("axis", .text(comparison.axis.rawValue)),
          ("setting", .object(comparison.setting.map { ($0.axis.rawValue, .text($0.label)) })),
          ("entries", .list(comparison.entries.map(Self.json))),
        ])
      })
  }

  private static func json(_ entry: Comparison.Entry) -> JSONText {
    .object([
      ("label", .text(entry.label)), ("cell", .integer(entry.cell)),
      ("planned", .integer(entry.planned)), ("finished", .integer(entry.finished)),
      (
        "figures",
        .object(
          Comparison.Measure.allCases.map { measure in
            let figure = entry.figures[measure]
            return (
              measure.rawValue,
              figure.map {
                .object([("value", json($0.value)), ("difference", json($0.difference))])
              } ?? .null
            )
          })
      ),
      ("targets", .list(entry.targets.map(json))),
    ])
  }

  private static func json(_ figure: TargetFigure) -> JSONText {
    .object([
      ("target", .number(figure.target)), ("runs", .integer(figure.runs)),
      ("reached", .integer(figure.reached)),
      (
        "costs",
        .object(
          TargetFigure.Cost.allCases.map { cost in
            (
              cost.rawValue,
              figure.costs[cost].map { spent in
                .object([
                  ("median", .number(ifAny: spent.median)),
                  ("difference", json(spent.difference)), ("won", .integer(spent.won)),
                  ("lost", .integer(spent.lost)), ("tied", .integer(spent.tied)),
                  ("undecided", .integer(spent.undecided)),
                ])
              } ?? .null
            )
          })
      ),
    ])
  }
}
