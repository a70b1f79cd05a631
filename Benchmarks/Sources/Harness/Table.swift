/// The table on the terminal: medians and verdict on a case's first line, ranges and notes below.
///
///     examples/s                  Rampart         PyTorch      ratio    target
///     mlp, batch 10               157,000          28,850      5.68x     >= 7x  missed
///       range             152,900-163,700   25,380-28,990  5.42-6.03
///       best PyTorch: 2 x 1 thread; 1 x 2 threads 18,200
public struct Table: Sendable {
  private let paper: Paper
  private let hasVerdicts: Bool
  private let widths = (label: 22, figure: 17, ratio: 11, target: 11, check: 36)

  /// A table on `paper`; without verdicts, targets are not mentioned.
  public init(_ paper: Paper, hasVerdicts: Bool) {
    self.paper = paper
    self.hasVerdicts = hasVerdicts
  }

  /// Announces a benchmark.
  public func heading(_ name: String, _ summary: String) {
    paper.line()
    paper.line(paper.styled(name, .bold) + "  " + paper.styled(summary, .dim))
  }

  /// A remark on what follows.
  public func remark(_ text: String) { paper.line("  " + paper.styled(text, .dim)) }

  /// The names of the columns of `record` and those after it that are of its kind.
  public func columns(of record: Record) {
    let judged = hasVerdicts ? paper.cell("target", widths.target, .dim) : ""
    paper.line(
      paper.cell("  " + record.unit, widths.label, right: false, .dim)
        + paper.cell(record.titles.ours, widths.figure, .dim)
        + paper.cell(record.titles.other, widths.figure, .dim)
        + paper.cell("ratio", widths.ratio, .dim) + judged)
  }

  /// The names of the columns of findings that are made of several values.
  public func columns(ofFindings names: [String]) {
    let cells = names.map { paper.cell($0, Self.valueWidth, .dim) }
    paper.line(paper.cell("", widths.check + 6) + cells.joined())
  }

  /// Values as a finding, below their columns; what there is none of is `-`.
  public static func finding(_ values: [String?]) -> String {
    values.map { value in
      let text = value ?? "-"
      return String(repeating: " ", count: max(1, valueWidth - text.count)) + text
    }.joined()
  }

  private static let valueWidth = 9

  /// A case that was measured.
  public func show(_ record: Record) {
    let other = record.others.first
    let comparison = record.comparison
    var line =
      paper.cell("  " + record.label, widths.label, right: false)
      + paper.cell(Figure.text(record.ours.median), widths.figure, .bold)
      + paper.cell(other.map { Figure.text($0.series.median) } ?? "-", widths.figure)
      + paper.cell(
        comparison.map { Figure.ratio($0.byRound.median) } ?? "-", widths.ratio, .bold)
    if hasVerdicts, let target = record.target {
      line += paper.cell(text(target, isRatio: record.isTargetOnRatio), widths.target)
      line += "  " + verdict(record.isReached)
    }
    paper.line(line)
    if record.ours.rounds.count > 1 {
      paper.line(
        paper.cell("    range", widths.label, right: false, .dim)
          + paper.cell(range(record.ours, Figure.text), widths.figure, .dim)
          + paper.cell(other.map { range($0.series, Figure.text) } ?? "", widths.figure, .dim)
          + paper.cell(
            comparison.map { range($0.byRound, Figure.factor) } ?? "", widths.ratio, .dim))
    }
    let notes = self.notes(record)
    if !notes.isEmpty { paper.line("    " + paper.styled(notes.joined(separator: "; "), .dim)) }
  }

  /// What else was measured, and whether the machine was unsteady.
  private func notes(_ record: Record) -> [String] {
    var notes: [String] = []
    if let first = record.others.first, record.others.count > 1 {
      notes.append("best \(record.titles.other): \(first.name)")
      notes += record.others.dropFirst().map { "\($0.name) \(Figure.text($0.series.median))" }
    }
    notes += record.baselines.map { "\($0.name) \(Figure.text($0.series.median))" }
    if let comparison = record.comparison, comparison.isUnsteady {
      notes.append("unsteady: ratio of the medians \(Figure.ratio(comparison.ratioOfMedians))")
    }
    if let remark = record.remark { notes.append(remark) }
    return notes
  }

  /// Something that was checked.
  public func show(_ check: Check) {
    let outcome =
      switch check.outcome {
      case .passed: paper.styled("passed", .green)
      case .failed: paper.styled("failed", .red)
      case .absent: paper.styled("absent", .yellow)
      }
    let label = paper.cell(
      "  " + check.label, max(widths.check, check.label.count + 4), right: false)
    // Findings of several values bring their own blanks.
    let gap = check.finding.hasPrefix(" ") ? "" : "  "
    paper.line(label + outcome + gap + check.finding)
  }

  private func text(_ target: Target, isRatio: Bool) -> String {
    let bound = isRatio ? Figure.plain(target.value) + "x" : Figure.text(target.value)
    return (target.direction == .atLeast ? ">= " : "<= ") + bound
  }

  private func verdict(_ isReached: Bool?) -> String {
    switch isReached {
    case true: paper.styled("met", .green)
    case false: paper.styled("missed", .red)
    case nil: paper.styled("absent", .yellow)
    }
  }

  private func range(_ series: Series, _ text: (Double) -> String) -> String {
    "\(text(series.minimum))-\(text(series.maximum))"
  }
}
