internal import CommandLineTools
internal import Components
internal import Federation
internal import Foundation
internal import SecureAggregation

/// What a run came to.
struct SecAggSimulationResult {
  let name: SecAggProtocol
  let parameters: AggregationParameters
  let session: MaskingSession
  let encoding: FixedPointEncoding
  /// Elements of a vector, the weight among them.
  let length: Int
  let dropouts: Int
  let jobs: Int
  var outcome: AggregationOutcome?
  var abort: AggregationAbort?
  var costs: [RoundCost] = []
  /// Whether the exact sum came out, and was accepted where it was checked.
  var isExact = false
  var seconds = 0.0
  /// To find the generators of commitments or hashes, once in a process.
  var setupSeconds = 0.0
  var verification: VerificationFigures?

  var lines: [String] {
    let clients = Words.grouped(session.clients)
    let server = session.security == .active ? "a server that may lie" : "a semi-honest server"
    var lines = [
      "\(clients) clients, \(Words.grouped(length - 1)) coordinates of \(encoding.bits) "
        + "bits and the weight, sums modulo 2^\(session.ring.bits); \(name.rawValue) against \(server): "
        + "\(Words.grouped(parameters.degree)) neighbours, threshold "
        + "\(Words.grouped(session.threshold)); \(Words.grouped(dropouts)) dropped out.", "",
    ]
    var table = PrivacyTable([
      ("round", .left), ("role", .left), ("messages", .right), ("bytes", .right), ("CPU s", .right),
    ])
    for cost in costs where cost.messages > 0 || cost.cpuSeconds > 0 {
      table.rows.append([
        cost.round, cost.role.rawValue, Words.grouped(cost.messages), Words.grouped(cost.bytes),
        String(format: "%.4g", cost.cpuSeconds),
      ])
    }
    lines += table.lines + [""]
    if let outcome {
      lines.append(
        "The sum of \(Words.grouped(outcome.contributors.count)) vectors came out, "
          + (isExact ? "exact in every bit" : "and is WRONG")
          + "; \(Words.grouped(outcome.masksRemoved)) masks were taken off. "
          + String(format: "%.3g s on %d %@.", seconds, jobs, jobs == 1 ? "thread" : "threads"))
    } else {
      lines.append(
        "No sum: \(abort.map(\.description) ?? "the clients ended the session").")
    }
    if let verification {
      lines.append(verification.line)
    }
    if setupSeconds > 0 {
      lines.append(
        String(
          format: "The %@ generators, the same for every sum, took %.3g s before.",
          Words.grouped(length), setupSeconds))
    }
    return lines
  }

  var node: ConfigurationNode {
    ConfigurationNode(
      ReportNode.map([
        ("protocol", .text(name.rawValue)), ("security", .text(session.security.rawValue)),
        ("clients", .integer(session.clients)), ("dimension", .integer(length - 1)),
        ("bits", .integer(encoding.bits)), ("modulusBits", .integer(session.ring.bits)),
        ("degree", .integer(parameters.degree)), ("threshold", .integer(session.threshold)),
        ("dropouts", .integer(dropouts)),
        (
          "rounds",
          ReportNode.list(
            costs.map { cost in
              ReportNode.map([
                ("round", .text(cost.round)), ("role", .text(cost.role.rawValue)),
                ("messages", .integer(cost.messages)), ("bytes", .integer(cost.bytes)),
                ("cpuSeconds", .number(cost.cpuSeconds)),
              ])
            })
        ),
        ("contributors", .integer(outcome?.contributors.count ?? 0)),
        ("masksRemoved", .integer(outcome?.masksRemoved ?? 0)),
        ("exact", .boolean(isExact)),
        (
          "aborted", ReportNode.text(outcome == nil ? abort?.description ?? "clients" : nil)
        ),
        ("verification", verification.map { ReportNode.map($0.entries) } ?? .null),
        ("setupSeconds", .number(setupSeconds)), ("seconds", .number(seconds)),
        ("jobs", .integer(jobs)),
      ]))
  }
}
