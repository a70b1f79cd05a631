import Experiments
import Foundation
import Reports
import Testing

/// Writes made-up reports to look at, into the folder that `RAMPART_REPORT_PREVIEW` names.
@Suite(
  "Preview", .enabled(if: ProcessInfo.processInfo.environment["RAMPART_REPORT_PREVIEW"] != nil))
struct PreviewTests {
  @Test("every format of every sample can be looked at", arguments: SampleReport.allCases)
  func write(_ sample: SampleReport) throws {
    let folder = ProcessInfo.processInfo.environment["RAMPART_REPORT_PREVIEW"] ?? "."
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let report = Report(sample.results)
    for format in ReportFormat.allCases {
      let options = ReportOptions(
        width: 100, usesColour: format == .table,
        command: "rampart matrix experiments/\(sample).yaml --out runs/\(sample)")
      try report.text(format, options: options).write(
        toFile: "\(folder)/\(sample).\(format)", atomically: true, encoding: .utf8)
    }
  }
}

/// Results to render.
enum SampleReport: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case everyCell, typical, hostile, fewSeeds, wide, empty, algorithms

  var testDescription: String { rawValue }

  var results: MatrixResults {
    switch self {
    case .everyCell: SyntheticMatrix.everyCell.results
    case .typical: SyntheticMatrix.typical.results
    case .hostile: SyntheticMatrix.hostile.results
    case .fewSeeds:
      {
        var few = SyntheticMatrix.typical
        few.seeds = [1, 2, 3]
        return few.results
      }()
    case .algorithms: SyntheticMatrix.algorithms.results
    case .wide: SyntheticMatrix.wide.results
    case .empty:
      MatrixResults(name: "empty", folder: "runs/empty", rows: [], versions: [], blasCores: [])
    }
  }
}
