import Components
import Experiments
import Foundation
import Reports
import Testing

/// Controls that pass by something other than accuracy.
@Suite("Controls in reports")
struct ControlReportTests {
  /// One attack that costs the plain mean a point and `defended` a lot, in as many settings as it has
  /// displacements.
  private static func results(
    displacements: [Double], costs: [Double]? = nil
  ) -> MatrixResults {
    var matrix = SyntheticMatrix(
      settings: displacements.indices.map { [.partition: "p\($0)"] }, attacks: ["none", "hidden"],
      defenses: ["mean", "krum"],
      accuracy: { attack, defense, setting, _ in
        if attack == "none" { return 0.9 }
        return defense == "mean" ? 0.9 - (costs?[setting] ?? 0.01) : 0.5
      })
    matrix.rounds = 2
    let made = matrix.results
    let rows = made.rows.map { row in
      var row = row
      if row.description.controlMinimum != nil {
        row.description.controlAlternatives = [.displacement()]
      }
      row.metrics?.defense = [
        .init(round: 1, honest: 9, colluders: 3, displacement: displacements[row.cell / 4])
      ]
      return row
    }
    return MatrixResults(name: "x", folder: "x", rows: rows, versions: ["1"], blasCores: ["x"])
  }

  private static func text(_ results: MatrixResults, _ format: ReportFormat) -> String {
    let text = Report(results).text(format, options: ReportOptions(width: 400))
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test("say by what measure they passed")
  func passed() {
    let results = Self.results(displacements: [3.25])
    let table = Self.text(results, .table)
    #expect(
      table.contains(
        "hidden passed by displacement: the plain mean moves at least 1.25 times as far (squared) as "
          + "with honest clients in the colluders' places; it moved 3.3 times as far"))
    #expect(!table.contains("void"))
    let page = Self.text(results, .html)
    #expect(page.contains("passed by displacement"))
    #expect(page.contains("3.3 times as far"))
    #expect(!page.contains("Points lost undefended"))
    let json = Self.text(results, .json)
    #expect(json.contains("\"measure\": \"displacement\""))
    #expect(json.contains("\"seen\": {\"count\": 5, \"mean\": 3.25"))
    // What the defense lost is what it is judged by.
    #expect(json.contains("\"outcome\": \"broke\""))
  }

  @Test("say everything that an attack missed")
  func missed() {
    let results = Self.results(displacements: [0])
    let table = Self.text(results, .table)
    #expect(
      table.contains("hidden void: undefended accuracy falls by at least 10 points; it fell by"))
    #expect(table.contains("nor: the plain mean moves at least 1.25 times"))
    #expect(table.contains("it moved 0.0 times as far"))
    for format in [ReportFormat.html, .latex] {
      #expect(Self.text(results, format).contains("it moved 0.0 times as far"), "\(format)")
    }
    #expect(Self.text(results, .json).contains("\"measure\": null"))
  }

  @Test("tell settings apart that differ in the measure, and give one range where they do not")
  func settings() {
    let same = Self.text(Self.results(displacements: [2, 4]), .table)
    #expect(same.contains("passed by displacement in both settings: the plain mean"))
    #expect(same.contains("; it moved 2.0 to 4.0 times as far"))
    let mixed = Self.text(Self.results(displacements: [2, 2], costs: [0.3, 0.01]), .table)
    #expect(mixed.contains("in partition p0 passed: undefended accuracy falls"))
    #expect(mixed.contains("; in partition p1 passed by displacement: the plain mean"))
    let half = Self.text(Self.results(displacements: [2, 1]), .table)
    #expect(half.contains("in partition p1 void: undefended accuracy falls"))
  }
}
