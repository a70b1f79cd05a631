internal import CommandLineTools
internal import Components
internal import Experiments
internal import Foundation
internal import MembershipInference

/// What a membership study found, as a table, JSON, values, a figure and a page.
struct MembershipStudyReport {
  let results: MembershipResults
  let confidence: Double

  init(_ results: MembershipResults, confidence: Double) {
    self.results = results
    self.confidence = confidence
  }

  typealias Block = MembershipResults.Block
  typealias Attack = MembershipResults.Attack

  /// What a reader should know before believing anything.
  var warnings: [String] {
    var warnings = results.blocks.filter { $0.blind?.isAlarming == true }.map { block in
      "\(block.title): the blind baseline, which sees no model, tells members apart: AUC "
        + "\(block.blind.map(Self.estimate) ?? "-"); the two kinds differ, and what attacks achieve on "
        + "them says nothing of the models"
    }
    let void = results.blocks.filter(\.isUndefended).flatMap(\.attacks).filter {
      $0.isValid == false
    }
    for attack in void {
      warnings.append(
        "\(attack.label) fails undefended (lower limit of the AUC below "
          + "\(MembershipResults.controlMinimum)): its other results are void; train longer, on fewer "
          + "examples, or with a larger model")
    }
    if !results.blocks.contains(where: \.isUndefended) {
      warnings.append(
        "no combination is undefended, so that nobody knows whether the attacks work here; add "
          + "defense 'mean' and transport 'plain'")
    }
    return warnings
  }

  // MARK: - Table

  /// The report for people.
  var lines: [String] {
    var lines = [
      "\(results.name): \(results.models) federations a combination, \(results.seeds) "
        + (results.seeds == 1 ? "seed" : "seeds")
        + "; each example in half of them, each federation the target once", "",
    ]
    var grid = PrivacyTable([
      ("  attack", .left), ("AUC", .right), ("TPR at 1%", .right), ("at 0.1%", .right),
      ("at 0", .right), ("others", .right), ("accuracy", .right), ("", .left),
    ])
    for attack in results.blocks.flatMap(\.attacks) {
      var cells = cells(attack)
      cells[0] = "  " + cells[0]
      grid.rows.append(cells)
    }
    var rows = grid.lines[...]
    lines += rows.prefix(1)
    rows = rows.dropFirst()
    for block in results.blocks {
      lines.append(
        "\(block.title): test accuracy \(block.accuracy.map { Self.percent($0.mean) } ?? "-")"
          + ", blind baseline AUC \(block.blind.map(Self.estimate) ?? "-")")
      lines += zip(block.attacks, rows).map { attack, row in
        // A reason needs no columns.
        guard case .impossible(let reason) = attack.outcome else { return row }
        return "  \(attack.label): n/a, \(reason)"
      }
      rows = rows.dropFirst(block.attacks.count)
    }
    lines += ["", remark]
    return lines
  }

  /// How to read the figures.
  var remark: String {
    "Intervals hold with \(Words.nearest(100 * confidence))% each, resampling federations, or "
      + "their clients. 'others': AUC against other clients' members. '-': not resolved, fewer than "
      + "10/a non-members. 'accuracy': the model's on test data where the attack interferes. void: the "
      + "attack fails undefended."
  }

  /// Attack, AUC, three rates, AUC against others' members, accuracy under it, remarks.
  func cells(_ attack: Attack) -> [String] {
    switch attack.outcome {
    case .impossible: return [attack.label, "n/a", "", "", "", "", "", ""]
    case .measured(let evaluation):
      var remarks: [String] = []
      if attack.isValid == false { remarks.append("void") }
      if let source = attack.sourceAccuracy {
        remarks.append("names the client for \(Self.percent(source.mean))")
      }
      return [attack.label, Self.estimate(evaluation.areaUnderCurve)]
        + evaluation.rates.map { $0.isResolved ? Self.rate($0.truePositiveRate) : "-" }
        + [
          attack.againstOthers.map { Self.number($0.value) } ?? "",
          attack.accuracy.map { Self.percent($0.mean) } ?? "", remarks.joined(separator: ", "),
        ]
    }
  }

  static func number(_ value: Double) -> String { String(format: "%.3f", value) }
  static func percent(_ share: Double) -> String { String(format: "%.1f%%", 100 * share) }
  static func estimate(_ value: IntervalEstimate) -> String {
    "\(number(value.value)) [\(number(value.clustered.lowerBound)), "
      + "\(number(value.clustered.upperBound))]"
  }
  static func estimate(_ blind: BlindBaseline) -> String {
    "\(number(blind.area)) [\(number(blind.interval.lowerBound)), "
      + "\(number(blind.interval.upperBound))]"
  }
  private static func rate(_ value: IntervalEstimate) -> String {
    "\(percent(value.value)) [\(percent(value.clustered.lowerBound)), "
      + "\(percent(value.clustered.upperBound))]"
  }

  // MARK: - Files

  private var measured: [(block: Block, attack: Attack, evaluation: ScoreEvaluation)] {
    results.blocks.flatMap { block in
      block.attacks.compactMap { attack in
        if case .measured(let evaluation) = attack.outcome {
          (block, attack, evaluation)
        } else {
          nil
        }
      }
    }
  }

  /// The curves: setting, attack, rates, one line a point.
  var csv: String {
    var table = PrivacyTable([
      ("setting", .left), ("attack", .left), ("fpr", .right), ("tpr", .right),
    ])
    for one in measured {
      for pair in one.evaluation.curve.logarithmicPairs() {
        table.rows.append([
          one.block.title, one.attack.label, "\(pair.falsePositiveRate)",
          "\(pair.truePositiveRate)",
        ])
      }
    }
    return table.csv
  }

  /// All curves over logarithmic axes, and guessing.
  var figure: PrivacyPlot { figure(results.blocks, title: "\(results.name): membership inference") }

  func figure(_ blocks: [Block], title: String) -> PrivacyPlot {
    let chosen = measured.filter { one in blocks.contains { $0.title == one.block.title } }
    let least = chosen.map { 1 / Double($0.evaluation.others) }.min() ?? 1e-3
    return PrivacyPlot(
      title: title, x: .init(label: "false positive rate", isLogarithmic: true),
      y: .init(label: "true positive rate", isLogarithmic: true),
      series: chosen.map { one in
        .init(
          label: blocks.count > 1 ? "\(one.attack.label), \(one.block.title)" : one.attack.label,
          points: one.evaluation.curve.logarithmicPairs().map {
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
        ("experiment", .text(results.name)), ("models", .integer(results.models)),
        ("seeds", .integer(results.seeds)), ("confidence", .number(confidence)),
        ("warnings", Node.texts(warnings)),
        (
          "settings",
          Node.list(
            results.blocks.map { block in
              Node.map([
                ("setting", .text(block.title)), ("undefended", .boolean(block.isUndefended)),
                ("accuracy", Node.number(block.accuracy?.mean)),
                (
                  "blind",
                  block.blind.map { one in
                    MembershipReport.node(one)
                  } ?? .null
                ),
                ("attacks", Node.list(block.attacks.map(Self.node))),
              ])
            })
        ),
      ]))
  }

  private static func node(_ attack: Attack) -> ConfigurationNode.Value {
    typealias Node = ReportNode
    var entries: [(String, ConfigurationNode.Value)] = [("attack", .text(attack.label))]
    switch attack.outcome {
    case .impossible(let reason): entries.append(("impossible", .text(reason)))
    case .measured(let evaluation):
      entries += [
        ("valid", attack.isValid.map { .boolean($0) } ?? .null),
        ("members", .integer(evaluation.members)), ("nonMembers", .integer(evaluation.others)),
        ("auc", MembershipReport.node(evaluation.areaUnderCurve)),
        ("balancedAccuracy", MembershipReport.node(evaluation.balancedAccuracy)),
        ("tpr", Node.list(evaluation.rates.map(MembershipReport.node))),
        ("aucAgainstOthers", attack.againstOthers.map(MembershipReport.node) ?? .null),
        ("sourceAccuracy", Node.number(attack.sourceAccuracy?.mean)),
        ("accuracyUnderAttack", Node.number(attack.accuracy?.mean)),
      ]
    }
    return Node.map(entries)
  }
}
