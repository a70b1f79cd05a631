internal import CommandLineTools
internal import Experiments
internal import Foundation
internal import MembershipInference

/// A membership study as a page: the matrix of areas, then table and curves of each setting.
struct MembershipStudyPage {
  let report: MembershipStudyReport
  /// What made it, as a shell takes it.
  let command: String

  private typealias Attack = MembershipResults.Attack
  private var results: MembershipResults { report.results }

  private static let style = """
    body{font:15px/1.45 system-ui,sans-serif;color:#222;max-width:62em;margin:2.5em auto;padding:0 1.2em}
    h1{font-size:1.6em;margin-bottom:.2em}h2{font-size:1.15em;margin-top:2.2em}
    table{border-collapse:collapse;margin:.8em 0;font-variant-numeric:tabular-nums}
    th,td{padding:.3em .7em;text-align:left;border-bottom:1px solid #ddd;vertical-align:top}
    th{font-weight:600;border-bottom:2px solid #888}td small{color:#555;white-space:nowrap}
    td.n{color:#888}.warning{border-left:4px solid #c60;padding:.3em .8em;background:#fff6ea}
    figure{margin:1em 0;max-width:44em}svg{max-width:100%;height:auto}code{background:#f3f3f3}
    footer{margin-top:3em;color:#555;font-size:.92em;border-top:1px solid #ddd;padding-top:.6em}
    """

  /// The page.
  var html: String {
    var page = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(results.name))</title>
      <style>\(Self.style)</style></head><body>
      <h1>\(Self.escaped(results.name)): who was in the data?</h1>
      <p>\(Self.escaped(report.lines[0])).</p>

      """
    for warning in report.warnings {
      page += "<p class=\"warning\"><strong>Warning:</strong> \(Self.escaped(warning)).</p>\n"
    }
    page += matrix
    for block in results.blocks { page += section(block) }
    page += """
      <footer><p>\(Self.escaped(report.remark))</p>
      <p>Made by <code>\(Self.escaped(command))</code> (Rampart \(CommandSpec.rampartVersion)).</p>
      </footer></body></html>

      """
    return page
  }

  /// Areas of all attacks (down) in all settings (across), the darker the more members are found.
  private var matrix: String {
    guard let first = results.blocks.first else { return "" }
    var text = "<h2>Area under the curve</h2>\n<table><tr><th>attack</th>"
    for block in results.blocks { text += "<th>\(Self.escaped(block.title))</th>" }
    text += "</tr>\n"
    for index in first.attacks.indices {
      text += "<tr><td>\(Self.escaped(first.attacks[index].label))</td>"
      for block in results.blocks where block.attacks.indices.contains(index) {
        text += Self.cell(block.attacks[index])
      }
      text += "</tr>\n"
    }
    text += "<tr><td>test accuracy</td>"
    for block in results.blocks {
      text += "<td>\(block.accuracy.map { MembershipStudyReport.percent($0.mean) } ?? "-")</td>"
    }
    text += "</tr>\n<tr><td>blind baseline</td>"
    for block in results.blocks {
      text += "<td>\(block.blind.map { Self.shown($0.area, $0.interval) } ?? "-")</td>"
    }
    return text + "</tr></table>\n"
  }

  private static func cell(_ attack: Attack) -> String {
    guard case .measured(let evaluation) = attack.outcome else { return "<td class=\"n\">n/a</td>" }
    let area = evaluation.areaUnderCurve
    // 0.5 is white, 1 a full tint.
    let tint = min(max(2 * (area.value - 0.5), 0), 1) * 0.75
    let style = String(format: "background:rgba(200,80,30,%.2f)", tint)
    return "<td style=\"\(style)\">\(shown(area.value, area.clustered))"
      + (attack.isValid == false ? " <small>void</small>" : "") + "</td>"
  }

  private static func shown(_ value: Double, _ interval: ClosedRange<Double>) -> String {
    let number = MembershipStudyReport.number
    return "\(number(value))<br><small>\(number(interval.lowerBound))&thinsp;–&thinsp;"
      + "\(number(interval.upperBound))</small>"
  }

  private func section(_ block: MembershipResults.Block) -> String {
    var text = "<h2>\(Self.escaped(block.title))</h2>\n"
    text +=
      "<p>Test accuracy \(block.accuracy.map { MembershipStudyReport.percent($0.mean) } ?? "-")"
    text += "; blind baseline AUC \(block.blind.map(MembershipStudyReport.estimate) ?? "-").</p>\n"
    text +=
      "<table><tr><th>attack</th><th>AUC</th><th>TPR at 1% FPR</th><th>at 0.1%</th><th>at 0</th>"
    text += "<th>AUC against others' members</th><th>members / not</th>"
    text += "<th>test accuracy under it</th><th></th></tr>\n"
    for attack in block.attacks {
      var cells = report.cells(attack)
      switch attack.outcome {
      case .measured(let evaluation):
        for index in 2...4 where cells[index] == "-" {
          let rate = evaluation.rates[index - 2]
          cells[index] = "not resolved (\(evaluation.others) of \(rate.neededOthers) non-members)"
        }
        cells.insert("\(evaluation.members) / \(evaluation.others)", at: 6)
        text += "<tr>" + cells.map { "<td>\(Self.escaped($0))</td>" }.joined() + "</tr>\n"
      case .impossible(let reason):
        text += "<tr><td>\(Self.escaped(attack.label))</td>"
        text += "<td class=\"n\" colspan=\"8\">n/a: \(Self.escaped(reason))</td></tr>\n"
      }
    }
    text += "</table>\n"
    let isMeasured = block.attacks.contains {
      if case .measured = $0.outcome { true } else { false }
    }
    guard isMeasured else { return text }
    return text + "<figure>\(report.figure([block], title: block.title).svg)</figure>\n"
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
  }
}
