/// The table on the terminal: medians and verdict on a case's first line, ranges on its second.
///
///     examples/s               Rampart                peer      ratio   target
///     mlp, batch 10            157,000              28,850      5.68x   at least 7.00x: missed
///                      152,900-163,700       25,380-28,990  5.42x-6.03x  of medians 5.44x; ...
public struct Table: Sendable {
  private let paper: Paper
  private let hasVerdicts: Bool
  private let widths = (label: 24, figure: 20, ratio: 16)

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

  /// The names of the columns of records.
  public func columns(unit: String) {
    paper.line(
      paper.cell("  " + unit, widths.label, right: false, .dim)
        + paper.cell("Rampart", widths.figure, .dim) + paper.cell("peer", widths.figure, .dim)
        + paper.cell("ratio", widths.ratio, .dim)
        + (hasVerdicts ? paper.styled("   target", .dim) : ""))
  }

  /// A case that was measured.
  public func show(_ record: Record) {
    let other = record.others.first
    var first =
      paper.cell("  " + record.label, widths.label, right: false)
      + paper.cell(Figure.text(record.ours.median), widths.figure, .bold)
      + paper.cell(other.map { Figure.text($0.series.median) } ?? "-", widths.figure)
    var second =
      String(repeating: " ", count: widths.label)
      + paper.cell(range(record.ours, Figure.text), widths.figure, .dim)
      + paper.cell(other.map { range($0.series, Figure.text) } ?? "", widths.figure, .dim)
    if let comparison = record.comparison {
      first += paper.cell(Figure.ratio(comparison.byRound.median), widths.ratio, .bold)
      second += paper.cell(range(comparison.byRound, Figure.ratio), widths.ratio, .dim)
    } else {
      first += paper.cell("-", widths.ratio)
      second += paper.cell("", widths.ratio)
    }
    if hasVerdicts, let target = record.target {
      let bound = record.isTargetOnRatio ? Figure.ratio(target.value) : Figure.text(target.value)
      let wish = "\(target.direction == .atLeast ? "at least" : "at most") \(bound)"
      first += "   \(wish): \(verdict(record.isReached))"
    }
    let beside = record.baselines.map { "\($0.name) \(Figure.text($0.series.median))" }
    let notes = [
      record.comparison.map { "of medians \(Figure.ratio($0.ratioOfMedians))" },
      other.map { "peer \($0.name)" }, beside.isEmpty ? nil : beside.joined(separator: ", "),
      record.remark,
    ]
    let remarks = notes.compactMap(\.self).joined(separator: "; ")
    second += paper.styled(remarks.isEmpty ? "" : "   " + remarks, .dim)
    paper.line(first)
    paper.line(second)
  }

  /// Something that was checked.
  public func show(_ check: Check) {
    let outcome =
      switch check.outcome {
      case .passed: paper.styled("passed", .green)
      case .failed: paper.styled("failed", .red)
      case .absent: paper.styled("absent", .yellow)
      }
    paper.line("  \(paper.cell(check.label, 44, right: false)) \(outcome)  \(check.finding)")
  }

  private func verdict(_ isReached: Bool?) -> String {
    switch isReached {
    case true: paper.styled("reached", .green)
    case false: paper.styled("missed", .red)
    case nil: paper.styled("open", .yellow)
    }
  }

  private func range(_ series: Series, _ text: (Double) -> String) -> String {
    series.rounds.count == 1 ? "" : "\(text(series.minimum))-\(text(series.maximum))"
  }
}
