/// Entries of one axis side by side where nobody attacks: each with its figures, and against the
/// first of them with differences paired by seed.
///
/// Intervals of differences are 95% t intervals, each by itself: they are not adjusted for the number
/// of comparisons, so of twenty differences that are none, one is expected to exclude zero.
public struct Comparison: Sendable {
  /// The axis along which entries are compared.
  public var axis: Axis
  /// The labels of the other axes that vary in the results.
  public var setting: [(axis: Axis, label: String)]
  /// The entries in the order of the axis, at least two; the first is the baseline.
  public var entries: [Entry]

  /// The setting as text; empty where nothing else varies.
  public var title: String { setting.map { "\($0.axis) \($0.label)" }.joined(separator: ", ") }

  /// An entry of the axis.
  public struct Entry: Sendable {
    /// Its label.
    public var label: String
    /// Its cell in the matrix.
    public var cell: Int
    /// How many seeds the plan has.
    public var planned: Int
    /// How many of them finished.
    public var finished: Int
    /// Its figures, for every measure that its runs have.
    public var figures: [Measure: Figure]
    /// How soon it reached each target, in the order of the targets.
    public var targets: [TargetFigure]
  }

  /// A figure over the seeds.
  public struct Figure: Sendable, Hashable {
    /// The figure itself.
    public var value: Estimate
    /// This minus the baseline's, paired by seed; nil for the baseline.
    public var difference: Estimate?
  }

  /// What is measured of a run.
  public enum Measure: String, CaseIterable, Sendable, Hashable {
    /// Test accuracy after the last round.
    case accuracy
    /// `RunMetrics.worstTenth`.
    case worstTenth
    /// `RunMetrics.unsteadiness`.
    case unsteadiness
    /// `RunMetrics.largestDrop`.
    case largestDrop
    /// `RunMetrics.virtualTime`.
    case virtualTime
    /// Bytes from clients to server.
    case bytesUp
    /// Bytes from server to clients.
    case bytesDown

    /// Its value for a run; nil where the run has none.
    public func value(_ metrics: RunMetrics) -> Double? {
      switch self {
      case .accuracy: metrics.finalAccuracy
      case .worstTenth: metrics.worstTenth
      case .unsteadiness: metrics.unsteadiness
      case .largestDrop: metrics.largestDrop
      case .virtualTime: metrics.virtualTime
      case .bytesUp: Double(metrics.bytesUp)
      case .bytesDown: Double(metrics.bytesDown)
      }
    }
  }
}

extension Estimate {
  /// Whether the 95% t interval leaves out zero; false where there is none.
  public var excludesZero: Bool { halfWidth.map { abs(mean) > $0 } ?? false }
}

extension MatrixResults {
  /// The axes that may be compared along, the first that varies being the one.
  private static let comparable: [Axis] = [.algorithm, .training, .model, .population, .partition]

  /// Comparisons along the first axis of algorithm, training, model, population and partition that
  /// varies, one for each combination of everything else; none where none of them varies.
  public var comparisons: [Comparison] {
    let clean = cells.filter {
      $0.description.twin == $0.cell && $0.verdict != .notApplicable
    }
    func distinct(_ axis: Axis) -> Int { Set(clean.map { $0.label(axis) }).count }
    guard let axis = Self.comparable.first(where: { distinct($0) > 1 }) else { return [] }
    let others = Axis.allCases.filter { $0 != axis && distinct($0) > 1 }
    var order: [[String]] = []
    var groups: [[String]: [CellSummary]] = [:]
    for cell in clean {
      let setting = others.map { cell.label($0) }
      if groups[setting] == nil { order.append(setting) }
      groups[setting, default: []].append(cell)
    }
    let rows = Dictionary(grouping: rows, by: \.cell)
    return order.compactMap { setting in
      let own = groups[setting] ?? []
      guard own.count > 1, own.contains(where: { !$0.description.isCompanion }) else { return nil }
      let baseline = rows[own[0].cell] ?? []
      return Comparison(
        axis: axis, setting: zip(others, setting).map { (axis: $0, label: $1) },
        entries: own.enumerated().map { index, cell in
          Comparison.Entry(
            label: cell.label(axis), cell: cell.cell, rows: rows[cell.cell] ?? [],
            against: index == 0 ? nil : baseline, targets: targets)
        })
    }
  }
}

extension Comparison.Entry {
  init(
    label: String, cell: Int, rows: [MatrixResults.Row], against baseline: [MatrixResults.Row]?,
    targets: [Double]
  ) {
    self.label = label
    self.cell = cell
    planned = rows.count
    let own = rows.compactMap { row in row.metrics.map { (seed: row.seed, metrics: $0) } }
    finished = own.count
    let base = Dictionary(
      (baseline ?? []).compactMap { row in row.metrics.map { (row.seed, $0) } },
      uniquingKeysWith: { first, _ in first })
    figures = [:]
    for measure in Comparison.Measure.allCases {
      // A figure that only some seeds have is no figure of the entry.
      let values = own.compactMap { measure.value($0.metrics) }
      guard values.count == own.count, let estimate = Estimate(values) else { continue }
      let differences = own.compactMap { run -> Double? in
        guard let other = base[run.seed].flatMap(measure.value),
          let value = measure.value(run.metrics)
        else { return nil }
        return value - other
      }
      figures[measure] = Comparison.Figure(value: estimate, difference: Estimate(differences))
    }
    let pairs = own.compactMap { run in base[run.seed].map { (run.metrics, $0) } }
    self.targets = targets.map { target in
      TargetFigure(
        target, runs: own.map(\.metrics), pairs: baseline == nil ? nil : pairs)
    }
  }
}
