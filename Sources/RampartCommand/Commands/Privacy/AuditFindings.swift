internal import Accounting
internal import Components
internal import Experiments
internal import Federation
internal import Foundation

/// What audits of an experiment's claims found, as lines and as JSON.
struct AuditFindings {
  private let findings: [PromiseAudit.Finding]
  private let local: [PromiseAudit.LocalFinding]
  private let unaudited: [String]

  init(
    _ findings: [PromiseAudit.Finding], local: [PromiseAudit.LocalFinding], unaudited: [String]
  ) {
    self.findings = findings
    self.local = local
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
    for finding in local { lines += Self.lines(of: finding) }
    if let significance = findings.first?.significance ?? local.first?.audit.significance {
      lines.append(
        "Each bound is wrong at most once in \(Words.nearest(1 / significance, digits: 3)).")
    }
    if !unaudited.isEmpty {
      lines.append(
        "Not audited, as they carry no canary clients: \(unaudited.joined(separator: ", ")).")
    }
    return lines
  }

  private static func lines(of finding: PromiseAudit.LocalFinding) -> [String] {
    let audit = finding.audit
    let promise = audit.promise
    let trials = Words.grouped(audit.trials)
    return [
      "\(finding.title): \(finding.verdict.rawValue)",
      promise.epsilonUpper.map {
        "  claimed     epsilon at most \(Words.upward($0)) at delta \(Words.plain(promise.delta)) for "
          + "one release of a client (\(promise.adjacency.rawValue))"
      } ?? "  claimed     nothing",
      "  releases    of \(trials) of an update as long as the clip lets through "
        + "\(Words.grouped(audit.recognised)) were recognised, of \(trials) of its neighbour "
        + "\(Words.grouped(audit.mistaken)) taken for it (\(finding.dimension) coordinates); numbers "
        + "were fixed in advance",
      "  proved      epsilon at least \(Words.downward(audit.epsilonLower)) (any mechanism; so many "
        + "releases can prove at most \(Words.downward(audit.greatestProvable)))",
      "              epsilon at least \(Words.downward(audit.gaussianEpsilonLower)) (if "
        + "Gaussian\(promise.isGaussian == true ? ", as claimed" : "; no refutation"))",
    ]
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
      ),
      (
        "localClaims",
        .list(
          local.map { finding in
            let (audit, promise) = (finding.audit, finding.audit.promise)
            return map([
              ("title", .text(finding.title)), ("mechanism", .text(promise.mechanism)),
              ("unit", .text(promise.unit.rawValue)),
              ("adjacency", .text(promise.adjacency.rawValue)), ("delta", .number(promise.delta)),
              ("releases", .integer(1)), ("dimension", .integer(finding.dimension)),
              ("epsilonUpper", number(promise.epsilonUpper)),
              ("epsilonLower", .number(audit.epsilonLower)),
              ("gaussianEpsilonLower", .number(audit.gaussianEpsilonLower)),
              ("isGaussian", .boolean(promise.isGaussian == true)),
              ("greatestProvable", .number(audit.greatestProvable)),
              ("significance", .number(audit.significance)), ("trials", .integer(audit.trials)),
              ("recognised", .integer(audit.recognised)),
              ("mistaken", .integer(audit.mistaken)), ("verdict", .text(finding.verdict.rawValue)),
            ])
          })
      ), ("notAudited", .list(unaudited.map { ConfigurationNode(.text($0)) })),
    ])
  }
}
