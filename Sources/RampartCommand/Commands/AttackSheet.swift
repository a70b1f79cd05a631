package import Attacks
internal import CommandLineTools
internal import Components
internal import FileFormats

/// What attacks are called.
struct AttackNames {
  private let cards: [Card]

  /// Attacks of these cards.
  init(_ cards: [Card]) { self.cards = cards }

  /// A line for each, with what it does.
  var list: String {
    let width = cards.map(\.name.count).max() ?? 0
    return cards.map { "  " + $0.name.padded(to: width, .left) + "  " + $0.summary }
      .joined(separator: "\n")
  }
}

/// All cells of a run of attacks on a protocol or on encryption.
package struct AttackSheet {
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

  /// Prints the sheet.
  ///
  /// - Returns: What the command ends with.
  func write(asJSON: Bool) -> ExitStatus {
    if asJSON {
      Terminal.output.writeLine(JSON.text(of: node))
    } else {
      for line in lines { Terminal.output.writeLine(line) }
    }
    return isAsExpected ? .done : .failed
  }

  /// The seed of the command line; what is wrong with it goes to `messages`.
  static func seed(_ arguments: ParsedArguments, _ messages: inout [String]) -> UInt64? {
    let text = arguments.string("seed") ?? ""
    let seed = UInt64(text)
    if seed == nil { messages.append("--seed: '\(text)' is not a whole number of 0 or more") }
    return seed
  }

  /// How many clients the command line names; what is wrong with it goes to `messages`.
  static func clients(_ arguments: ParsedArguments, _ messages: inout [String]) -> Int? {
    let range = ProtocolAttackSetting.minimumClients...ProtocolAttackSetting.maximumClients
    let text = arguments.string("clients") ?? ""
    guard let clients = Int(text), range.contains(clients) else {
      messages.append(
        "--clients \(text) must be in \(range.lowerBound)...\(range.upperBound)")
      return nil
    }
    return clients
  }

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
