internal import Experiments
internal import Federation

extension Report {
  /// The columns of the CSV format in their order, with what they hold.
  ///
  /// Rows are in the order of the matrix, then of the seeds. Accuracies, losses of accuracy and
  /// rates are fractions of 1; numbers have the fewest digits that read back as the same number;
  /// what does not apply is empty. Only columns whose names end in `Seconds` measure time: all
  /// others are the same, byte for byte, however often the run was interrupted, however many jobs
  /// ran side by side, and whether or not it was sharded and merged.
  ///
  /// For each of the experiment's targets four columns follow, such as `roundsTo0.9`, `timeTo0.9`,
  /// `bytesUpTo0.9` and `bytesDownTo0.9`: empty where the run never measured that accuracy.
  public static let csvColumns: [(name: String, meaning: String)] = columns.map {
    ($0.name, $0.meaning)
  }

  /// One row a cell and seed, under a header. Fields are quoted where they hold a comma, a quote or
  /// a line end (RFC 4180); lines end in a line feed.
  func csv() -> String {
    let verdicts = Dictionary(
      results.cells.map { ($0.cell, $0.verdict) }, uniquingKeysWith: { first, _ in first })
    let columns = Self.columns + results.targets.flatMap { Self.columns(target: $0) }
    var text = columns.map(\.name).joined(separator: ",") + "\n"
    for row in results.rows {
      let verdict = verdicts[row.cell] ?? .pending
      let fields = columns.map { Self.quoted($0.value(row, verdict)) }
      text += fields.joined(separator: ",") + "\n"
    }
    return text
  }

  private static func quoted(_ field: String) -> String {
    guard field.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return field
    }
    return "\""
      + field.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  private struct Column: Sendable {
    var name: String
    var meaning: String
    var value: @Sendable (MatrixResults.Row, MatrixResults.Verdict) -> String
  }

  private static let columns: [Column] =
    [
      Column(name: "cell", meaning: "place of the cell in the matrix, from 0") { row, _ in
        "\(row.cell)"
      }
    ]
    + Axis.allCases.map { axis in
      Column(name: axis.rawValue, meaning: "label on the axis '\(axis)'") { row, _ in
        row.description.labels[axis.rawValue] ?? ""
      }
    } + [
      Column(name: "seed", meaning: "the seed") { row, _ in "\(row.seed)" },
      Column(
        name: "role",
        meaning: "asked, or companion: came along as a clean twin or positive control"
      ) { row, _ in row.description.isCompanion ? "companion" : "asked" },
      Column(name: "status", meaning: "this run: done, failed, pending or n/a (cannot exist)") {
        row, _ in row.status.rawValue
      },
      Column(
        name: "verdict",
        meaning: "the cell over its seeds: clean, valid, void (its attack failed its positive "
          + "control), pending, failed or n/a"
      ) { _, verdict in verdict.rawValue },
      metric("finalAccuracy", "test accuracy after the last round", \.finalAccuracy),
      metric(
        "lastAccuracyMean", "mean of the last five measured test accuracies", \.lastAccuracyMean),
      metric(
        "peakAccuracy", "best measured test accuracy: optimistic, picked by the test set",
        \.peakAccuracy),
      metric("finalLoss", "test cross-entropy after the last round", \.finalLoss),
      Column(
        name: "cleanAccuracy", meaning: "finalAccuracy of the clean twin with the same seed"
      ) { row, _ in text(row.cleanAccuracy) },
      Column(name: "accuracyLoss", meaning: "cleanAccuracy minus finalAccuracy") { row, _ in
        text(row.accuracyLoss)
      },
      metric("heldRounds", "rounds in which the model was held", \.heldRounds),
      Column(
        name: "honestExclusionRate",
        meaning: "share of honest updates left out, where the rule keeps a set"
      ) { row, _ in text(row.metrics?.honestExclusionRate) },
      Column(
        name: "colluderExclusionRate",
        meaning: "share of colluders' updates left out, where the rule keeps a set"
      ) { row, _ in text(row.metrics?.colluderExclusionRate) },
      figure(
        "exclusionPrecision", "share of the colluders' among the updates left out",
        \.exclusionPrecision),
      figure(
        "largestDeviation",
        "largest squared distance of an aggregate from the honest mean, in units of the honest "
          + "updates' mean squared distance from it",
        \.largestDeviation),
      figure(
        "robustnessBound", "the kappa that theory promises for the rule and bounds that by",
        \.robustnessBound),
      figure(
        "robustnessSlack", "least ratio of that bound to the deviation over the rounds",
        \.robustnessSlack),
      figure(
        "worstClient", "accuracy of the honest client that does worst, at the end", \.worstClient),
      figure(
        "displacement",
        "how far crafted updates moved the plain mean, squared, in units of what exchanging the "
          + "colluders for other honest clients would do; mean over the rounds",
        \.displacement),
      Column(name: "queries", meaning: "how often the attack tried out the rule") { row, _ in
        row.metrics?.queries.map { "\($0)" } ?? ""
      },
      metric("bytesUp", "bytes from clients to server over the run", \.bytesUp),
      metric("bytesDown", "bytes from server to clients over the run", \.bytesDown),
      figure(
        "worstTenth",
        "accuracy of the tenth of the clients that do worst, where clients are tested",
        \.worstTenth),
      figure(
        "unsteadiness",
        "root of half the mean squared change of accuracy between measurements, late in the run",
        \.unsteadiness),
      figure("largestDrop", "largest fall of accuracy between measurements", \.largestDrop),
      figure("virtualTime", "time on the virtual clock at the end of the run", \.virtualTime),
      cost("clientMessages", "messages of all clients to the transport's protocol", .client) {
        "\($0.messages)"
      },
      cost("clientCPUSeconds", "processor time of all clients in it", .client) {
        "\($0.cpuSeconds)"
      },
      cost("serverMessages", "messages of the server in it", .server) { "\($0.messages)" },
      cost("serverCPUSeconds", "processor time of the server in it", .server) {
        "\($0.cpuSeconds)"
      },
    ] + PrivacyColumns.all.map(privacy) + [
      Column(name: "wallSeconds", meaning: "wall-clock time of the run") { row, _ in
        text(row.seconds)
      },
      Column(name: "reason", meaning: "why it failed or cannot exist") { row, _ in
        row.reason ?? ""
      },
    ]

  /// A field of what the run promises about privacy; empty where it promises nothing.
  private static func privacy(_ column: PrivacyColumns.Column) -> Column {
    Column(name: column.name, meaning: column.meaning) { row, _ in
      switch row.metrics?.privacy.flatMap(column.value) {
      case .text(let text): text
      case .number(let number): text(number)
      case .integer(let integer): "\(integer)"
      case nil: ""
      }
    }
  }

  /// What one side spent on a transport that is a protocol; empty for others.
  private static func cost(
    _ name: String, _ meaning: String, _ role: RoundCost.Role,
    _ text: @escaping @Sendable (RoundCost) -> String
  ) -> Column {
    Column(name: name, meaning: meaning) { row, _ in
      row.metrics?.transport.map { text($0.total(role)) } ?? ""
    }
  }

  private static func metric<Value: CustomStringConvertible>(
    _ name: String, _ meaning: String, _ path: any KeyPath<RunMetrics, Value> & Sendable
  ) -> Column {
    Column(name: name, meaning: meaning) { row, _ in
      row.metrics.map { $0[keyPath: path].description } ?? ""
    }
  }

  private static func figure(
    _ name: String, _ meaning: String, _ path: any KeyPath<RunMetrics, Double?> & Sendable
  ) -> Column {
    Column(name: name, meaning: meaning) { row, _ in text(row.metrics?[keyPath: path]) }
  }

  /// What it took to reach `target`: empty where the run never did.
  private static func columns(target: Double) -> [Column] {
    TargetFigure.Cost.allCases.map { cost in
      Column(
        name: "\(cost)To\(target)", meaning: "\(cost) until test accuracy \(target) was measured"
      ) { row, _ in
        guard let point = row.metrics?.reach(target) else { return "" }
        switch cost {
        case .rounds: return "\(point.round)"
        case .time: return text(point.time)
        case .bytesUp: return point.bytesUp.map { "\($0)" } ?? ""
        case .bytesDown: return point.bytesDown.map { "\($0)" } ?? ""
        }
      }
    }
  }

  private static func text(_ value: Double?) -> String { value?.description ?? "" }
}
