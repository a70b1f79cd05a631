package import Attacks
internal import CommandLineTools
internal import Components
internal import FileFormats
internal import Foundation

extension CommandSpec {
  /// `rampart secagg attack`.
  static let secaggAttack = CommandSpec(
    "attack",
    abstract: "Attack a secure aggregation, with and without each defense.",
    discussion: """
        rampart secagg attack all
        rampart secagg attack dropout-equivocation --clients 20 --seed 7

      Every attack runs against the parties of 'rampart secagg simulate', message by message, and \
      knows only what its adversary knows. A line of the sheet is one cell: against what, how far the \
      attack got, whether it got through, and whether theory says it should. One attack on its own \
      also shows what each number rests on: what was recovered, or the reason of a refusal; and as a \
      control what guessing, or keeping to the rules, gives. Keys come from --seed, so that a sheet \
      repeats. A victim v has the vector x_v; n clients take part, t shares open a secret, and c \
      clients collude with the server.

      Attacks:
      \(ProtocolAttackNames.list)

      Exit status: 0 every cell came out as theory says, 1 one did not, 2 the command line is wrong.
      """,
    parameters: [
      .argument(
        "NAME", "An attack, or all of them.",
        kind: .oneOf("attack", ["all"] + ProtocolAttackNames.all)),
      .option("clients", "N", "Clients that take part.", default: "10"),
      .option("seed", "SEED", "For updates and keys.", default: "1"),
      .option("jobs", "N", "Threads of an exhaustive search (default: all cores)."),
      .flag("json", "Write JSON."),
    ]
  ) { arguments in
    let setting = try protocolAttackSetting(arguments)
    let name = arguments.positional("NAME") ?? "all"
    let chosen = protocolAttackCatalogue.filter { name == "all" || $0.card.name == name }
    let sheet = ProtocolAttackSheet(
      seed: setting.seed, isDetailed: name != "all",
      findings: try chosen.flatMap { try $0.init().run(setting) })
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: sheet.node))
    } else {
      for line in sheet.lines { Terminal.output.writeLine(line) }
    }
    return sheet.isAsExpected ? .done : .failed
  }

  /// What the options say, all mistakes at once.
  static func protocolAttackSetting(
    _ arguments: ParsedArguments
  ) throws -> ProtocolAttackSetting {
    var messages: [String] = []
    let range = ProtocolAttackSetting.minimumClients...ProtocolAttackSetting.maximumClients
    let clients = Int(arguments.string("clients") ?? "") ?? 0
    if !range.contains(clients) {
      messages.append(
        "--clients \(arguments.string("clients") ?? "") must be in \(range.lowerBound)..."
          + "\(range.upperBound)")
    }
    let seed = UInt64(arguments.string("seed") ?? "")
    if seed == nil {
      messages.append(
        "--seed: '\(arguments.string("seed") ?? "")' is not a whole number of 0 or more")
    }
    let jobs =
      arguments.isGiven("jobs")
      ? Int(arguments.string("jobs") ?? "") ?? 0 : ProcessInfo.processInfo.activeProcessorCount
    if jobs < 1 {
      messages.append("--jobs \(arguments.string("jobs") ?? ""): at least 1 thread is needed")
    }
    guard messages.isEmpty, let seed else { throw UserError(messages) }
    return ProtocolAttackSetting(clients: clients, seed: seed, workers: jobs)
  }
}

/// What attacks are called.
enum ProtocolAttackNames {
  static let all = protocolAttackCatalogue.map { $0.card.name }

  /// A line for each, with what it does.
  static var list: String {
    let width = all.map(\.count).max() ?? 0
    var lines: [String] = []
    for type in protocolAttackCatalogue {
      let card = type.card
      lines.append("  " + card.name.padded(to: width, .left) + "  " + card.summary)
    }
    return lines.joined(separator: "\n")
  }
}

/// All cells of a run.
package struct ProtocolAttackSheet {
  let seed: UInt64
  /// Whether to show what each measurement rests on.
  let isDetailed: Bool
  let findings: [ProtocolFinding]

  /// The cells of a run with this seed.
  package init(seed: UInt64, isDetailed: Bool, findings: [ProtocolFinding]) {
    self.seed = seed
    self.isDetailed = isDetailed
    self.findings = findings
  }

  /// Whether the command ends with status 0.
  package var isAsExpected: Bool { findings.allSatisfy(\.isAsExpected) }

  private static func verdict(_ succeeded: Bool) -> String { succeeded ? "succeeds" : "fails" }

  /// The table, what each number rests on, and the verdict.
  package var lines: [String] {
    var table = PrivacyTable([
      ("attack", .left), ("against", .left), ("measured", .left), ("", .right),
      ("came out", .left), ("expected", .left), ("", .left),
    ])
    var last = ""
    for finding in findings {
      table.rows.append([
        finding.attack == last ? "" : finding.attack, finding.variant,
        finding.metric, Words.nearest(finding.value, digits: 3),
        Self.verdict(finding.succeeded), finding.expected.rawValue,
        finding.isAsExpected ? "" : "NOT AS EXPECTED",
      ])
      last = finding.attack
    }
    var lines = table.lines
    if isDetailed {
      lines += [""]
      for finding in findings {
        lines += [
          finding.variant, "  adversary  \(finding.adversary)", "  evidence   \(finding.evidence)",
        ]
        if let control = finding.control {
          lines.append("  control    \(Words.nearest(control, digits: 3))")
        }
      }
    }
    return lines + ["", verdict]
  }

  private var verdict: String {
    let through = findings.count(where: \.succeeded)
    let wrong = findings.count { !$0.isAsExpected }
    let cells =
      "\(findings.count) cells: \(through) got through, \(findings.count - through) did not"
    return wrong == 0
      ? cells + "; all as theory says."
      : cells + "; \(wrong) NOT as theory says."
  }

  var node: ConfigurationNode {
    ConfigurationNode(
      ReportNode.map([
        ("seed", seed > UInt64(Int.max) ? .text("\(seed)") : .integer(Int(seed))),
        (
          "findings",
          ReportNode.list(
            findings.map { finding in
              ReportNode.map([
                ("attack", .text(finding.attack)), ("variant", .text(finding.variant)),
                ("adversary", .text(finding.adversary)), ("metric", .text(finding.metric)),
                ("value", ReportNode.number(finding.value)),
                ("control", ReportNode.number(finding.control)),
                ("succeeded", .boolean(finding.succeeded)),
                ("expected", .text(finding.expected.rawValue)),
                ("asExpected", .boolean(finding.isAsExpected)),
                ("evidence", .text(finding.evidence)),
              ])
            })
        ),
        ("asExpected", .boolean(isAsExpected)),
      ]))
  }
}
