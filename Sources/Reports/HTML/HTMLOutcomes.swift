internal import Experiments

/// What a defense held against, in a sentence or two.
extension Report {
  /// What came of a defense against the attacks, by what came.
  private struct Tally {
    var held: [Markup] = []
    var broke: [Markup] = []
    var undecided: [Markup] = []
    /// Void, failed or not finished.
    var unjudged: [Markup] = []
    /// Settings in which it cannot run at all.
    var impossible: [Markup] = []

    /// Adds an attack by name.
    mutating func add(_ name: Markup, _ cell: BlockCell) {
      switch cell.outcome {
      case .held: held.append(name)
      case .broke: broke.append(name)
      case .undecided: undecided.append(name)
      case nil: unjudged.append("\(name) (\(cell.summary.verdict.rawValue))")
      }
    }
  }

  /// `Held against a and b; broke under c; no verdict against d (void).` Then who of them lies
  /// outside what the defense promises.
  func outcomeSentence(_ defense: String) -> Markup {
    let tally = tally(defense)
    func places(_ places: [Markup]) -> Markup {
      places.count <= 6 ? places.list() : "\(places.count) attacks"
    }
    var parts: [Markup] = []
    if !tally.held.isEmpty {
      parts.append("<strong class=\"held\">held</strong> against \(places(tally.held))")
    }
    if !tally.broke.isEmpty {
      parts.append("<strong class=\"broke\">broke</strong> under \(places(tally.broke))")
    }
    if !tally.undecided.isEmpty {
      parts.append("<strong>undecided</strong> against \(places(tally.undecided))")
    }
    if !tally.unjudged.isEmpty {
      parts.append("no verdict against \(places(tally.unjudged))")
    }
    if !tally.impossible.isEmpty { parts.append("n/a\(tally.impossible.list())") }
    if parts.isEmpty { return "No attack was tried on it." }
    let outside = outsidePromise(defense).map { promise -> Markup in
      " Note that \(promise.attacks.map(Markup.code).list()) \(promise.reason)."
    }
    return "\(parts.joined("; ")).\(outside ?? "")"
  }

  /// An attack with one outcome in all settings is named once; else each with its setting.
  private func tally(_ defense: String) -> Tally {
    var tally = Tally()
    var cells: [(attack: String, block: MatrixBlock, cell: BlockCell)] = []
    for block in blocks {
      guard let row = block.defenses.first(where: { $0.label == defense }) else { continue }
      let known = zip(block.attacks, row.cells).compactMap { column, cell in
        cell.map { (column: column, cell: $0) }
      }
      if known.allSatisfy({ $0.cell.summary.verdict == .notApplicable }) {
        tally.impossible.append(within(block))
        continue
      }
      for (column, cell) in known
      where !column.isClean && cell.summary.verdict != .notApplicable {
        cells.append((column.label, block, cell))
      }
    }
    for attack in labels(.attack) {
      let own = cells.filter { $0.attack == attack }
      let outcomes = Set(own.map { $0.cell.outcome?.rawValue ?? $0.cell.summary.verdict.rawValue })
      if outcomes.count == 1, let first = own.first {
        tally.add(.code(attack), first.cell)
      } else {
        for (_, block, cell) in own { tally.add("\(.code(attack))\(within(block))", cell) }
      }
    }
    return tally
  }
}
