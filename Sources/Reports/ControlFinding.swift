internal import Experiments

/// An attack's positive control in every setting: what it had to achieve undefended, and did.
struct ControlFinding: Sendable {
  /// The attack's label.
  var attack: String
  /// What it had to achieve.
  var bound: String
  /// The control in each block.
  var places: [(setting: String, control: MatrixBlock.Control)]

  /// Verdict, bound and what was seen, in one line.
  var sentence: String {
    guard places.count > 1 else {
      return places.first.map { "\(Self.word($0.control)): \(bound); \(Self.seen($0.control))" }
        ?? bound
    }
    let verdicts = Set(places.map(\.control.verdict))
    if verdicts.count == 1, let only = places.first {
      let settings = places.count == 2 ? "both" : "all \(places.count)"
      return "\(Self.word(only.control)) in \(settings) settings: \(bound)\(range)"
    }
    let passed = places.count { $0.control.verdict == .valid }
    let others = places.filter { $0.control.verdict != .valid }.map { place in
      "\(Self.word(place.control)) in \(place.setting)"
    }
    let settings = "passed in \(passed) of \(places.count) settings: "
    return ([(passed > 0 ? settings : "") + bound + range] + others).joined(separator: "; ")
  }

  /// The losses seen, from the least to the greatest.
  private var range: String {
    let losses = places.compactMap { $0.control.seen?.mean }
    guard let least = losses.min(), let greatest = losses.max() else { return "" }
    let texts = [Numbers.percent(least), Numbers.percent(greatest)]
    return "; it fell by " + (texts[0] == texts[1] ? texts[0] : "\(texts[0]) to \(texts[1])")
  }

  /// `passed`, `void`, …
  static func word(_ control: MatrixBlock.Control) -> String {
    control.verdict == .valid ? "passed" : control.verdict.rawValue
  }

  /// What was seen, in words.
  static func seen(_ control: MatrixBlock.Control) -> String {
    switch control.verdict {
    case .notApplicable: return "it cannot run here"
    case .failed: return "its run failed"
    case .pending, .clean: return "not finished"
    case .valid, .void: break
    }
    guard let seen = control.seen else { return "not finished" }
    let spread = Report.spread(seen, usualCount: seen.count)
    return "it fell by \(Numbers.percent(seen.mean))" + (spread.isEmpty ? "" : " \(spread)")
  }
}

extension Report {
  /// The controls by attack, in the order of the matrix.
  var controls: [ControlFinding] {
    labels(.attack).compactMap { attack in
      let places = blocks.compactMap { block in
        block.attacks.first { $0.label == attack }?.control.map { (block.title, $0) }
      }
      guard let bound = places.first?.1.bound else { return nil }
      return ControlFinding(attack: attack, bound: bound, places: places)
    }
  }
}
