import Accounting
import Experiments
import Federation
import Foundation
import Reports
import Testing

/// Promises beside audits, on the terminal and in Markdown.
@Suite("The privacy table")
struct PrivacyTableTests {
  /// By defense what is promised, stated, proved by each seed's audit, and the greatest rate.
  private static let runs:
    [String: (upper: Double?, stated: Double?, lower: Double, cap: Double?)] =
      [
        "kept": (3, nil, 0.5, 0.39), "broken": (1, nil, 1.2, 0.2), "loose": (71, 5, 2, 1),
        "bare": (nil, nil, 4.5, nil),
      ]

  private static func report(promising: Bool = true, recognised: Int? = nil) -> Report {
    let matrix = SyntheticMatrix(
      attacks: ["none", "alie"], defenses: ["mean", "kept", "broken", "loose", "bare"]
    ) { _, _, _, seed in 0.8 + SyntheticMatrix.jitter[seed] }
    let rows = matrix.results.rows.map { row in
      var row = row
      guard promising, let label = row.description.labels["defense"], let run = runs[label] else {
        return row
      }
      // Only the last seed's audit is as high as that.
      let lower = row.seed == matrix.seeds.last ? run.lower : 0.1
      row.metrics?.privacy = PrivacyEvidence(
        mechanism: label, trust: label == "loose" ? .local : .central, unit: .client,
        adjacency: .addRemove, delta: 1e-5, epsilonUpper: run.upper, epsilonStated: run.stated,
        caps: run.cap.map { [.init(falsePositiveRate: 0.1, truePositiveRate: $0)] } ?? [],
        audit: .init(
          epsilonLower: lower, gaussianEpsilonLower: lower, significance: 0.05, canaries: 100,
          guesses: 50, correct: 40, falsePositiveRate: 0.1, truePositiveRate: 0.25,
          truePositiveRateCap: run.cap, members: recognised.map { _ in 50 },
          recognised: recognised))
      return row
    }
    return Report(
      MatrixResults(name: "promises", folder: "x", rows: rows, versions: ["1"], blasCores: ["x"]))
  }

  private static func words(_ line: String) -> [String] {
    line.split { $0 == " " || $0 == "|" }.map(String.init)
  }

  @Test("tells promise, statement, audit, rate and cap of each defense; what is broken is marked")
  func rows() throws {
    for format in [ReportFormat.table, .markdown] {
      let text = Self.report().text(format)
      let heading = try #require(text.range(of: "Privacy: what is promised"))
      let rest = text[heading.upperBound...]
      let lines = rest.split(separator: "\n").map { Self.words(String($0)) }
      func row(_ label: String) throws -> [String] {
        try #require(lines.first { $0.first == label }, "\(label) in \(format)")
      }
      #expect(try row("kept") == ["kept", "server", "3.00", "–", "0.50", "0.25", "0.39"])
      let broken = try row("broken")
      #expect(broken.joined(separator: " ").filter { $0 != "\\" }.contains("1.20!"), "\(broken)")
      #expect(try row("loose") == ["loose", "nobody", "71.00", "5.00", "2.00", "0.25", "1.00"])
      #expect(try row("bare") == ["bare", "server", "none", "–", "4.50", "0.25", "–"])
      // Who promises nothing has no row.
      let table = lines.prefix { !$0.contains("epsilon:") }
      #expect(!table.contains { $0.first == "mean" })
    }
  }

  /// Five seeds of 50 canaries that were in.
  @Test(
    "a rate has the error of all seeds' canaries, and is marked where all of it is above the cap")
  func rates() throws {
    func row(_ label: String, _ recognised: Int, width: Int = 100) throws -> String {
      let text = Self.report(recognised: recognised).text(
        .table, options: ReportOptions(width: width))
      let heading = try #require(text.range(of: "Privacy: what is promised"))
      return try #require(
        text[heading.upperBound...].split(separator: "\n").map(String.init)
          .first { $0.hasPrefix(label) })
    }
    // 60 and 75 of 250, by the binomial tails. Caps 0.2 and 0.39.
    #expect(try row("broken", 12).contains("0.24 [0.19, 0.30] "))
    #expect(try row("broken", 15).contains("0.30 [0.24, 0.36]!"))
    #expect(try row("kept", 15).contains("0.30 [0.24, 0.36] "))
    // Nothing promised, nothing broken.
    #expect(try row("bare", 50).contains("1.00 [0.99, 1.00] "))
    let csv = Self.report(recognised: 15).text(.csv).split(separator: "\n").map(String.init)
    let names = csv[0].split(separator: ",", omittingEmptySubsequences: false)
    let fields = try #require(csv.first { $0.contains(",kept,") })
      .split(separator: ",", omittingEmptySubsequences: false)
    func value(_ name: String) throws -> Double {
      let place = try #require(names.firstIndex { $0 == name })
      return try #require(Double(fields[place]))
    }
    // One seed: 15 of 50.
    #expect(abs(try value("privacyAuditTruePositiveRateLower") - 0.1786) < 1e-4)
    #expect(abs(try value("privacyAuditTruePositiveRateUpper") - 0.4461) < 1e-4)
  }

  @Test("is not there where nobody promises anything, and fits the terminal")
  func none() {
    #expect(!Self.report(promising: false).text(.table).contains("Privacy:"))
    for width in [40, 80] {
      let text = Self.report().text(.table, options: ReportOptions(width: width))
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= width }, "\(width)")
    }
  }
}
