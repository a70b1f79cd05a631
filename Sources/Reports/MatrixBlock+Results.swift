internal import Experiments

extension MatrixBlock {
  /// The blocks of `results` in the order of the matrix, and the labels that all of them share.
  static func blocks(of results: MatrixResults) -> (blocks: [MatrixBlock], common: [AxisLabel]) {
    let axes = Axis.allCases.filter { $0 != .attack && $0 != .defense }
    let varying = axes.filter { axis in Set(results.cells.map { $0.label(axis) }).count > 1 }
    let fixed = axes.filter { !varying.contains($0) }
    let common = results.cells.first.map { cell in
      fixed.map { AxisLabel(axis: $0, label: cell.label($0)) }
    }
    let rows = Dictionary(grouping: results.rows, by: \.cell)
    var order: [[AxisLabel]] = []
    var groups: [[AxisLabel]: [BlockCell]] = [:]
    for summary in results.cells {
      let setting = varying.map { AxisLabel(axis: $0, label: summary.label($0)) }
      if groups[setting] == nil { order.append(setting) }
      groups[setting, default: []].append(
        BlockCell(summary: summary, rows: rows[summary.cell] ?? []))
    }
    let blocks = order.enumerated().map { index, setting in
      MatrixBlock(index: index, setting: setting, cells: groups[setting] ?? [])
    }
    return (blocks, common ?? [])
  }

  private init(index: Int, setting: [AxisLabel], cells: [BlockCell]) {
    func distinct(_ axis: Axis) -> [String] {
      var seen: Set<String> = []
      return cells.map { $0.summary.label(axis) }.filter { seen.insert($0).inserted }
    }
    let columns = distinct(.attack).map { label in
      let own = cells.filter { $0.summary.label(.attack) == label }
      return Column(
        label: label, isClean: own.contains { $0.isClean }, control: Self.control(own))
    }
    self.index = index
    self.setting = setting
    attacks = columns.filter(\.isClean) + columns.filter { !$0.isClean }
    let labels = attacks.map(\.label)
    defenses = distinct(.defense).map { label in
      let own = cells.filter { $0.summary.label(.defense) == label }
      return Row(
        label: label, isUndefended: own.contains { $0.isControl },
        cells: labels.map { attack in own.first { $0.summary.label(.attack) == attack } })
    }
    judge()
  }

  private static func control(_ column: [BlockCell]) -> Control? {
    guard !column.contains(where: { $0.isClean }),
      let result = column.lazy.compactMap({
        ControlResult($0.summary.description, control: [], twins: [])
      }).first
    else { return nil }
    if let control = column.first(where: { $0.isControl })?.summary {
      return Control(result: control.control ?? result, verdict: control.verdict)
    }
    // The control stands in another block: what it showed is known from the cells it counts for.
    if let shown = column.lazy.compactMap(\.summary.control).first {
      let isSeen = shown.readings.contains { $0.seen != nil }
      return Control(result: shown, verdict: !isSeen ? .pending : shown.passes ? .valid : .void)
    }
    let isImpossible = column.allSatisfy { $0.summary.verdict == .notApplicable }
    return Control(result: result, verdict: isImpossible ? .notApplicable : .pending)
  }

  // MARK: - Judgement

  private mutating func judge() {
    for column in attacks.indices
    where !attacks[column].isClean && !attacks[column].isObserver {
      rank(column)
    }
    let reference = reference
    for row in defenses.indices {
      for column in attacks.indices {
        guard var cell = defenses[row].cells[column] else { continue }
        cell.outcome = Self.outcome(cell)
        cell.shortfall = Self.shortfall(cell, below: reference)
        defenses[row].cells[column] = cell
      }
      defenses[row].worst = worst(row)
    }
  }

  /// Marks the best of a column and what its interval cannot tell apart from it. Nothing is marked
  /// below five seeds, without a rival, or when nobody stands out.
  private mutating func rank(_ column: Int) {
    var candidates: [(row: Int, accuracy: Estimate)] = []
    for row in defenses.indices {
      guard let summary = defenses[row].cells[column]?.summary, summary.verdict == .valid,
        let accuracy = summary.accuracy
      else { continue }
      if accuracy.halfWidth == nil { return }
      candidates.append((row, accuracy))
    }
    guard let top = candidates.max(by: { $0.accuracy.mean < $1.accuracy.mean }) else { return }
    let leading = candidates.filter { $0.accuracy.interval.overlaps(top.accuracy.interval) }
    if leading.count == candidates.count { return }
    for (row, _) in leading {
      defenses[row].cells[column]?.standing = leading.count == 1 ? .best : .tied
    }
  }

  /// Final accuracies by seed of the undefended cell that nobody attacks, once it is finished.
  private var reference: [UInt64: Double] {
    let bare = cells.map(\.cell).first { $0.isClean && $0.isControl }
    guard let bare, bare.summary.verdict == .clean else { return [:] }
    return Dictionary(
      bare.rows.compactMap { row in row.metrics.map { (row.seed, $0.finalAccuracy) } },
      uniquingKeysWith: { first, _ in first })
  }

  private static func shortfall(
    _ cell: BlockCell, below reference: [UInt64: Double]
  ) -> Estimate? {
    guard cell.accuracy != nil else { return nil }
    return Estimate(
      cell.rows.compactMap { row in
        row.metrics.flatMap { own in reference[row.seed].map { $0 - own.finalAccuracy } }
      })
  }

  private static func outcome(_ cell: BlockCell) -> BlockCell.Outcome? {
    guard !cell.isControl, let harm = cell.summary.harm else { return nil }
    if harm.loss.interval.upperBound < harm.bound {
      // Nobody who knows the defense has tried.
      return cell.summary.observed?.isNonAdaptiveOnly == true ? .undecided : .held
    }
    return harm.loss.interval.lowerBound >= harm.bound ? .broke : .undecided
  }

  private func worst(_ row: Int) -> Worst? {
    var found: Worst?
    var isIncomplete = false
    for column in attacks.indices
    where !attacks[column].isClean && !attacks[column].isObserver {
      guard let summary = defenses[row].cells[column]?.summary else { continue }
      switch summary.verdict {
      case .valid:
        guard let accuracy = summary.accuracy else { continue }
        if accuracy.mean < found?.accuracy.mean ?? .infinity {
          found = Worst(column: column, accuracy: accuracy, isUpperBound: false)
        }
      case .pending, .failed: isIncomplete = true
      case .clean, .void, .notApplicable: break
      }
    }
    found?.isUpperBound = isIncomplete
    return found
  }
}

extension BlockCell {
  /// Nobody attacks.
  var isClean: Bool { summary.description.twin == summary.cell }
  /// Nothing defends.
  var isControl: Bool { summary.description.control == summary.cell }
}
