internal import Experiments
internal import Federation

/// Attackers who got through, but whom the defense's promise of privacy does not reach.
struct OutsidePromise: Sendable, Hashable {
  /// The component that makes the promise and trusts the server.
  var mechanism: String
  /// The attacks concerned.
  var attacks: [String]
  /// What they use that only the server has.
  var sight: [String]

  /// What follows the attacks' names: `uses client identities, which only the server has; …`.
  var reason: String {
    let (verb, who) =
      attacks.count == 1 ? ("uses", "this attacker lies") : ("use", "these attackers lie")
    return "\(verb) \(sight.list()), which only the server has; \(mechanism) trusts the server: "
      + "\(who) outside what it promises"
  }
}

extension BlockCell {
  /// The component whose promise does not reach this cell's attacker: it trusts the server, and the
  /// attacker uses what only the server has. Nil where nothing of the kind is promised, and where
  /// the store does not say what the attacker uses.
  var outsidePromiseOf: String? {
    guard let sight = summary.description.serverSight, !sight.isEmpty else { return nil }
    return rows.lazy.compactMap { $0.metrics?.privacy }
      .first { $0.trust == .central && $0.epsilonUpper != nil }?.mechanism
  }
}

extension Report {
  /// Of `defense`, the attackers whom it was not shown to hold against and who lie outside what it
  /// promises; nil where there are none.
  func outsidePromise(_ defense: String) -> OutsidePromise? {
    var found: OutsidePromise?
    for block in blocks {
      guard let row = block.defenses.first(where: { $0.label == defense }) else { continue }
      for (column, cell) in zip(block.attacks, row.cells) {
        guard let cell, let mechanism = cell.outsidePromiseOf,
          cell.outcome == .broke || cell.outcome == .undecided
        else { continue }
        let sight = cell.summary.description.serverSight ?? []
        var promise = found ?? OutsidePromise(mechanism: mechanism, attacks: [], sight: [])
        promise.attacks = Self.distinct(promise.attacks + [column.label])
        promise.sight = Set(promise.sight + sight).sorted()
        found = promise
      }
    }
    return found
  }

  /// The same of all defenses as sentences, those with the same attackers together.
  var outsidePromises: [String] {
    let all = labels(.defense).compactMap { defense in
      outsidePromise(defense).map { (defense: defense, promise: $0) }
    }
    return Self.distinct(all.map(\.promise)).map { promise in
      let defenses = all.filter { $0.promise == promise }.map(\.defense)
      return "\(defenses.list()): \(promise.attacks.list()) \(promise.reason)."
    }
  }
}
