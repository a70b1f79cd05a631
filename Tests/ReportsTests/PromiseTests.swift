import Accounting
import Components
import Experiments
import Federation
import Foundation
import Reports
import Testing

/// Attackers whom a promise of privacy does not reach, told beside the verdict.
@Suite("Attackers outside what is promised")
struct PromiseTests {
  /// One attack that reads along and gets 0.8 whatever the defense; `sight` is what of the server it
  /// uses, and `dp` promises under this trust.
  private static func results(
    sight: [String]?, trust: PrivacyEvidence.Trust = .central, epsilon: Double? = 8,
    besides: Double = 0.1
  ) -> MatrixResults {
    var matrix = SyntheticMatrix(
      attacks: ["none", "reader", "models"], defenses: ["mean", "dp", "other"],
      accuracy: { _, _, _, seed in 0.9 + SyntheticMatrix.jitter[seed] })
    matrix.rounds = 2
    let rows = matrix.results.rows.map { row in
      var row = row
      let isDefended = row.description.labels["defense"] == "dp"
      if isDefended {
        row.metrics?.privacy = PrivacyEvidence(
          mechanism: "mechanism-x", trust: trust, unit: .client, adjacency: .zeroOut, delta: 1e-5,
          epsilonUpper: epsilon)
      }
      let attack = row.description.labels["attack"]
      if attack == "none" { return row }
      row.description.controlMeasure = .figure("gain")
      row.description.controlMinimum = 0.5
      row.description.serverSight = attack == "reader" ? sight : []
      let gain = attack == "reader" || row.description.labels["defense"] == "mean" ? 0.8 : besides
      row.metrics?.conclusions = ["gain": gain + Double(row.seed) / 1000]
      return row
    }
    return MatrixResults(name: "x", folder: "x", rows: rows, versions: ["1"], blasCores: ["x"])
  }

  private static func text(_ results: MatrixResults, _ format: ReportFormat) -> String {
    Report(results).text(format, options: ReportOptions(width: 400))
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test("central privacy broken by the server itself says so beside the verdict, in every form")
  func told() throws {
    let results = Self.results(sight: ["client identities", "individual updates"])
    let page = Self.text(results, .html)
    #expect(
      page.contains(
        "<strong class=\"broke\">broke</strong> under <code>reader</code>. Note that "
          + "<code>reader</code> uses client identities and individual updates, which only the "
          + "server has; mechanism-x trusts the server: this attacker lies outside what it "
          + "promises."))
    // Once among the verdicts: the other defense promised nothing. It is on the first screen.
    #expect(page.components(separatedBy: "lies outside").count == 2)
    let verdict = try #require(page.range(of: "lies outside"))
    let matrix = try #require(page.range(of: "<h2 id=\"matrix\">"))
    #expect(verdict.lowerBound < matrix.lowerBound)
    #expect(
      page.contains("But <code>dp</code> broke only under attackers outside what is promised"))
    let markdown = Self.text(results, .markdown)
    #expect(markdown.contains("reader (outside the promise of mechanism-x)"))
    #expect(markdown.contains("dp: reader uses client identities and individual updates, which"))
    let table = Self.text(results, .table)
    #expect(table.contains("dp: reader uses client identities and individual updates, which"))
    #expect(table.contains("o outside what the defense promises"))
    #expect(Self.text(results, .json).contains("\"outsidePromiseOf\": \"mechanism-x\""))
  }

  @Test(
    "released models are inside, so are trust in nobody, no promise, and stores that do not say",
    arguments: 0..<5)
  func untold(_ which: Int) {
    let sight = ["the sum"]
    let results =
      switch which {
      case 0: Self.results(sight: [])
      case 1: Self.results(sight: sight, trust: .local)
      case 2: Self.results(sight: sight, trust: .distributed)
      case 3: Self.results(sight: sight, epsilon: nil)
      default: Self.results(sight: nil)
      }
    for format in [ReportFormat.html, .markdown, .table] {
      let text = Self.text(results, format)
      #expect(text.contains("broke") || format == .table)
      #expect(!text.contains("outside"))
    }
    #expect(!Self.text(results, .json).contains("\"outsidePromiseOf\": \""))
  }

  @Test("a defense that also broke under who it promised to hold against is not excused")
  func unexcused() {
    let page = Self.text(Self.results(sight: ["the sum"], besides: 0.8), .html)
    #expect(page.contains("<code>reader</code> uses the sum, which only the server has"))
    #expect(!page.contains("broke only under attackers outside"))
  }
}
