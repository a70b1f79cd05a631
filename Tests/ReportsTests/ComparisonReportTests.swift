import Experiments
import Reports
import Testing

@Suite("Comparisons in reports")
struct ComparisonReportTests {
  @Test("without an attack the comparison is the report; with one it stands beside the matrix")
  func place() {
    let alone = Report(SyntheticMatrix.algorithms.results).text(.table)
    #expect(!alone.contains("Final test accuracy"))
    #expect(alone.contains("Along algorithm, nobody attacking"))
    var attacked = SyntheticMatrix.algorithms
    attacked.attacks = ["none", "ipm"]
    let both = Report(attacked.results).text(.table)
    #expect(both.contains("Final test accuracy"))
    #expect(both.contains("Along algorithm, nobody attacking"))
    let none = Report(SyntheticMatrix.typical.results).text(.table)
    #expect(!none.contains("Along"))
  }

  @Test("no line is longer than the terminal", arguments: [24, 40, 60, 80, 120])
  func width(_ width: Int) {
    let text = Report(SyntheticMatrix.algorithms.results).text(
      .table, options: ReportOptions(width: width))
    for line in text.split(separator: "\n") { #expect(line.count <= width) }
  }

  @Test("a target that was never reached is said, not counted", arguments: ReportFormat.allCases)
  func never(_ format: ReportFormat) {
    let text = Report(SyntheticMatrix.algorithms.results).text(format)
    switch format {
    case .table, .html, .latex, .markdown: #expect(text.contains("not in 20"))
    case .json: #expect(text.contains("\"reached\": 0"))
    case .csv:
      let header = text.prefix { $0 != "\n" }
      #expect(header.hasSuffix("roundsTo0.99,timeTo0.99,bytesUpTo0.99,bytesDownTo0.99"))
      #expect(text.split(separator: "\n").dropFirst().allSatisfy { $0.hasSuffix(",,,,") })
    }
  }
}

extension SyntheticMatrix {
  /// Three algorithms, with nobody attacking; one target that most runs reach, and one that none does.
  static let algorithms: SyntheticMatrix = {
    let names = ["fedavg", "fedavg+fedprox(mu=1)", "fedavg+top-k(fraction=0.1)"]
    var matrix = SyntheticMatrix(
      name: "algorithms", settings: names.map { [.algorithm: $0] }, attacks: ["none"],
      defenses: ["mean"],
      accuracy: { _, _, setting, seed in
        [0.90, 0.93, 0.895][setting] + jitter[(seed + setting) % jitter.count]
      })
    matrix.targets = [0.9, 0.99]
    return matrix
  }()
}
