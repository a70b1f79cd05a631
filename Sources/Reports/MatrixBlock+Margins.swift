internal import Components
internal import Experiments

/// By how much the best is best and the worst is worst.
extension MatrixBlock {
  /// A lead of one entry over the next.
  struct Margin: Sendable {
    /// Who leads, and who is next.
    var first, second: String
    /// By how much, paired by seed.
    var difference: Estimate
  }

  /// The attack that leaves most defenses the least, and by how much it leaves the best of them
  /// less than the next attack.
  struct WorstAttack: Sendable {
    /// The attack's label.
    var label: String
    /// For how many defenses it is the worst, no defense included.
    var defenses: Int
    /// Of how many that any attack that counts was tried on.
    var total: Int
    /// Against the defense of the highest worst case; nil with one attack that counts.
    var margin: Margin?
    /// That defense.
    var best: String
  }

  /// Rows from the highest worst case down.
  var ranked: [Row] {
    defenses.filter { $0.worst != nil }.sorted {
      ($0.worst?.accuracy.mean ?? 0) > ($1.worst?.accuracy.mean ?? 0)
    }
  }

  /// How far the worst case of the first defense is above that of the second.
  var bestMargin: Margin? {
    let ranked = ranked
    guard ranked.count > 1, let first = ranked[0].worst, let second = ranked[1].worst,
      let difference = Self.difference(
        ranked[0].cells[first.column], ranked[1].cells[second.column])
    else { return nil }
    return Margin(first: ranked[0].label, second: ranked[1].label, difference: difference)
  }

  /// Which attack is worst; nil where none counts.
  var worstAttack: WorstAttack? {
    let ranked = ranked
    var counts: [Int: Int] = [:]
    for row in ranked { if let worst = row.worst { counts[worst.column, default: 0] += 1 } }
    guard let (column, count) = counts.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }),
      let best = ranked.first
    else { return nil }
    return WorstAttack(
      label: attacks[column].label, defenses: count, total: ranked.count,
      margin: best.worst?.column == column ? margin(of: column, against: best) : nil,
      best: best.label)
  }

  private func margin(of column: Int, against row: Row) -> Margin? {
    let others = attacks.indices.filter { other in
      other != column && !attacks[other].isObserver
        && row.cells[other]?.summary.verdict == .valid
    }
    func mean(_ column: Int) -> Double { row.cells[column]?.accuracy?.mean ?? .infinity }
    guard let next = others.min(by: { mean($0) < mean($1) }),
      let difference = Self.difference(row.cells[next], row.cells[column])
    else { return nil }
    return Margin(
      first: attacks[column].label, second: attacks[next].label, difference: difference)
  }

  /// Final accuracies of `first` minus those of `second`, paired by seed.
  static func difference(_ first: BlockCell?, _ second: BlockCell?) -> Estimate? {
    guard let first, let second else { return nil }
    let base = Dictionary(
      second.rows.compactMap { row in row.metrics.map { (row.seed, $0.finalAccuracy) } },
      uniquingKeysWith: { first, _ in first })
    return Estimate(
      first.rows.compactMap { row in
        row.metrics.flatMap { own in base[row.seed].map { own.finalAccuracy - $0 } }
      })
  }
}

extension MatrixBlock.Column {
  /// Whether the attack only reads along, so that it is held to what it concluded.
  var isObserver: Bool {
    if let measure = control?.reading.measure, case .figure = measure {
      return true
    }
    return false
  }
}

extension MatrixBlock.Row {
  /// Whether the defense itself costs as much as an attack must, over the whole interval.
  var isRuinous: Bool {
    guard let cost = cleanCost else { return false }
    let bounds = cells.compactMap { cell -> Double? in
      guard let harm = cell?.summary.harm, harm.figure == nil else { return nil }
      return harm.bound
    }
    return bounds.min().map { cost.interval.lowerBound >= $0 } ?? false
  }

  /// Whether nothing is missing of what can exist.
  var isComplete: Bool {
    cells.allSatisfy { cell in
      cell.map { ![.pending, .failed].contains($0.summary.verdict) } ?? true
    }
  }
}
