import Experiments
import Foundation
import Reports
import Testing

@Suite("Markdown report")
struct MarkdownTests {
  /// A table as GFM 4.10 reads it: rows of cells, split at bars with no backslash before them.
  private static func tables(_ text: String) -> [[[String]]] {
    var tables: [[[String]]] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        isInside = false
        continue
      }
      var cells = [""]
      var isEscaped = false
      for character in line.dropFirst().dropLast() {
        if character == "|" && !isEscaped {
          cells.append("")
        } else {
          cells[cells.count - 1].append(character)
        }
        isEscaped = character == "\\" && !isEscaped
      }
      if !isInside { tables.append([]) }
      isInside = true
      tables[tables.count - 1].append(cells.map { $0.trimmingCharacters(in: [" "]) })
    }
    return tables
  }

  /// A sign of ASCII with a backslash before it (GFM 6.1).
  nonisolated(unsafe) private static let escape = #/\\([!-\/:-@\[-`{-~])/#

  @Test(
    "every table has a rule below its head and as many cells in every row",
    arguments: SampleReport.allCases)
  func structure(_ sample: SampleReport) throws {
    let text = Report(sample.results).text(.markdown)
    let tables = Self.tables(text)
    #expect(tables.isEmpty == (sample == .empty))
    for table in tables {
      #expect(table.count > 2)
      #expect(table[1].allSatisfy { [":--", "--:"].contains($0) })
      for row in table { #expect(row.count == table[0].count, "\(row)") }
    }
    var level = 0
    for line in text.split(separator: "\n") {
      guard let match = line.prefixMatch(of: #/(\#+) /#) else { continue }
      #expect(match.1.count <= level + 1)
      level = match.1.count
    }
    #expect(text.hasPrefix("# ") && text.hasSuffix("\n") && !text.contains("\n\n\n"))
  }

  @Test("signs that mean something to Markdown or HTML are printed, not obeyed")
  func escaping() throws {
    let text = Report(SampleReport.hostile.results).text(.markdown)
    // Text that a reader of GFM takes backslashes from is the text that was put in.
    let read = text.replacing(Self.escape) { String($0.1) }
    for plain in ["<script>alert(\"1\")</script> & 100%_#$~^\\{}", "<img src=x onerror=alert(1)>"] {
      #expect(read.contains(plain))
    }
    // Without what has a backslash before it, nothing is left that opens anything.
    let bare = text.replacing(Self.escape) { _ in "" }
      .replacing("&emsp;", with: "").replacing("*held*", with: "")
      .replacing("*broke*", with: "").replacing("*undecided*", with: "")
    #expect(!bare.contains { "<>`*_[]{}$~&\\".contains($0) })
  }

  @Test("a bar in a name opens no cell")
  func bars() {
    var matrix = SyntheticMatrix.golden
    matrix.defenses = ["mean", "a|b \\| c"]
    let tables = Self.tables(Report(matrix.results).text(.markdown))
    #expect(tables.contains { $0.contains { $0[0] == "a\\|b \\\\\\| c" } })
    for table in tables {
      for row in table { #expect(row.count == table[0].count, "\(row)") }
    }
  }

  @Test("a name that looks like a list or a heading does not become one")
  func starts() {
    var matrix = SyntheticMatrix.golden
    for name in ["- x", "1. x", "12) x", "+ x", "=== x", "# x"] {
      matrix.name = name
      let first = Report(matrix.results).text(.markdown).prefix { $0 != "\n" }
      #expect(first.contains("\\"), "\(first)")
      #expect(first.dropFirst(2).replacing("\\", with: "") == name)
    }
  }

  @Test("figures are those of the terminal's tables, in the same places")
  func figures() throws {
    let report = Report(SampleReport.everyCell.results)
    let terminal = report.text(.table, options: ReportOptions(width: 200))
      .split(separator: "\n").map(String.init)
    let text = report.text(.markdown)
    let matrix = try #require(
      Self.tables(text).first { $0[0].first == "defense" && $0[0].contains("none") })
    for row in matrix.dropFirst(2) {
      let line = try #require(terminal.first { $0.hasPrefix(row[0] + " ") })
      #expect(
        line.dropFirst(row[0].count).filter { $0 != " " }
          == row.dropFirst().joined().filter { $0 != " " && $0 != "\\" })
    }
  }

  @Test("controls, what cannot exist, what failed, findings and provenance are there")
  func parts() throws {
    let text = Report(SampleReport.everyCell.results).text(
      .markdown, options: ReportOptions(command: "rampart matrix my_file.yaml"))
    let tables = Self.tables(text)
    let controls = try #require(tables.first { $0[0] == ["attack", "control"] })
    #expect(
      controls.dropFirst(2).map { $0[0] } == ["sign-flip", "alie(z=1.5)", "ipm", "label-flip"])
    #expect(
      text.contains("| krum and nnm | needs individual updates; sum-only reveals only the sum |"))
    #expect(text.contains("| label-flip against krum(f=3), transport plain | 1, 2 and 3 |"))
    let findings = try #require(tables.first { $0[0].contains("held against") })
    let krum = try #require(findings.first { $0[0] == "krum(f=3)" })
    #expect(krum[1] == "sign-flip" && krum[3] == "alie(z=1.5)")
    #expect(text.contains("BLAS kernels ") && text.contains("of 90 runs finished"))
    #expect(text.contains("rampart matrix my\\_file.yaml"))
  }
}
