import Experiments
import Foundation
import Reports
import TestSupport
import Testing

/// The texts under `Tests/Golden` are what a reader judged good; a change of them is a decision. Run
/// with `RAMPART_UPDATE_GOLDEN=1` to rewrite them, then read the difference.
@Suite("Golden reports")
struct GoldenTests {
  @Test(
    "a small matrix with cells of every kind renders as it did",
    arguments: [ReportFormat.table, .csv, .json, .latex, .markdown])
  func golden(_ format: ReportFormat) throws {
    try check(SyntheticMatrix.golden, "report", format)
  }

  @Test(
    "a comparison of algorithms renders as it did",
    arguments: [ReportFormat.table, .latex, .markdown])
  func comparison(_ format: ReportFormat) throws {
    try check(SyntheticMatrix.algorithms, "comparison", format)
  }

  private func check(_ matrix: SyntheticMatrix, _ name: String, _ format: ReportFormat) throws {
    let text = Report(matrix.results).text(
      format, options: ReportOptions(width: 80, command: "rampart matrix golden.yaml"))
    let file = testsDirectory.appending(path: "Golden/\(name).\(format)")
    if ProcessInfo.processInfo.environment["RAMPART_UPDATE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let lines = zip(text.split(separator: "\n"), expected.split(separator: "\n"))
    let difference = lines.first { $0 != $1 }
    #expect(text == expected, "first differing line: \(String(describing: difference))")
  }
}
