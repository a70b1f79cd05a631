internal import Experiments

/// A comparison as tables that every format shows.
struct ComparisonGrids {
  /// `Algorithms compared where nobody attacks`, with the setting.
  var title: String
  /// The figures at the end of the run, then how soon each target was reached.
  var parts: [Part]
  /// What the figures and marks are, a sentence each.
  var notes: [String]

  /// A table under a heading.
  struct Part {
    var heading: String
    var grid: TextGrid
  }

  init(_ comparison: Comparison, targets: [Double]) {
    let labels = Self.labels(comparison)
    let first = labels.shown.first ?? ""
    let setting = comparison.title.isEmpty ? "" : ", \(comparison.title)"
    title = "Along \(comparison.axis), nobody attacking\(setting)"
    let measures = Comparison.Measure.allCases.filter { measure in
      comparison.entries.contains { $0.figures[measure] != nil }
    }
    let constant = measures.filter { Self.constant($0, in: comparison) != nil }
    let shown = measures.filter { !constant.contains($0) }
    parts = []
    for (heading, isCost) in [("After the last round", false), ("Cost of the whole run", true)] {
      let own = shown.filter { $0.isCost == isCost }
      if own.isEmpty { continue }
      let columns = own.map { measure in
        TextGrid.Column(
          header: measure.heading,
          cells: Self.interleaved(comparison.entries) { entry, isDifference in
            Self.cell(entry.figures[measure], isDifference, measure.unit)
          })
      }
      parts.append(Part(heading: heading, grid: Self.grid(labels.shown, columns: columns)))
    }
    for (index, target) in targets.enumerated() {
      parts.append(
        Part(
          heading: "To \(Numbers.percent(target)) % test accuracy, median over seeds",
          grid: Self.grid(labels.shown, columns: Self.columns(index, comparison.entries))))
    }
    notes = []
    if !labels.common.isEmpty { notes.append("All have \(labels.common.joined(separator: "+")).") }
    let same = constant.compactMap { measure in
      Self.constant(measure, in: comparison).map {
        "\(measure.name) \(measure.unit.text($0))"
      }
    }
    if !same.isEmpty { notes.append("The same in every run: \(same.list()).") }
    notes += Self.meanings(comparison, first: first, shown: Set(shown))
    notes += Self.gaps(comparison, labels.shown)
    if !targets.isEmpty { notes += Self.targetMeanings(comparison) }
  }

  // MARK: - Labels

  /// The entries' labels without the components that all of them have, and those.
  static func labels(_ comparison: Comparison) -> (shown: [String], common: [String]) {
    let chains = comparison.entries.map { componentLabels($0.label) }
    guard let first = chains.first else { return ([], []) }
    let common = first.filter { part in chains.allSatisfy { $0.contains(part) } }
    let shown = chains.map { chain in
      let rest = chain.filter { !common.contains($0) }
      return rest.isEmpty ? common.prefix(1).joined() : rest.joined(separator: "+")
    }
    guard Set(shown).count == shown.count else { return (comparison.entries.map(\.label), []) }
    return (shown, common)
  }

  /// A row an entry, and after the first another with its differences.
  private static func grid(_ labels: [String], columns: [TextGrid.Column]) -> TextGrid {
    TextGrid(
      labels: labels.enumerated().flatMap { index, label in
        index == 0 ? [label] : [label, "  difference"]
      }, columns: columns)
  }

  private static func interleaved(
    _ entries: [Comparison.Entry], _ cell: (Comparison.Entry, Bool) -> TextGrid.Cell
  ) -> [TextGrid.Cell] {
    entries.enumerated().flatMap { index, entry in
      index == 0 ? [cell(entry, false)] : [cell(entry, false), cell(entry, true)]
    }
  }

  // MARK: - Figures

  private static func cell(
    _ figure: Comparison.Figure?, _ isDifference: Bool, _ unit: FigureUnit
  ) -> TextGrid.Cell {
    guard let figure else { return .init(word: isDifference ? "" : "–") }
    return isDifference
      ? difference(figure.difference, unit) : cell(figure.value, unit)
  }

  static func cell(_ estimate: Estimate, _ unit: FigureUnit) -> TextGrid.Cell {
    // What costs the same in every run needs no interval.
    if estimate.minimum == estimate.maximum { return .init(value: unit.text(estimate.mean)) }
    if let halfWidth = estimate.halfWidth {
      let (value, spread) = unit.texts(estimate.mean, halfWidth)
      return .init(value: value, spread: "±" + spread)
    }
    if estimate.count == 1 { return .init(value: unit.text(estimate.mean)) }
    return .init(
      value: unit.text(estimate.mean),
      spread: "(\(unit.text(estimate.minimum))–\(unit.text(estimate.maximum)))")
  }

  static func difference(_ estimate: Estimate?, _ unit: FigureUnit) -> TextGrid.Cell {
    guard let estimate else { return .init(word: "–", style: .dim) }
    var cell = cell(estimate, unit)
    let isZero = !cell.value.contains { "123456789".contains($0) }
    if estimate.mean > 0, !isZero { cell.value = "+" + cell.value }
    cell.mark = estimate.excludesZero ? "*" : ""
    return cell
  }

  /// The one value that a measure of cost has in all runs of all entries.
  private static func constant(
    _ measure: Comparison.Measure, in comparison: Comparison
  ) -> Double? {
    guard measure.isCost else { return nil }
    let values = comparison.entries.map { $0.figures[measure]?.value }
    guard let first = values.first??.minimum else { return nil }
    return values.allSatisfy { $0?.minimum == first && $0?.maximum == first } ? first : nil
  }

  private static func columns(
    _ index: Int, _ entries: [Comparison.Entry]
  ) -> [TextGrid.Column] {
    let reached = TextGrid.Column(
      header: "reached",
      cells: interleaved(entries) { entry, isDifference in
        let figure = entry.targets[index]
        return .init(value: isDifference ? "" : "\(figure.reached)/\(figure.runs)")
      })
    // With ideal devices a round takes one unit of time: no need to say it twice.
    let isTimed = entries.contains { entry in
      entry.targets[index].costs[.time] != entry.targets[index].costs[.rounds]
    }
    let costs = TargetFigure.Cost.allCases.filter { cost in
      (isTimed || cost != .time) && entries.contains { $0.targets[index].costs[cost] != nil }
    }
    return [reached]
      + costs.map { cost in
        TextGrid.Column(
          header: cost.heading,
          cells: interleaved(entries) { entry, isDifference in
            self.cost(entry.targets[index], cost, isDifference)
          })
      }
  }

  private static func cost(
    _ figure: TargetFigure, _ cost: TargetFigure.Cost, _ isDifference: Bool
  ) -> TextGrid.Cell {
    guard let spent = figure.costs[cost] else { return .init(word: isDifference ? "" : "–") }
    if isDifference {
      return spent.difference == nil
        ? .init(word: "\(spent.won):\(spent.lost)") : difference(spent.difference, cost.unit)
    }
    if let median = spent.median { return .init(value: cost.unit.text(median)) }
    return .init(
      word: cost == .rounds ? figure.missedAfter.map { "not in \($0)" } ?? "not" : "–",
      style: .dim)
  }

  // MARK: - Meanings

  private static func meanings(
    _ comparison: Comparison, first: String, shown: Set<Comparison.Measure>
  ) -> [String] {
    let finished = comparison.entries.map(\.finished)
    let count = finished.min() ?? 0
    let comparisons = comparison.entries.count - 1
    var notes = [
      count >= 5
        ? "Means ± half of the 95% t interval; difference: from \(first), paired by seed, * where its "
          + "interval leaves out zero. Each interval stands by itself, not adjusted for "
          + "\(comparisons) × \(shown.count) comparisons."
        : "Means (least–greatest); difference: from \(first), paired by seed. Too few seeds for "
          + "intervals: nothing can be concluded."
    ]
    let meanings = Comparison.Measure.allCases.filter(shown.contains).compactMap(\.meaning)
    if !meanings.isEmpty { notes.append(meanings.joined(separator: "; ") + ".") }
    return notes
  }

  private static func gaps(_ comparison: Comparison, _ labels: [String]) -> [String] {
    zip(labels, comparison.entries).compactMap { label, entry in
      entry.finished == entry.planned
        ? nil : "\(label): \(entry.finished) of \(Numbers.count(entry.planned, "seed")) finished."
    }
  }

  private static func targetMeanings(_ comparison: Comparison) -> [String] {
    let costs = comparison.entries.flatMap { entry in entry.targets.flatMap { $0.costs.values } }
    var notes = [
      "Reached: at the first measurement at the target or above; a run that never got there counts "
        + "as more than any other in the median."
    ]
    if comparison.entries.dropFirst().contains(where: { entry in
      entry.targets.contains { $0.costs.values.contains { $0.difference == nil } }
    }), !costs.isEmpty {
      notes.append(
        "8:1 in place of a difference, where some run never got there: 8 seeds got there with less "
          + "than \(labels(comparison).shown.first ?? "the first"), 1 with more; the others tie or "
          + "are unknown.")
    }
    return notes
  }
}

/// What a figure is measured in.
enum FigureUnit {
  case percent, smallPercent, rounds, time, bytes, plain

  func text(_ value: Double) -> String {
    switch self {
    case .percent: Numbers.percent(value)
    case .smallPercent: Numbers.fixed(value * 100, digits: 2)
    case .rounds: Numbers.fixed(value, digits: value == value.rounded() ? 0 : 1)
    case .time: Numbers.fixed(value, digits: 1)
    case .plain: Numbers.fixed(value, digits: 3)
    case .bytes: (value < 0 ? "\u{2212}" : "") + Numbers.bytes(Int(abs(value).rounded()))
    }
  }

  /// A mean and half of its interval, bytes in the one unit that suits the larger.
  func texts(_ mean: Double, _ halfWidth: Double) -> (String, String) {
    switch self {
    case .bytes:
      let (scale, name) = Numbers.byteUnit(max(abs(mean), halfWidth))
      return (
        "\(Numbers.fixed(mean / scale, digits: scale == 1 ? 0 : 1)) \(name)",
        Numbers.fixed(halfWidth / scale, digits: scale == 1 ? 0 : 1)
      )
    case .rounds: return (Numbers.fixed(mean, digits: 1), Numbers.fixed(halfWidth, digits: 1))
    default: return (text(mean), text(halfWidth))
    }
  }
}

extension Comparison.Measure {
  var unit: FigureUnit {
    switch self {
    case .accuracy, .worstTenth, .largestDrop: .percent
    case .unsteadiness: .smallPercent
    case .virtualTime: .time
    case .bytesUp, .bytesDown: .bytes
    }
  }

  /// Whether less of it is spent rather than better.
  var isCost: Bool { [.virtualTime, .bytesUp, .bytesDown].contains(self) }

  /// What columns call it.
  var heading: String {
    switch self {
    case .accuracy: "accuracy"
    case .worstTenth: "worst tenth"
    case .unsteadiness: "unsteady"
    case .largestDrop: "largest drop"
    case .virtualTime: "time"
    case .bytesUp: "up"
    case .bytesDown: "down"
    }
  }

  /// What sentences call it.
  var name: String {
    switch self {
    case .virtualTime: "virtual time"
    case .bytesUp: "bytes up"
    case .bytesDown: "bytes down"
    default: heading
    }
  }

  /// What it is, where the name does not say.
  var meaning: String? {
    switch self {
    case .accuracy: "Accuracies in percent"
    case .worstTenth: "worst tenth: of the clients, each in its own world"
    case .bytesUp, .bytesDown: nil
    case .unsteadiness:
      "unsteady: √(mean squared change of accuracy from one measurement to the next / 2) over the "
        + "second half of the rounds (von Neumann 1941)"
    case .largestDrop: "largest drop: between two measurements, over the whole run"
    case .virtualTime: "time on the virtual clock"
    }
  }
}

extension TargetFigure.Cost {
  var unit: FigureUnit {
    switch self {
    case .rounds: .rounds
    case .time: .time
    case .bytesUp, .bytesDown: .bytes
    }
  }

  /// What columns call it.
  var heading: String {
    switch self {
    case .rounds: "rounds"
    case .time: "time"
    case .bytesUp: "up"
    case .bytesDown: "down"
    }
  }
}

/// The components of a label with their parameters: `fedavg+top-k(fraction=0.1)` has two.
func componentLabels(_ label: String) -> [String] {
  var parts = [""]
  var depth = 0
  for character in label {
    switch character {
    case "(", "[", "{": depth += 1
    case ")", "]", "}": depth -= 1
    default: break
    }
    if character == "+" && depth == 0 {
      parts.append("")
    } else {
      parts[parts.count - 1].append(character)
    }
  }
  return parts
}
