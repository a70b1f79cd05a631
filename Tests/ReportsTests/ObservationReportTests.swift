import Components
import Experiments
import Federation
import Foundation
import Reports
import Testing

/// What attacks that read along concluded, met plain and adaptive.
@Suite("What was seen, in reports")
struct ObservationReportTests {
  private static let figure = "gain in dB"

  /// One attack of 20 dB undefended; `plain`, `adaptive` and `adaptivity` against krum.
  private static func results(
    plain: Double, adaptive: Double?, control: Double = 20, gaps: [String] = []
  ) -> MatrixResults {
    var matrix = SyntheticMatrix(
      attacks: ["none", "reader"], defenses: ["mean", "krum"],
      accuracy: { _, _, _, seed in 0.9 + SyntheticMatrix.jitter[seed] })
    matrix.rounds = 2
    let made = matrix.results
    let rows = made.rows.map { row in
      var row = row
      guard row.description.labels["attack"] == "reader" else { return row }
      row.description.controlMeasure = .figure(figure)
      row.description.controlMinimum = 3
      row.description.controlSummary = "at least 3 dB"
      let wobble = Double(row.seed) - 3
      if row.description.labels["defense"] == "mean" {
        row.metrics?.conclusions = [figure: control + wobble]
      } else {
        var figures = [figure: max(plain, adaptive ?? -.infinity) + wobble]
        if let adaptive {
          figures["plain: \(figure)"] = plain + wobble
          figures["adaptive: \(figure)"] = adaptive + wobble
        }
        row.metrics?.conclusions = figures
        row.metrics?.adaptivity = .init(wasRun: adaptive != nil, gaps: gaps)
      }
      return row
    }
    return MatrixResults(name: "x", folder: "x", rows: rows, versions: ["1"], blasCores: ["x"])
  }

  private static func text(_ results: MatrixResults, _ format: ReportFormat) -> String {
    let text = Report(results).text(format, options: ReportOptions(width: 400))
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Half of the 95% t interval of 1 to 5: 2.776 √(2.5 / 5).
  private static let half = "±2.0"

  @Test("the worse of both attackers counts, and both are told")
  func sides() {
    let results = Self.results(plain: 1, adaptive: 12)
    let table = Self.text(results, .table)
    #expect(table.contains("What was seen: gain in dB"))
    #expect(
      table.contains("krum 12.0 \(Self.half) plain 1.0 \(Self.half) adaptive 12.0 \(Self.half)"))
    #expect(!table.contains("non-adaptive only"))
    let json = Self.text(results, .json)
    #expect(json.contains("\"adaptivity\": \"adaptive\""))
    #expect(json.contains("\"plain\": {\"count\": 5, \"mean\": 1"))
    #expect(json.contains("\"outcome\": \"broke\""))
    let page = Self.text(results, .html)
    #expect(page.contains("plain 1.0 \(Self.half)") && page.contains("adaptive 12.0 \(Self.half)"))
  }

  @Test("where nobody knew the defense it is not held, and the cell says non-adaptive only")
  func nonAdaptive() {
    let results = Self.results(plain: -4, adaptive: nil, gaps: ["x publishes no forward model"])
    let table = Self.text(results, .table)
    #expect(table.contains("krum −4.0 \(Self.half)n plain −4.0 \(Self.half) adaptive none"))
    #expect(table.contains("n non-adaptive only"))
    let json = Self.text(results, .json)
    #expect(json.contains("\"adaptivity\": \"non-adaptive only\""))
    #expect(json.contains("\"gaps\": [\"x publishes no forward model\"]"))
    #expect(!json.contains("\"outcome\": \"held\""))
    #expect(Self.text(results, .html).contains("non-adaptive only"))
    // The same figures by somebody who knows it are a defense that held.
    let held = Self.text(Self.results(plain: -4, adaptive: -4), .json)
    #expect(held.contains("\"outcome\": \"held\""))
  }

  @Test("an attack that misses its control is void, and its figures are marked so")
  func void() {
    let table = Self.text(Self.results(plain: 1, adaptive: 2, control: 1), .table)
    #expect(table.contains("mean 1.0 \(Self.half)v"))
    #expect(table.contains("v void: the attack failed its control"))
  }
}
