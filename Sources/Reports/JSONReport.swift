internal import Components
internal import Experiments
internal import Federation

extension Report {
  /// The version of the JSON layout: raised when a member changes its meaning or goes away, not when
  /// one is added.
  public static let jsonSchemaVersion = 1

  /// Everything the other formats show, as one JSON object with members in a fixed order:
  ///
  /// - `schema` (`rampart-report`), `schemaVersion`, `name`;
  /// - `axes`: the labels on each axis in the order of the matrix; `seeds`;
  /// - `cells`: one a cell, with its labels, `verdict`, estimates over the seeds (`count`, `mean`,
  ///   `halfWidth` of the 95% t interval or null below five seeds, `minimum`, `maximum`) of
  ///   `accuracy` and of `accuracyLoss` (paired by seed with the clean twin) and of `shortfall`
  ///   (below the undefended clean cell, paired by seed: attack and defense together), `control` (what the attack had to
  ///   achieve and did), `observed` (what whoever reads along concluded: the `figure` it is held to,
  ///   its `value`, of each run the worse for the defender of `plain` and `adaptive` attacker, and
  ///   `adaptivity`: `adaptive`, `non-adaptive only`, or null where nothing defends, with `gaps`, what
  ///   of the defense no attack made use of), `standing` (`best` or `tied` in its column), `outcome` (`held`, `broke` or
  ///   `undecided` by the control's bound), `outsidePromiseOf` (the component that trusts the server
  ///   where the attacker uses what only the server has) and whether it `standsAmongAll` (Holm; null where it is not decided or there is
  ///   no interval), `curve` (mean, least and greatest accuracy by round),
  ///   `dataDigest` (SHA-256 of the data), `command` (which runs the cell again) and
  ///   `stagesOnGroups` (which stages of the defense got groups' sums in place of updates);
  /// - `targets`: the test accuracies for which costs are told;
  /// - `comparisons`: entries of an axis side by side where nobody attacks, each with `figures`
  ///   (`value`, and `difference` from the first entry, paired by seed) and `targets` (how many
  ///   `runs` `reached` it, and of each cost the `median`, null where too few did, the `difference`,
  ///   null unless all did, and seeds `won`, `lost`, `tied` and `undecided`);
  /// - `frontiers`: accuracy when nobody attacks against a `figure` of which less is better, each with
  ///   `title`, `attack`, and `points` (`label`, `cell`, `figure`, null where it is without bound,
  ///   `accuracy`, `note` and `standing`);
  /// - `rows`: one a cell and seed, with the members of the CSV format (labels are in the cell),
  ///   `key` (SHA-256 of all that determines it), notes, observers' conclusions and the learning curve as
  ///   `[round, accuracy, loss, time, bytesUp, bytesDown, worstTenth]`, and of a transport that is a
  ///   protocol what each `role` sent and took in `cpuSeconds`, by `trainingRound` and by `round` of the
  ///   protocol; the members about privacy stand together in `privacy`, null where a run promises
  ///   nothing;
  /// - `provenance`: versions, BLAS kernels, processors, runs by status, compute time, command.
  ///
  /// Members whose names end in `Seconds`, and `provenance`, may differ between repetitions of a
  /// run; nothing else does. What does not apply is null.
  func json(_ options: ReportOptions) -> String {
    let root = JSONText.object([
      ("schema", "rampart-report"),
      ("schemaVersion", .integer(Self.jsonSchemaVersion)),
      ("name", .text(results.name)),
      (
        "axes",
        .object(Axis.allCases.map { ($0.rawValue, .list(labels($0).map { .text($0) })) })
      ),
      ("seeds", .list(seeds.map { .seed($0) })),
      ("targets", .list(results.targets.map { .number($0) })),
      ("cells", .list(jsonCells)),
      ("comparisons", jsonComparisons),
      ("frontiers", .list(frontiers.map(\.json))),
      ("rows", .list(results.rows.map(Self.json))),
      ("provenance", provenance(options)),
    ])
    return root.encoded(depth: 2) + "\n"
  }

  private var jsonCells: [JSONText] {
    let cells = blocks.flatMap { block in
      block.cells.map { place in
        (place.cell, block.attacks[place.column])
      }
    }
    return cells.sorted { $0.0.summary.cell < $1.0.summary.cell }.map(json)
  }

  private func json(
    _ cell: BlockCell, column: MatrixBlock.Column
  ) -> JSONText {
    let summary = cell.summary
    let control: JSONText =
      column.control.map { control in
        .object([
          ("bound", .text(control.result.readings[0].bound)),
          ("minimumAccuracyLoss", .number(control.result.readings[0].minimum)),
          ("accuracyLoss", Self.json(control.result.readings[0].seen)),
          ("verdict", .text(control.verdict.rawValue)),
          (
            "measure", .text(ifAny: control.verdict == .valid ? control.reading.measure.name : nil)
          ),
          (
            "alternatives",
            .list(
              control.result.readings.dropFirst().map { reading in
                .object([
                  ("measure", .text(reading.measure.name)), ("bound", .text(reading.bound)),
                  ("minimum", .number(reading.minimum)), ("seen", Self.json(reading.seen)),
                ])
              })
          ),
        ])
      } ?? .null
    return .object([
      ("cell", .integer(summary.cell)),
      ("labels", .object(Axis.allCases.map { ($0.rawValue, .text(summary.label($0))) })),
      ("role", summary.description.isCompanion ? "companion" : "asked"),
      ("colluders", .integer(summary.description.colluders)),
      ("twin", .integer(summary.description.twin)),
      ("controlCell", .integer(summary.description.control)),
      ("verdict", .text(summary.verdict.rawValue)),
      ("accuracy", Self.json(summary.accuracy)),
      ("accuracyLoss", Self.json(summary.accuracyLoss)),
      ("shortfall", Self.json(cell.shortfall)),
      ("control", control),
      ("standing", .text(ifAny: cell.standing?.rawValue)),
      ("outcome", .text(ifAny: cell.outcome?.rawValue)),
      ("outsidePromiseOf", .text(ifAny: cell.outsidePromiseOf)),
      (
        "standsAmongAll",
        multiplicity.decided.contains(summary.cell)
          ? .boolean(multiplicity.standing.contains(summary.cell)) : .null
      ),
      ("observed", summary.observed.map(Self.json) ?? .null),
      ("curve", Self.json(LearningCurve(cell.rows))),
      ("reason", .text(ifAny: summary.reason)),
      ("suggestion", .text(ifAny: summary.description.suggestion)),
      ("dataDigest", .text(ifAny: summary.description.dataDigest)),
      ("command", .text(command(for: summary, seeds: cell.rows.map(\.seed)))),
      (
        "stagesOnGroups", .list((summary.description.stagesOnGroups ?? []).map { .text($0) })
      ),
    ])
  }

  private static func json(_ observed: MatrixResults.CellSummary.Observed) -> JSONText {
    .object([
      ("figure", .text(observed.figure)), ("value", json(observed.worse)),
      ("plain", json(observed.plain)), ("adaptive", json(observed.adaptive)),
      ("adaptivity", .text(ifAny: observed.adaptivityWord)),
      ("gaps", .list((observed.adaptivity?.gaps ?? []).map { .text($0) })),
    ])
  }

  static func json(_ estimate: Estimate?) -> JSONText {
    guard let estimate else { return .null }
    return .object([
      ("count", .integer(estimate.count)), ("mean", .number(estimate.mean)),
      ("halfWidth", .number(ifAny: estimate.halfWidth)), ("minimum", .number(estimate.minimum)),
      ("maximum", .number(estimate.maximum)),
    ])
  }

  private static func json(_ curve: LearningCurve?) -> JSONText {
    guard let curve else { return .null }
    return .object([
      ("round", .list(curve.points.map { .integer($0.round) })),
      ("mean", .list(curve.points.map { .number($0.mean) })),
      ("minimum", .list(curve.points.map { .number($0.minimum) })),
      ("maximum", .list(curve.points.map { .number($0.maximum) })),
    ])
  }

  private static func json(_ row: MatrixResults.Row) -> JSONText {
    let metrics = row.metrics
    let conclusions = (metrics?.conclusions ?? [:]).sorted { $0.key < $1.key }
    let notes = (metrics?.notes ?? []).map { note in
      JSONText.object([("text", .text(note.text)), ("rounds", .integer(note.rounds))])
    }
    let curve = (metrics?.curve ?? []).map { point in
      JSONText.list([
        .integer(point.round), .number(point.accuracy), .number(ifAny: point.loss),
        .number(ifAny: point.time), .integer(ifAny: point.bytesUp),
        .integer(ifAny: point.bytesDown), .number(ifAny: point.worstTenth),
      ])
    }
    return .object([
      ("cell", .integer(row.cell)),
      ("seed", .seed(row.seed)),
      ("status", .text(row.status.rawValue)),
      ("key", .text(ifAny: row.key)), ("version", .text(ifAny: row.version)),
      ("blasCore", .text(ifAny: row.blasCore)),
      ("finalAccuracy", .number(ifAny: metrics?.finalAccuracy)),
      ("lastAccuracyMean", .number(ifAny: metrics?.lastAccuracyMean)),
      ("peakAccuracy", .number(ifAny: metrics?.peakAccuracy)),
      ("finalLoss", .number(ifAny: metrics?.finalLoss)),
      ("cleanAccuracy", .number(ifAny: row.cleanAccuracy)),
      ("accuracyLoss", .number(ifAny: row.accuracyLoss)),
      ("heldRounds", metrics.map { .integer($0.heldRounds) } ?? .null),
      ("honestExclusionRate", .number(ifAny: metrics?.honestExclusionRate)),
      ("colluderExclusionRate", .number(ifAny: metrics?.colluderExclusionRate)),
      ("exclusionPrecision", .number(ifAny: metrics?.exclusionPrecision)),
      ("largestDeviation", .number(ifAny: metrics?.largestDeviation)),
      ("robustnessBound", .number(ifAny: metrics?.robustnessBound)),
      ("robustnessSlack", .number(ifAny: metrics?.robustnessSlack)),
      ("worstClient", .number(ifAny: metrics?.worstClient)),
      ("displacement", .number(ifAny: metrics?.displacement)),
      ("queries", .integer(ifAny: metrics?.queries)),
      ("defense", .list((metrics?.defense ?? []).map(Self.defended))),
      ("bytesUp", metrics.map { .integer($0.bytesUp) } ?? .null),
      ("bytesDown", metrics.map { .integer($0.bytesDown) } ?? .null),
      ("worstTenth", .number(ifAny: metrics?.worstTenth)),
      ("unsteadiness", .number(ifAny: metrics?.unsteadiness)),
      ("largestDrop", .number(ifAny: metrics?.largestDrop)),
      ("virtualTime", .number(ifAny: metrics?.virtualTime)),
      ("transport", metrics?.transport.map(Self.json) ?? .null),
      ("privacy", metrics?.privacy.map(Self.json) ?? .null),
      ("wallSeconds", .number(ifAny: row.seconds)),
      ("reason", .text(ifAny: row.reason)),
      ("notes", .list(notes)),
      ("conclusions", .object(conclusions.map { ($0.key, .number($0.value)) })),
      ("curve", .list(curve)),
    ])
  }

  /// The columns of the CSV format about privacy, by their names.
  private static func json(_ evidence: PrivacyEvidence) -> JSONText {
    .object(
      PrivacyColumns.all.map { column in
        switch column.value(evidence) {
        case .text(let text): (column.name, .text(text))
        case .number(let number): (column.name, .number(number))
        case .integer(let integer): (column.name, .integer(integer))
        case nil: (column.name, .null)
        }
      })
  }

  /// Round, updates received of honest clients and of colluders, left out of either, deviation, bound,
  /// queries.
  private static func defended(_ round: RunMetrics.DefendedRound) -> JSONText {
    .list([
      .integer(round.round), .integer(round.honest), .integer(round.colluders),
      .integer(ifAny: round.honestExcluded), .integer(ifAny: round.colludersExcluded),
      .number(ifAny: round.deviation), .number(ifAny: round.bound), .integer(ifAny: round.queries),
    ])
  }

  private static func json(_ ledger: TransportLedger) -> JSONText {
    func members(_ messages: Int, _ bytes: Int, _ seconds: Double) -> [(String, JSONText)] {
      [
        ("messages", .integer(messages)), ("bytes", .integer(bytes)),
        ("cpuSeconds", .number(seconds)),
      ]
    }
    return .object([
      (
        "trainingRounds",
        .list(
          ledger.entries.map { entry in
            .object(
              [
                ("trainingRound", .integer(entry.round)), ("role", .text(entry.role.rawValue)),
                ("clients", .integer(entry.clients)),
              ] + members(entry.messages, entry.bytes, entry.cpuSeconds))
          })
      ),
      (
        "rounds",
        .list(
          ledger.rounds.map { cost in
            .object(
              [("round", .text(cost.round)), ("role", .text(cost.role.rawValue))]
                + members(cost.messages, cost.bytes, cost.cpuSeconds))
          })
      ),
    ])
  }

  private func provenance(_ options: ReportOptions) -> JSONText {
    let progress = progress
    return .object([
      ("versions", .list(results.versions.map { .text($0) })),
      ("blasCores", .list(results.blasCores.map { .text($0) })),
      (
        "runs",
        .object([
          ("done", .integer(progress.done)), ("failed", .integer(progress.failed)),
          ("pending", .integer(progress.pending)),
        ])
      ),
      ("computeSeconds", .number(computeSeconds)),
      ("command", .text(ifAny: options.command ?? results.origin.command)),
      ("processors", .list(results.origin.processors.map { .text($0) })),
    ])
  }

  /// Seconds of all runs together.
  var computeSeconds: Double { results.rows.compactMap(\.seconds).reduce(0, +) }
}
