internal import CommandLineTools
internal import Components
internal import Foundation
internal import MembershipInference

/// What `rampart membership` found, as a table, JSON, values and a figure.
struct MembershipReport {
  let file: ScoreFile
  let path: String
  let outcomes: [MembershipTask.Outcome]
  let options: ScoreEvaluation.Options
  let figures: Int
  private var baseline: BlindBaseline?

  init(
    file: ScoreFile, path: String, outcomes: [MembershipTask.Outcome],
    options: ScoreEvaluation.Options, figures: Int
  ) {
    self.file = file
    self.path = path
    self.outcomes = outcomes
    self.options = options
    self.figures = figures
  }

  mutating func add(baseline: BlindBaseline?) throws { self.baseline = baseline }

  private var done: [(label: String, evaluation: ScoreEvaluation)] {
    outcomes.compactMap { outcome in
      if case .success(let evaluation) = outcome.result { (outcome.label, evaluation) } else { nil }
    }
  }

  /// What a reader should know before believing anything.
  var warnings: [String] {
    var all = file.warnings
    let shadows = (file.leavesOneOut ? file.table.models : file.table.models - 1) / 2
    let ownVariance = outcomes.contains { outcome in
      (outcome.component.component as? LiRA)?.parameters.variance == .perExample
    }
    if ownVariance, shadows < 32 {
      all.append(
        "lira: variances of single examples from about \(shadows) shadows of a kind are noise below "
          + "32; take variance shrinkage or fixed")
    }
    if let baseline {
      if baseline.isAlarming {
        all.append(
          "the blind baseline, which never sees a model, tells members apart: AUC "
            + "\(Self.number(baseline.area)), \(percent) interval \(Self.range(baseline.interval)); the two "
            + "kinds differ, and what attacks achieve on them says nothing of the models; draw "
            + "members and non-members from one distribution")
      }
    }
    return all
  }

  private var percent: String { "\(Words.nearest(100 * (1 - options.significance)))%" }

  // MARK: - Table

  /// The report for people.
  var lines: [String] {
    let table = file.table
    let judged = done.first?.evaluation
    var lines = [
      "\(path): \(table.models) models, \(table.examples) examples, \(table.audited.count) of them "
        + "judged",
      file.leavesOneOut
        ? "each model is the target once, the others are its shadows"
        : "target: model \(file.targets[0]), \(table.models - 1) shadows",
    ]
    if let judged {
      lines.append("\(judged.members) members and \(judged.others) non-members judged")
    }
    lines.append("")
    var grid = PrivacyTable([
      ("attack", .left), ("figure", .left), ("value", .right), ("independent", .right),
      ("clustered", .right), ("", .left),
    ])
    for outcome in outcomes {
      switch outcome.result {
      case .failure(let error): grid.rows.append([outcome.label, "n/a", "-", "-", "-", "\(error)"])
      case .success(let evaluation): grid.rows += Self.rows(outcome.label, evaluation)
      }
    }
    if let baseline {
      grid.rows.append(
        [
          "blind baseline", "AUC", Self.number(baseline.area), "", Self.range(baseline.interval),
          baseline.isAlarming ? "tells members apart" : "",
        ])
    }
    lines += grid.lines
    lines.append("")
    lines.append(
      options.comparisons > 1
        ? "The \(figures) intervals of each kind hold together with \(percent)."
        : "Intervals hold with \(percent) each, one by one; there are \(figures) of each kind"
          + (figures > 5 ? " (--simultaneous widens them to hold together)." : "."))
    lines.append(
      "independent: Clopper and Pearson, for areas DeLong; clustered: resampled "
        + (file.targets.count > 1 ? "targets." : "examples."))
    if baseline == nil {
      lines.append("No blind baseline: the file has no 'features'.")
    }
    return lines
  }

  private static func rows(_ label: String, _ evaluation: ScoreEvaluation) -> [[String]] {
    func row(_ title: String, _ value: IntervalEstimate, _ note: String = "") -> [String] {
      [
        "", title, number(value.value), range(value.independent), range(value.clustered), note,
      ]
    }
    var rows = [
      row("AUC", evaluation.areaUnderCurve), row("balanced accuracy", evaluation.balancedAccuracy),
    ]
    rows[0][0] = label
    for rate in evaluation.rates {
      let note =
        rate.isResolved
        ? (rate.falsePositiveRate == 0
          ? "true rate of false positives up to \(Words.upward(rate.falsePositiveUpper, digits: 2))"
          : "")
        : "not resolved: needs \(Words.grouped(rate.neededOthers)) non-members"
      rows.append(
        row("TPR at FPR \(percentage(rate.falsePositiveRate))", rate.truePositiveRate, note))
    }
    return rows
  }

  private static func percentage(_ rate: Double) -> String {
    rate == 0 ? "0" : "\(Words.nearest(100 * rate))%"
  }
  private static func number(_ value: Double) -> String { String(format: "%.4f", value) }
  private static func range(_ range: ClosedRange<Double>) -> String {
    "\(number(range.lowerBound)) to \(number(range.upperBound))"
  }

  // MARK: - Files

  /// The curves: attack, rates, one line a point.
  var csv: String {
    var text = "attack,fpr,tpr\n"
    for (label, evaluation) in done {
      let name =
        label.contains(",") || label.contains("\"")
        ? "\"\(label.replacingOccurrences(of: "\"", with: "\"\""))\"" : label
      for pair in evaluation.curve.logarithmicPairs() {
        text += "\(name),\(pair.falsePositiveRate),\(pair.truePositiveRate)\n"
      }
    }
    return text
  }

  /// The curves over logarithmic axes, and guessing.
  var plot: PrivacyPlot {
    let least = done.map { 1 / Double($0.evaluation.others) }.min() ?? 1e-3
    return PrivacyPlot(
      title: "membership inference",
      x: .init(label: "false positive rate", isLogarithmic: true),
      y: .init(label: "true positive rate", isLogarithmic: true),
      series: done.map { label, evaluation in
        .init(
          label: label,
          points: evaluation.curve.logarithmicPairs().map {
            ($0.falsePositiveRate, $0.truePositiveRate)
          })
      } + [.init(label: "guessing", points: [(least, least), (1, 1)])])
  }

  // MARK: - JSON

  /// The report for programs.
  var node: ConfigurationNode {
    typealias Node = ReportNode
    return ConfigurationNode(
      Node.map([
        ("scores", .text(path)), ("models", .integer(file.table.models)),
        ("examples", .integer(file.table.examples)),
        ("audited", .integer(file.table.audited.count)),
        ("targets", Node.list(file.targets.map { .integer($0) })),
        ("leaveOneOut", .boolean(file.leavesOneOut)),
        ("confidence", .number(1 - options.significance)),
        ("comparisons", .integer(options.comparisons)), ("intervals", .integer(figures)),
        ("warnings", Node.texts(warnings)),
        (
          "blind",
          baseline.map(Self.node) ?? .null
        ),
        ("attacks", Node.list(outcomes.map(Self.node))),
      ]))
  }

  private static func node(_ outcome: MembershipTask.Outcome) -> ConfigurationNode.Value {
    typealias Node = ReportNode
    let head: [(String, ConfigurationNode.Value)] = [
      ("attack", .text(outcome.component.name)), ("label", .text(outcome.label)),
      ("parameters", outcome.component.effective.value),
    ]
    switch outcome.result {
    case .failure(let error): return Node.map(head + [("error", .text("\(error)"))])
    case .success(let evaluation):
      return Node.map(
        head + [
          ("members", .integer(evaluation.members)), ("nonMembers", .integer(evaluation.others)),
          ("auc", node(evaluation.areaUnderCurve)),
          ("balancedAccuracy", node(evaluation.balancedAccuracy)),
          ("tpr", Node.list(evaluation.rates.map(node))),
        ])
    }
  }

  static func node(_ rate: ScoreEvaluation.Rate) -> ConfigurationNode.Value {
    typealias Node = ReportNode
    guard case .map(let entries) = node(rate.truePositiveRate) else { return .null }
    return .map(
      [.init(key: "fpr", node: ConfigurationNode(.number(rate.falsePositiveRate)))] + entries
        + [
          ("threshold", Node.number(rate.threshold)),
          ("truePositives", .integer(rate.truePositives)),
          ("falsePositives", .integer(rate.falsePositives)),
          ("fprUpper", Node.number(rate.falsePositiveUpper)),
          ("resolved", .boolean(rate.isResolved)),
          ("neededNonMembers", .integer(rate.neededOthers)),
        ].map { .init(key: $0.0, node: ConfigurationNode($0.1)) })
  }

  static func node(_ blind: BlindBaseline) -> ConfigurationNode.Value {
    ReportNode.map([
      ("auc", .number(blind.area)), ("interval", pair(blind.interval)),
      ("alarm", .boolean(blind.isAlarming)),
    ])
  }

  private static func pair(_ range: ClosedRange<Double>) -> ConfigurationNode.Value {
    ReportNode.list([.number(range.lowerBound), .number(range.upperBound)])
  }

  static func node(_ value: IntervalEstimate) -> ConfigurationNode.Value {
    ReportNode.map([
      ("value", .number(value.value)), ("independent", pair(value.independent)),
      ("clustered", pair(value.clustered)),
    ])
  }
}
