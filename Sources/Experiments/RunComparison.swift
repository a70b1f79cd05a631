internal import Federation

/// Two runs side by side: cells with the same labels are paired, and in them seeds.
///
/// Where an axis has one entry that only the first run has and one that only the second has, the
/// one is taken to have become the other; where there are more, those of the same components with
/// other parameters are.
public struct RunComparison: Sendable {
  /// The runs.
  public var first, second: MatrixResults
  /// Entries that became others.
  public var changes: [Change]
  /// Cells that both runs have, in the order of the first.
  public var pairs: [Pair]
  /// Cells that only one run has.
  public var onlyInFirst, onlyInSecond: [MatrixResults.CellSummary]

  /// An entry in the first run that is another in the second.
  public struct Change: Sendable, Hashable {
    /// Its axis.
    public var axis: Axis
    /// Its label in the first run, and in the second.
    public var from, to: String
  }

  /// A figure in both runs, over the seeds that both finished.
  public struct Figures: Sendable, Hashable {
    /// In the first.
    public var first: Estimate
    /// In the second, with its difference.
    public var second: Comparison.Figure
  }

  /// A cell of both runs.
  public struct Pair: Sendable {
    /// It in the first run, and in the second.
    public var first, second: MatrixResults.CellSummary
    /// The second's figures with their differences from the first's, paired by seed.
    public var entry: Comparison.Entry
    /// The first's figures.
    public var baseline: Comparison.Entry
    /// Seeds that finished in both.
    public var seeds: Int
    /// Whether every seed that both finished gave the same: final figures, curve, traffic, privacy
    /// and conclusions.
    public var isSame: Bool
    /// Whether configuration, data and revisions are the same by their hashes; nil where unknown.
    public var hasSameConfiguration: Bool?
    /// What observers concluded, by the figure's name.
    public var conclusions: [String: Figures]
    /// Epsilon promised and epsilon audited.
    public var epsilonUpper, epsilonLower: Figures?
  }

  /// Compares `second` with `first`. O(cells + rows).
  public init(_ first: MatrixResults, _ second: MatrixResults) {
    self.first = first
    self.second = second
    let changes = Axis.allCases.flatMap { Change.all(on: $0, from: first, to: second) }
    self.changes = changes
    func place(_ cell: MatrixResults.CellSummary, isSecond: Bool) -> [String] {
      Axis.allCases.map { axis in
        let label = cell.label(axis)
        let change = isSecond ? changes.first { $0.axis == axis && $0.to == label } : nil
        return change?.from ?? label
      }
    }
    let others = Dictionary(
      second.cells.map { (place($0, isSecond: true), $0) }, uniquingKeysWith: { one, _ in one })
    let rows = Dictionary(grouping: first.rows, by: \.cell)
    let otherRows = Dictionary(grouping: second.rows, by: \.cell)
    var met: Set<Int> = []
    pairs = []
    onlyInFirst = []
    for cell in first.cells {
      guard let other = others[place(cell, isSecond: false)] else {
        onlyInFirst.append(cell)
        continue
      }
      met.insert(other.cell)
      pairs.append(
        Pair(cell, rows[cell.cell] ?? [], other, otherRows[other.cell] ?? []))
    }
    onlyInSecond = second.cells.filter { !met.contains($0.cell) }
  }
}

extension RunComparison.Pair {
  init(
    _ first: MatrixResults.CellSummary, _ own: [MatrixResults.Row],
    _ second: MatrixResults.CellSummary, _ other: [MatrixResults.Row]
  ) {
    self.first = first
    self.second = second
    baseline = Comparison.Entry(
      label: "", cell: first.cell, rows: own, against: nil, targets: [])
    entry = Comparison.Entry(
      label: "", cell: second.cell, rows: other, against: own, targets: [])
    let base = Dictionary(own.map { ($0.seed, $0) }, uniquingKeysWith: { one, _ in one })
    let both = other.compactMap { row in base[row.seed].map { (old: $0, new: row) } }
    let finished = both.compactMap { pair in
      pair.old.metrics.flatMap { old in pair.new.metrics.map { (old: old, new: $0) } }
    }
    seeds = finished.count
    isSame = finished.allSatisfy { $0.old.isSame(as: $0.new) }
    let keys = both.compactMap { pair in
      pair.old.key.flatMap { old in pair.new.key.map { old == $0 } }
    }
    hasSameConfiguration = keys.isEmpty ? nil : keys.allSatisfy(\.self)
    func figure(_ value: (RunMetrics) -> Double?) -> RunComparison.Figures? {
      let values = finished.compactMap { pair in
        value(pair.old).flatMap { old in value(pair.new).map { (old: old, new: $0) } }
      }
      guard let old = Estimate(values.map(\.old)), let new = Estimate(values.map(\.new)) else {
        return nil
      }
      return RunComparison.Figures(
        first: old,
        second: Comparison.Figure(
          value: new, difference: Estimate(values.map { $0.new - $0.old })))
    }
    let names = Set(finished.flatMap { $0.old.conclusions.keys })
    conclusions = names.reduce(into: [:]) { found, name in
      found[name] = figure { $0.conclusions[name] }
    }
    epsilonUpper = figure { $0.privacy?.epsilonUpper }
    epsilonLower = figure { $0.privacy?.audit?.epsilonLower }
  }
}

extension RunMetrics {
  /// Whether `other` is the same but for measured times.
  func isSame(as other: RunMetrics) -> Bool {
    finalAccuracy == other.finalAccuracy && finalLoss == other.finalLoss && curve == other.curve
      && bytesUp == other.bytesUp && bytesDown == other.bytesDown && privacy == other.privacy
      && conclusions == other.conclusions && notes == other.notes
  }
}

extension RunComparison.Change {
  /// The entries on `axis` that became others.
  static func all(
    on axis: Axis, from first: MatrixResults, to second: MatrixResults
  ) -> [Self] {
    func labels(_ results: MatrixResults) -> Set<String> {
      Set(results.cells.map { $0.label(axis) })
    }
    let (old, new) = (labels(first), labels(second))
    let (gone, come) = (old.subtracting(new), new.subtracting(old))
    if gone.count == 1, come.count == 1, let from = gone.first, let to = come.first {
      return [Self(axis: axis, from: from, to: to)]
    }
    let (before, after) = (
      Dictionary(grouping: gone, by: components), Dictionary(grouping: come, by: components)
    )
    return before.keys.sorted().compactMap { name in
      guard let from = before[name], let to = after[name], from.count == 1, to.count == 1 else {
        return nil
      }
      return Self(axis: axis, from: from[0], to: to[0])
    }
  }

  /// A label without what stands in parentheses.
  private static func components(_ label: String) -> String {
    var depth = 0
    return label.filter { letter in
      if letter == "(" { depth += 1 }
      defer { if letter == ")" { depth -= 1 } }
      return depth == 0
    }
  }
}
