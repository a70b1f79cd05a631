import CommandLineTools
import Experiments
import Foundation
import Reports
import Testing

@Suite("Table report")
struct TableTests {
  /// The 97.5% quantile of Student's t with 4 degrees of freedom, from published tables.
  static let t4 = 2.776_445_105

  @Test("no line is wider than the terminal", arguments: SampleReport.allCases)
  func widths(_ sample: SampleReport) {
    let report = Report(sample.results)
    for width in stride(from: 60, through: 200, by: sample == .typical ? 1 : 7) {
      let text = report.text(.table, options: ReportOptions(width: width))
      let widest = text.split(separator: "\n").map(\.displayWidth).max() ?? 0
      #expect(widest <= width)
    }
  }

  @Test("a matrix of common size keeps its intervals at 80 columns")
  func fitsEighty() {
    var matrix = SyntheticMatrix.typical
    matrix.attacks = ["none", "sign-flip", "alie", "ipm", "label-flip"]
    let text = Report(matrix.results).text(.table)
    #expect(text.contains("±"))
    #expect(text.components(separatedBy: "────").count > 1)
    #expect(!text.contains("Intervals are left out"))
  }

  @Test("colours change nothing but colour", arguments: SampleReport.allCases)
  func colours(_ sample: SampleReport) throws {
    let report = Report(sample.results)
    let plain = report.text(.table, options: ReportOptions(width: 90))
    let coloured = report.text(.table, options: ReportOptions(width: 90, usesColour: true))
    #expect(
      !plain.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    let stripped = coloured.replacing(try Regex("\u{1B}\\[[0-9;]*m"), with: "")
    #expect(stripped == plain)
    if sample != .empty { #expect(coloured != plain) }
  }

  @Test("figures are the mean and the t half width of the seeds, computed here anew")
  func figures() throws {
    let matrix = SyntheticMatrix.typical
    let text = Report(matrix.results).text(.table, options: ReportOptions(width: 200))
    let lines = text.split(separator: "\n").map(String.init)
    for defense in matrix.defenses {
      let line = try #require(lines.first { $0.hasPrefix(defense + " ") })
      let figures = line.dropFirst(defense.count).split { " *v?≤".contains($0) }
        .map { Double($0.replacing("±", with: "")) ?? .nan }
      for (column, attack) in matrix.attacks.enumerated() {
        let values = matrix.seeds.indices.compactMap { matrix.accuracy(attack, defense, 0, $0) }
        let mean = values.reduce(0, +) / 5
        let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        let half = Self.t4 * (squares / 4 / 5).squareRoot()
        #expect(abs(figures[2 * column] - mean * 100) <= 0.0501)
        #expect(abs(figures[2 * column + 1] - half * 100) <= 0.0501)
      }
    }
  }

  @Test("fewer than five seeds show their range and name no best defense")
  func fewSeeds() {
    let text = Report(SampleReport.fewSeeds.results).text(
      .table, options: ReportOptions(width: 160))
    #expect(text.contains("mean (least–greatest) over 3 seeds"))
    #expect(text.contains("–95."))
    #expect(!text.contains("±"))
    #expect(!text.contains("*"))
  }

  @Test("each reason stands below the tables once, with what would work")
  func reasonsOnce() {
    let text = Report(SampleReport.everyCell.results).text(
      .table, options: ReportOptions(width: 100))
    let reason = "n/a: needs individual updates; sum-only reveals only the sum\n"
    #expect(text.components(separatedBy: reason).count == 2)
    #expect(text.contains("krum and nnm; use a transport that reveals them, such as plain"))
    #expect(text.contains("label-flip against krum(f=3), transport plain, seeds 1, 2 and 3"))
    #expect(text.contains("3 of 90 runs not finished"))
  }

  @Test("no escape sequence or line end of a label reaches the terminal")
  func terminalInjection() {
    var matrix = SyntheticMatrix.golden
    matrix.name = "a\u{1B}[2Jb\nc"
    matrix.defenses = ["mean", "x\u{1B}]0;title\u{07}y"]
    let text = Report(matrix.results).text(.table)
    #expect(!text.unicodeScalars.contains("\u{1B}") && !text.unicodeScalars.contains("\u{07}"))
    #expect(text.hasPrefix("a [2Jb c\n"))
  }
}
