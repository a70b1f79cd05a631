public import Experiments
internal import Federation

/// What changed from one run to another, in every format.
///
///     let changes = try RunChanges(
///       MatrixResults(folder: "runs/a"), MatrixResults(folder: "runs/b"))
///     print(changes.text(.table) ?? "")
public struct RunChanges: Sendable {
  /// The cells, paired.
  let comparison: RunComparison
  /// A row a figure that changed, cells in the order of the first run.
  let rows: [Row]

  /// A figure of a cell that both runs have.
  struct Row: Sendable {
    /// The cell: `alie against krum`, with its setting.
    var cell: String
    /// The figure's name.
    var figure: String
    /// It in the first run and in the second, and second minus first; texts such as verdicts have
    /// no difference.
    var first, second, difference: TextGrid.Cell
    /// The difference itself; nil for texts.
    var estimate: Estimate?
    /// Whether the figure is the accuracy.
    var isAccuracy = false
    /// The difference in accuracy; nil for other figures.
    var accuracy: Estimate? { isAccuracy ? estimate : nil }
  }

  /// Compares `second` with `first`. O(cells + rows).
  public init(_ first: MatrixResults, _ second: MatrixResults) {
    comparison = RunComparison(first, second)
    let outcomes = [first, second].map { results in
      Report(results).blocks.flatMap { $0.cells.map(\.cell) }
        .reduce(into: [Int: BlockCell.Outcome]()) { $0[$1.summary.cell] = $1.outcome }
    }
    let varying = Axis.allCases.filter { axis in
      ![.attack, .defense].contains(axis)
        && (Set(first.cells.map { $0.label(axis) }).count > 1
          || Set(second.cells.map { $0.label(axis) }).count > 1)
    }
    rows = comparison.pairs.flatMap { pair -> [Row] in
      let name = Self.name(pair, varying: varying)
      return Self.rows(
        of: pair, name: name,
        outcomes: (outcomes[0][pair.first.cell], outcomes[1][pair.second.cell]))
    }
  }

  /// `alie against krum(f=3) → krum(f=4)`.
  private static func name(_ pair: RunComparison.Pair, varying: [Axis]) -> String {
    func label(_ axis: Axis) -> String {
      let (old, new) = (pair.first.label(axis), pair.second.label(axis))
      return old == new ? old : "\(old) → \(new)"
    }
    let setting = varying.map { ", \($0) \(label($0))" }.joined()
    return "\(label(.attack)) against \(label(.defense))\(setting)"
  }

  static func title(_ cell: MatrixResults.CellSummary, of results: MatrixResults) -> String {
    let varying = Axis.allCases.filter { axis in
      ![.attack, .defense].contains(axis) && Set(results.cells.map { $0.label(axis) }).count > 1
    }
    let setting = varying.map { ", \($0) \(cell.label($0))" }.joined()
    return "\(cell.label(.attack)) against \(cell.label(.defense))\(setting)"
  }

  /// The figures that are told where they changed.
  private static let measures: [Comparison.Measure] = [
    .accuracy, .worstTenth, .virtualTime, .bytesUp, .bytesDown,
  ]

  private static func rows(
    of pair: RunComparison.Pair, name: String,
    outcomes: (first: BlockCell.Outcome?, second: BlockCell.Outcome?)
  ) -> [Row] {
    var rows: [Row] = []
    func word(_ summary: MatrixResults.CellSummary, _ outcome: BlockCell.Outcome?) -> String {
      summary.verdict.rawValue + (outcome.map { ", \($0.rawValue)" } ?? "")
    }
    let words = (word(pair.first, outcomes.first), word(pair.second, outcomes.second))
    if words.0 != words.1 {
      rows.append(
        Row(
          cell: name, figure: "verdict", first: .init(word: words.0), second: .init(word: words.1),
          difference: .init(word: "changed")))
    }
    func add(
      _ figure: String, _ unit: FigureUnit, _ old: Estimate?, _ new: Comparison.Figure?,
      isAccuracy: Bool = false
    ) {
      guard let old, let new, let difference = new.difference,
        difference.minimum != 0 || difference.maximum != 0
      else { return }
      rows.append(
        Row(
          cell: name, figure: figure, first: ComparisonGrids.cell(old, unit),
          second: ComparisonGrids.cell(new.value, unit),
          difference: ComparisonGrids.difference(difference, unit),
          estimate: difference, isAccuracy: isAccuracy))
    }
    for measure in measures {
      add(
        measure == .accuracy ? "accuracy, %" : measure.name, measure.unit,
        pair.baseline.figures[measure]?.value, pair.entry.figures[measure],
        isAccuracy: measure == .accuracy)
    }
    add("epsilon promised", .plain, pair.epsilonUpper?.first, pair.epsilonUpper?.second)
    add("epsilon audited", .plain, pair.epsilonLower?.first, pair.epsilonLower?.second)
    for name in pair.conclusions.keys.sorted() {
      add(name, .plain, pair.conclusions[name]?.first, pair.conclusions[name]?.second)
    }
    return rows
  }

  // MARK: - In words

  /// Pairs with the same results in every seed.
  var same: [RunComparison.Pair] { comparison.pairs.filter { $0.isSame && $0.seeds > 0 } }

  /// Pairs without a seed that finished in both.
  var unknown: [RunComparison.Pair] {
    comparison.pairs.filter { $0.seeds == 0 && $0.first.verdict != .notApplicable }
  }

  /// Pairs that differ.
  var different: [RunComparison.Pair] { comparison.pairs.filter { !$0.isSame } }

  /// What there is to know beside the figures, a sentence each.
  var sentences: [String] {
    var lines = comparison.changes.map { change in
      "The \(change.axis) \(change.from) of A is \(change.to) in B."
    }
    lines.append(
      "\(Numbers.count(comparison.pairs.count, "cell")) in both: \(different.count) "
        + "\(different.count == 1 ? "differs" : "differ"), \(same.count) "
        + "\(same.count == 1 ? "is" : "are") the same in every seed"
        + (unknown.isEmpty ? "" : ", \(unknown.count) not finished in one or both") + ".")
    let silent = different.filter { $0.hasSameConfiguration == true }
    if !silent.isEmpty {
      lines.append(
        "\(Numbers.count(silent.count, "cell")) differ though configuration and data are the same by "
          + "their hashes: other program versions or BLAS kernels (\(origin)).")
    }
    let quiet = comparison.pairs.filter { pair in
      pair.hasSameConfiguration == false && pair.isLabelledAlike
    }
    if !quiet.isEmpty {
      lines.append(
        "\(Numbers.count(quiet.count, "cell")) "
          + "\(quiet.count == 1 ? "has" : "have") the same labels but another configuration "
          + "hash: data, revisions or options that labels do not show are different.")
    }
    let intervals = rows.count { $0.estimate?.halfWidth != nil }
    if intervals > 0 {
      lines.append(
        "Differences are B minus A, paired by seed, with 95% t intervals; * where the interval leaves "
          + "out zero. Each stands by itself: of \(intervals) figures that did not change in "
          + "truth, one in twenty would be marked.")
    } else if !rows.isEmpty {
      lines.append(
        "Differences are B minus A, paired by seed, with their range: too few seeds in both for "
          + "intervals, so nothing can be concluded.")
    }
    return lines
  }

  private var origin: String {
    func text(_ results: MatrixResults) -> String {
      (results.versions + results.blasCores).joined(separator: " ")
    }
    return "A \(text(comparison.first)), B \(text(comparison.second))"
  }

  /// `A`: where it lies and how much of it is finished.
  static func line(_ name: String, _ results: MatrixResults) -> String {
    let done = results.rows.count { $0.status == .done }
    let possible = results.rows.count { $0.status != .notApplicable }
    return "\(name): \(results.folder) (\(results.name)), \(done) of \(possible) runs finished"
  }

  /// The changes in `format`; nil for formats that have none.
  public func text(_ format: ReportFormat, options: ReportOptions = ReportOptions()) -> String? {
    switch format {
    case .table: table(options)
    case .html: html
    case .json: json
    default: nil
    }
  }

  /// The formats there are.
  public static let formats: [ReportFormat] = [.table, .html, .json]
}

extension RunComparison.Pair {
  /// Whether both cells have the same labels.
  var isLabelledAlike: Bool { first.description.labels == second.description.labels }
}
