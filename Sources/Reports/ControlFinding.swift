internal import Components
internal import Experiments

/// An attack's positive control in every setting: what it had to achieve undefended, and did.
struct ControlFinding: Sendable {
  /// The attack's label.
  var attack: String
  /// The control in each block.
  var places: [(setting: String, control: MatrixBlock.Control)]

  /// Verdict, bound and what was seen, in one line.
  var sentence: String {
    guard let first = places.first, places.count > 1 else {
      return places.first.map { Self.line($0.control) } ?? ""
    }
    // Where places differ in the bound that counts, each has a line of its own.
    let isOne = places.allSatisfy { $0.control.reading.measure == first.control.reading.measure }
    guard isOne else {
      return places.map { "in \($0.setting) \(Self.line($0.control))" }.joined(separator: "; ")
    }
    let bound = first.control.reading.bound
    let verdicts = Set(places.map(\.control.verdict))
    if verdicts.count == 1 {
      let settings = places.count == 2 ? "both" : "all \(places.count)"
      return "\(Self.word(first.control)) in \(settings) settings: \(bound)\(range)"
    }
    let passed = places.filter { $0.control.verdict == .valid }
    let others = places.filter { $0.control.verdict != .valid }.map { place in
      "\(Self.word(place.control)) in \(place.setting)"
    }
    let settings = passed.first.map {
      "\(Self.word($0.control)) in \(passed.count) of \(places.count) settings: "
    }
    return ([(settings ?? "") + bound + range] + others).joined(separator: "; ")
  }

  /// What was seen, from the least to the greatest.
  private var range: String {
    let readings = places.map(\.control.reading)
    let means = readings.compactMap { $0.seen?.mean }
    guard let least = means.min(), let greatest = means.max(), let reading = readings.first else {
      return ""
    }
    let texts = [reading.measure.text(least), reading.measure.text(greatest)]
    let amount = texts[0] == texts[1] ? texts[0] : "\(texts[0]) to \(texts[1])"
    return "; \(reading.measure.sentence(amount))"
  }

  /// The control of one setting: the bound that was reached, or all that were missed.
  private static func line(_ control: MatrixBlock.Control) -> String {
    let readings = control.verdict == .void ? control.result.readings : [control.reading]
    return "\(word(control)): "
      + readings.map { "\($0.bound); \(seen($0, control.verdict))" }.joined(separator: "; nor: ")
  }

  /// `passed`, `passed by displacement`, `void`, …
  static func word(_ control: MatrixBlock.Control) -> String {
    guard control.verdict == .valid else { return control.verdict.rawValue }
    let measure = control.reading.measure
    return measure == .accuracyLoss ? "passed" : "passed by \(measure.name)"
  }

  /// What was seen, in words.
  static func seen(_ reading: ControlResult.Reading, _ verdict: MatrixResults.Verdict) -> String {
    switch verdict {
    case .notApplicable: return "it cannot run here"
    case .failed: return "its run failed"
    case .pending, .clean: return "not finished"
    case .valid, .void: break
    }
    guard let seen = reading.seen else { return "not finished" }
    var amount = reading.measure.text(seen.mean)
    if reading.measure.isShare {
      let spread = Report.spread(seen, usualCount: seen.count)
      amount += spread.isEmpty ? "" : " \(spread)"
    }
    return reading.measure.sentence(amount)
  }
}

extension PositiveControl.Measure {
  /// Whether values are shares, to be shown in percent.
  var isShare: Bool {
    switch self {
    case .accuracyLoss, .recallLoss: true
    case .displacement, .figure: false
    }
  }

  /// A value as text.
  func text(_ value: Double) -> String {
    if case .figure = self { return Numbers.fixed(value, digits: 3) }
    return isShare ? Numbers.percent(value) : Numbers.fixed(value, digits: 1)
  }

  /// What happened, with how much of it.
  func sentence(_ amount: String) -> String {
    if case .figure(let name) = self { return "\(name) was \(amount)" }
    return isShare ? "it fell by \(amount)" : "it moved \(amount) times as far"
  }
}

extension Report {
  /// The controls by attack, in the order of the matrix.
  var controls: [ControlFinding] {
    labels(.attack).compactMap { attack in
      let places = blocks.compactMap { block in
        block.attacks.first { $0.label == attack }?.control.map { (block.title, $0) }
      }
      return places.isEmpty ? nil : ControlFinding(attack: attack, places: places)
    }
  }
}
