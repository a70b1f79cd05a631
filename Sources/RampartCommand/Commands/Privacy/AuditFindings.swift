internal import Accounting
internal import Components
internal import Experiments
internal import Federation
internal import Foundation

/// What audits of an experiment's claims found, as lines and as JSON.
struct AuditFindings {
  private let findings: [PromiseAudit.Finding]
  private let unaudited: [String]

  init(_ findings: [PromiseAudit.Finding], unaudited: [String]) {
    self.findings = findings
    self.unaudited = unaudited
  }

  /// A paragraph a claim.
  var lines: [String] {
    var lines: [String] = []
    for finding in findings {
      let delta = Words.plain(finding.promise.delta)
      let audit = finding.audit
      lines += [
        "\(finding.title): \(finding.verdict.rawValue)",
        finding.epsilonUpper.map {
          "  claimed     epsilon at most \(Words.upward($0)) at delta \(delta) for a "
            + "\(finding.promise.unit.rawValue) (\(finding.promise.adjacency.rawValue))"
        } ?? "  claimed     nothing",
        "  guesses     \(audit.correct) of \(audit.guesses) about \(audit.canaries) canaries were "
          + "right, \(finding.runs) \(finding.runs == 1 ? "run" : "runs"); their number was fixed "
          + "in advance",
        "  proved      epsilon at least \(Words.downward(finding.epsilonLower)) (any mechanism; so "
          + "many guesses can prove at most \(Words.downward(finding.greatestProvable)))",
        "              epsilon at least \(Words.downward(finding.gaussianEpsilonLower)) (if "
          + "Gaussian\(finding.promise.isGaussian == true ? ", as claimed" : "; no refutation"))",
      ]
      if let found = finding.recognition {
        let (low, high) = (found.interval.lowerBound, found.interval.upperBound)
        let cap = finding.cap.map { String(format: ", at most %.2f by the claim", $0) } ?? ""
        lines.append(
          String(
            format: "  recognised  %.2f [%.2f, %.2f] of the canaries at a tenth of false alarms",
            found.rate, low, high) + cap)
      }
    }
    if let first = findings.first {
      lines.append(
        "Each bound is wrong at most once in \(Words.nearest(1 / first.significance, digits: 3)).")
    }
    if !unaudited.isEmpty {
      lines.append(
        "Not audited, as they carry no canary clients: \(unaudited.joined(separator: ", ")).")
    }
    return lines
  }

  /// The same for programs.
  var node: ConfigurationNode {
    typealias Value = ConfigurationNode.Value
    func map(_ entries: [(String, Value)]) -> ConfigurationNode {
      ConfigurationNode(.map(entries.map { .init(key: $0.0, node: ConfigurationNode($0.1)) }))
    }
    func number(_ value: Double?) -> Value { value.map { .number($0) } ?? .null }
    return map([
      (
        "claims",
        .list(
          findings.map { finding in
            map([
              ("title", .text(finding.title)), ("mechanism", .text(finding.promise.mechanism)),
              ("unit", .text(finding.promise.unit.rawValue)),
              ("adjacency", .text(finding.promise.adjacency.rawValue)),
              ("delta", .number(finding.promise.delta)),
              ("epsilonUpper", number(finding.epsilonUpper)),
              ("epsilonLower", .number(finding.epsilonLower)),
              ("gaussianEpsilonLower", .number(finding.gaussianEpsilonLower)),
              ("isGaussian", .boolean(finding.promise.isGaussian == true)),
              ("greatestProvable", .number(finding.greatestProvable)),
              ("significance", .number(finding.significance)),
              ("runs", .integer(finding.runs)), ("canaries", .integer(finding.audit.canaries)),
              ("guesses", .integer(finding.audit.guesses)),
              ("correct", .integer(finding.audit.correct)),
              ("truePositiveRate", number(finding.recognition?.rate)),
              ("truePositiveRateLower", number(finding.recognition?.interval.lowerBound)),
              ("truePositiveRateUpper", number(finding.recognition?.interval.upperBound)),
              ("truePositiveRateCap", number(finding.cap)),
              ("verdict", .text(finding.verdict.rawValue)),
            ])
          })
      ), ("notAudited", .list(unaudited.map { ConfigurationNode(.text($0)) })),
    ])
  }
}
