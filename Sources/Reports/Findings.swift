internal import Experiments

/// What a reader must know beside the figures, each thing once.
extension Report {
  /// Combinations that cannot exist, by reason.
  struct Impossible: Sendable {
    /// Why, without the component's name: `needs individual updates; sum-only reveals only the sum`.
    var reason: String
    /// The components concerned.
    var subjects: [String]
    /// What would work.
    var suggestion: String?
    /// How many cells.
    var cells: Int
  }

  /// Runs that ended with an error, by reason.
  struct Failure: Sendable {
    /// The error.
    var reason: String
    /// The cells, with the seeds that failed in each.
    var cells: [(title: String, seeds: [UInt64])]
  }

  /// How many runs stand where.
  struct Progress: Sendable {
    var done = 0
    var failed = 0
    var pending = 0
    /// Runs that can exist.
    var total: Int { done + failed + pending }
  }

  /// How many runs stand where.
  var progress: Progress {
    results.rows.reduce(into: Progress()) { progress, row in
      switch row.status {
      case .done: progress.done += 1
      case .failed: progress.failed += 1
      case .pending: progress.pending += 1
      case .notApplicable: break
      }
    }
  }

  /// The seeds in order of first appearance.
  var seeds: [UInt64] { Self.distinct(results.rows.map(\.seed)) }

  /// The labels on `axis` in the order of the matrix.
  func labels(_ axis: Axis) -> [String] { Self.distinct(results.cells.map { $0.label(axis) }) }

  /// `alie against krum`, with the block's setting where there are several.
  func title(_ cell: MatrixResults.CellSummary, in block: MatrixBlock) -> String {
    let clean = cell.description.twin == cell.cell
    let pair =
      clean
      ? "\(cell.label(.defense)), nobody attacking"
      : "\(cell.label(.attack)) against \(cell.label(.defense))"
    return block.setting.isEmpty ? pair : "\(pair), \(block.title)"
  }

  /// What cannot exist, each reason once.
  var impossible: [Impossible] { Self.impossible(among: results.cells) }

  /// What cannot exist among `cells`, each reason once.
  static func impossible(among cells: [MatrixResults.CellSummary]) -> [Impossible] {
    var found: [Impossible] = []
    for cell in cells where cell.verdict == .notApplicable {
      let reason = cell.reason ?? "the combination cannot exist"
      let (subject, why) = split(reason, of: cell)
      let suggestion = cell.description.suggestion
      if let known = found.firstIndex(where: { $0.reason == why && $0.suggestion == suggestion }) {
        found[known].cells += 1
        if let subject, !found[known].subjects.contains(subject) {
          found[known].subjects.append(subject)
        }
      } else {
        found.append(
          Impossible(
            reason: why, subjects: subject.map { [$0] } ?? [], suggestion: suggestion, cells: 1))
      }
    }
    return found
  }

  /// A refusal names its component first; it is told apart so that equal reasons join.
  private static func split(
    _ reason: String, of cell: MatrixResults.CellSummary
  ) -> (subject: String?, reason: String) {
    let words = reason.split(separator: " ", maxSplits: 1)
    guard words.count == 2, let first = words.first, let rest = words.last else {
      return (nil, reason)
    }
    let names = Axis.allCases.flatMap { componentNames(cell.label($0)) }
    return names.contains(String(first)) ? (String(first), String(rest)) : (nil, reason)
  }

  /// Failed runs, each reason once.
  var failures: [Failure] {
    var found: [Failure] = []
    for block in blocks {
      for (_, _, cell) in block.cells {
        for row in cell.rows where row.status == .failed {
          let reason = row.reason ?? "no reason was stored"
          let title = title(cell.summary, in: block)
          let known = found.firstIndex { $0.reason == reason } ?? found.count
          if known == found.count { found.append(Failure(reason: reason, cells: [])) }
          if found[known].cells.last?.title == title {
            found[known].cells[found[known].cells.count - 1].seeds.append(row.seed)
          } else {
            found[known].cells.append((title, [row.seed]))
          }
        }
      }
    }
    return found
  }

  /// The labels of attacks and defenses that nobody asked for: controls and clean twins.
  var companions: [String] {
    [Axis.attack, .defense].flatMap { axis in
      labels(axis).filter { label in
        results.cells.allSatisfy { $0.label(axis) != label || $0.description.isCompanion }
      }
    }
  }

  static func usualSeedCount(_ results: MatrixResults) -> Int {
    var counts: [Int: Int] = [:]
    for cell in results.cells {
      if let count = cell.accuracy?.count { counts[count, default: 0] += 1 }
    }
    return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
      ?? Self.distinct(results.rows.map(\.seed)).count
  }

  /// `items` in order of first appearance, each once.
  static func distinct<Item: Hashable>(_ items: [Item]) -> [Item] {
    var seen: Set<Item> = []
    return items.filter { seen.insert($0).inserted }
  }
}

/// The names in a label: `nnm+krum(f=3)` is `nnm` and `krum`.
func componentNames(_ label: String) -> [String] {
  var names: [String] = []
  var name = ""
  var depth = 0
  for character in label {
    switch character {
    case "(": depth += 1
    case ")": depth -= 1
    case "+" where depth == 0:
      names.append(name)
      name = ""
    default: if depth == 0 { name.append(character) }
    }
  }
  return names + [name]
}
