import Foundation
import Testing

@Suite("rampart report")
struct ReportCommandTests {
  /// Of a report in JSON.
  private struct Report: Decodable {
    struct Cell: Decodable {
      var cell: Int
      var labels: [String: String]
      var command: String
      var dataDigest: String?
    }
    struct Row: Decodable {
      var cell: Int
      var seed: Int
      var key: String?
      var finalAccuracy: Double?
    }
    struct Provenance: Decodable { var command: String? }
    var cells: [Cell]
    var rows: [Row]
    var provenance: Provenance
  }

  private static func read(_ text: String) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(text.utf8))
  }

  /// Runs `command`, as a page says it, in the program's folder.
  private static func shell(_ command: String, _ program: Program) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let (own, _, _) = try program.process([])
    let path = own.executableURL?.path ?? ""
    process.arguments = ["-c", "rampart() { '\(path)' \"$@\"; }; \(command)"]
    process.currentDirectoryURL = program.folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test("the command of a cell runs that cell again to the same bits, twins and controls along")
  func reproduction() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write(smallExperiment, to: "my file.yaml")
    #expect(try program("matrix", "my file.yaml", "--out", "runs/a b", "--quiet").status == 0)
    let report = try Self.read(try program("report", "runs/a b", "--format", "json").output)
    #expect(report.provenance.command?.hasPrefix("rampart matrix 'my file.yaml'") == true)
    #expect(report.cells.allSatisfy { $0.dataDigest?.count == 64 })
    let cell = try #require(
      report.cells.first {
        $0.labels["attack"]?.hasPrefix("ipm") == true && $0.labels["defense"] == "median"
      })
    #expect(try Self.shell(cell.command, program) == 0)
    let folder = "runs/a b-cell-\(cell.cell)"
    let again = try Self.read(try program("report", folder, "--format", "json").output)
    let (old, new) = (
      report.rows.filter { $0.cell == cell.cell }, again.rows.filter { $0.cell == cell.cell }
    )
    #expect(old.count == 3 && new.count == 3)
    #expect(old.map(\.finalAccuracy) == new.map(\.finalAccuracy))
    #expect(old.map(\.key) == new.map(\.key) && old.allSatisfy { $0.key?.count == 64 })
    let page = try program("report", "runs/a b", "--format", "html").output
    #expect(page.contains("<dt>Processor</dt>") && page.contains("<dt>Data fingerprint</dt>"))
    #expect(page.contains("Run this cell again: <code>rampart matrix &#39;my file.yaml&#39;"))
  }

  @Test("two runs with one changed defense differ in that defense alone")
  func comparison() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write(smallExperiment, to: "a.yaml")
    let changed = smallExperiment.replacingOccurrences(of: "median", with: "trimmed-mean")
    try program.write(changed, to: "b.yaml")
    for name in ["a", "b"] {
      #expect(try program("matrix", "\(name).yaml", "--out", name, "--quiet").status == 0)
    }
    let table = try program("report", "--compare", "a", "b").output
    #expect(table.contains("The defense median of A is trimmed-mean in B."))
    #expect(table.contains("4 cells in both: 2 differ, 2 are the same in every seed."))
    #expect(table.contains("against median → trimmed-mean") && !table.contains("against mean"))
    let page = try program(
      "report", "--compare", "a", "b", "--format", "html", "--output", "c.html")
    #expect(page.status == 0)
    #expect(try program.read("c.html").contains("<h1>What changed</h1>"))
    let wrong = try program("report", "--compare", "a")
    #expect(
      wrong.status == 2 && wrong.errors.contains("--compare takes two run directories, got 1"))
    #expect(try program("report", "a", "b").errors.contains("--compare"))
    let csv = try program("report", "--compare", "a", "b", "--format", "csv")
    #expect(csv.status == 2 && csv.errors.contains("table, html, json"))
  }

  @Test("figures lie beside the LaTeX file, and without gnuplot the report says how to draw them")
  func figures() throws {
    let program = try Program()
    defer { program.remove() }
    try program.write(smallExperiment, to: "a.yaml")
    #expect(try program("matrix", "a.yaml", "--out", "a", "--quiet").status == 0)
    let (process, _, errors) = try program.process(
      ["report", "a", "--format", "latex", "--output", "paper.tex"])
    process.environment = ["PATH": program.folder.path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try String(contentsOf: errors, encoding: .utf8).contains("gnuplot is not installed"))
    #expect(try program.read("paper.tex").contains("paper-frontier-1.pdf"))
    #expect(try program.read("paper-frontier-1.gp").contains("paper-frontier-1.dat"))
    #expect(try program.read("paper-frontier-1.dat").contains("\"median\""))
    let picture = try program("report", "a", "--format", "svg", "--output", "a.svg")
    #expect(picture.status == 0 && picture.output.isEmpty)
    #expect(try program.read("a.svg").hasPrefix("<svg xmlns="))
    let far = try program("report", "a", "--format", "svg", "--frontier", "9")
    #expect(far.status == 2 && far.errors.contains("there is no frontier 9"))
    #expect(far.errors.contains("1  Accuracy against"))
    let idle = try program("report", "a", "--frontier", "1")
    #expect(idle.status == 2 && idle.errors.contains("--frontier needs --format svg"))
    let both = try program("report", "a", "a", "--compare", "--format", "svg")
    #expect(both.status == 2 && both.errors.contains("no form svg"))
    #expect(try program.read("paper-learning-1.gp").contains("paper-learning-1.dat"))
    #expect(try program.read("paper-learning-1.dat").contains("# median\n"))
  }
}
