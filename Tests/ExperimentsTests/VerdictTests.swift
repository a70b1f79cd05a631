import Components
import Experiments
import Testing

@Suite("The verdict on a cell")
struct VerdictTests {
  /// Three cells of attack and defense over five seeds: 0 none/mean, 1 none/median, 2 a/mean,
  /// 3 a/median. Accuracies by cell; nil is a run that is not done.
  private static func results(
    _ accuracies: [[Double?]], minimum: Double? = 0.1, failed: Set<Int> = [],
    refused: Set<Int> = []
  ) -> MatrixResults {
    var rows: [MatrixResults.Row] = []
    for cell in 0..<4 {
      let description = CellDescription(
        labels: ["attack": cell < 2 ? "none" : "a", "defense": cell % 2 == 0 ? "mean" : "median"],
        isCompanion: false, refusal: refused.contains(cell) ? "median needs updates" : nil,
        suggestion: nil, twin: cell % 2, control: cell - cell % 2,
        controlMinimum: cell < 2 ? nil : minimum,
        controlSummary: cell < 2 || minimum == nil ? nil : "it must fall", colluders: 1)
      for (place, accuracy) in accuracies[cell].enumerated() {
        let clean = accuracies[cell % 2][place]
        let status: MatrixResults.Status =
          refused.contains(cell)
          ? .notApplicable : accuracy != nil ? .done : failed.contains(cell) ? .failed : .pending
        rows.append(
          MatrixResults.Row(
            cell: cell, seed: UInt64(place + 1), description: description, status: status,
            metrics: accuracy.map(metrics),
            cleanAccuracy: accuracy == nil ? nil : clean,
            accuracyLoss: accuracy.flatMap { own in clean.map { $0 - own } },
            reason: status == .failed ? "out of memory" : description.refusal))
      }
    }
    return MatrixResults(name: "x", folder: "x", rows: rows, versions: [], blasCores: [])
  }

  private static func metrics(_ accuracy: Double) -> RunMetrics {
    RunMetrics(
      finalAccuracy: accuracy, lastAccuracyMean: accuracy, peakAccuracy: accuracy, finalLoss: 1,
      heldRounds: 0, honestExclusionRate: nil, colluderExclusionRate: nil, bytesUp: 1,
      bytesDown: 1, conclusions: [:], notes: [], curve: [])
  }

  private static func flat(_ accuracy: Double?) -> [Double?] {
    Array(repeating: accuracy, count: 5)
  }

  @Test(
    "is valid when the attack works undefended, whatever the defense does to it",
    arguments: [
      0.9, 0.5, 0.95,
    ])
  func valid(_ defended: Double) throws {
    let results = Self.results([0.9, 0.88, 0.5, defended].map(Self.flat))
    #expect(results.cells.map(\.verdict) == [.clean, .clean, .valid, .valid])
    #expect(results.cells[3].control == "it must fall; it fell by 40.0")
    #expect(results.cells[0].control == nil)
  }

  @Test(
    "is void when the undefended model loses too little, or gains",
    arguments: [
      (0.81, MatrixResults.Verdict.void), (0.8, .valid), (0.79, .valid), (0.9, .void), (1.0, .void),
    ])
  func void(_ undefended: Double, _ expected: MatrixResults.Verdict) {
    // 0.9 - 0.8 is below 0.1 in binary, so the clean accuracy leaves room for rounding.
    let results = Self.results([0.9000001, 0.9, undefended, 0.2].map(Self.flat))
    #expect(results.cells.map(\.verdict) == [.clean, .clean, expected, expected])
  }

  @Test("judges the control by its mean over the seeds, paired with clean runs of the same seed")
  func paired() throws {
    let results = Self.results([
      [0.9, 0.8, 0.7, 0.9, 0.8], Self.flat(0.9), [0.5, 0.8, 0.7, 0.9, 0.8], Self.flat(0.6),
    ])
    // Only one seed loses: 0.4 / 5 is 8 points.
    #expect(results.cells[2].control == "it must fall; it fell by 8.0")
    #expect(results.cells.map(\.verdict) == [.clean, .clean, .void, .void])
    let loss = try #require(results.cells[3].accuracyLoss)
    #expect(abs(loss.mean - 0.3) < 1e-12)
    #expect(try #require(loss.halfWidth) < 1e-12)
  }

  @Test("is valid without an interval below five seeds")
  func fewSeeds() throws {
    let results = Self.results([[0.9, 0.8], [0.9, 0.8], [0.5, 0.5], [0.8, 0.6]])
    #expect(results.cells[3].verdict == .valid)
    #expect(results.cells[3].accuracy?.count == 2)
    #expect(results.cells[3].accuracy?.halfWidth == nil)
  }

  @Test("waits for every seed of the cell, its twin and its control")
  func pending() {
    func verdicts(missing cell: Int, seed: Int) -> [MatrixResults.Verdict] {
      var accuracies = [0.9, 0.9, 0.5, 0.8].map(Self.flat)
      accuracies[cell][seed] = nil
      return Self.results(accuracies).cells.map(\.verdict)
    }
    #expect(verdicts(missing: 3, seed: 4) == [.clean, .clean, .valid, .pending])
    #expect(verdicts(missing: 2, seed: 0) == [.clean, .clean, .pending, .pending])
    #expect(verdicts(missing: 1, seed: 2) == [.clean, .pending, .valid, .pending])
    #expect(verdicts(missing: 0, seed: 2) == [.pending, .clean, .pending, .pending])
  }

  @Test("is failed when a run of the cell is, and tells why")
  func failed() {
    let results = Self.results(
      [Self.flat(0.9), Self.flat(0.9), Self.flat(0.5), [0.8, nil, 0.8, 0.8, 0.8]], failed: [3])
    #expect(results.cells.map(\.verdict) == [.clean, .clean, .valid, .failed])
    #expect(results.cells[3].reason == "out of memory")
    #expect(results.cells[3].accuracy?.count == 4)
  }

  @Test("is n/a when the combination cannot exist, even if it was run once")
  func notApplicable() {
    let results = Self.results(
      [Self.flat(0.9), Self.flat(nil), Self.flat(0.5), Self.flat(nil)], refused: [1, 3])
    #expect(results.cells.map(\.verdict) == [.clean, .notApplicable, .valid, .notApplicable])
    #expect(results.cells[3].reason == "median needs updates")
  }

  @Test("is valid for an attack that names no control")
  func noControl() {
    let results = Self.results([0.9, 0.9, 0.9, 0.9].map(Self.flat), minimum: nil)
    #expect(results.cells.map(\.verdict) == [.clean, .clean, .valid, .valid])
  }

  @Test("of a real run: a strong attack is valid, a weak one void")
  func real() throws {
    let scratch = try Scratch()
    let experiment = try Tiny.experiment([
      "attack": "attack: [ipm: {epsilon: 8}, ipm: {epsilon: 0.001}]", "defense": "defense: median",
      "seeds": "seeds: 1", "training": "training: {rounds: 3, epochs: 5}",
    ])
    _ = try Tiny.runner(of: experiment, in: scratch.path).run { _ in }
    let cells = try MatrixResults(folder: scratch.path).cells
    #expect(
      cells.map { "\($0.label(.attack)) \($0.label(.defense)) \($0.verdict)" } == [
        "none mean clean", "none median clean", "ipm(epsilon=8) mean valid",
        "ipm(epsilon=8) median valid", "ipm(epsilon=0.001) mean void",
        "ipm(epsilon=0.001) median void",
      ])
    #expect(
      cells[2].control?.hasPrefix("undefended accuracy falls by at least 10 points; it fell by ")
        == true)
  }
}
