import Components
import Experiments
import Testing

@Suite("The verdict on a cell")
struct VerdictTests {
  /// Three cells of attack and defense over five seeds: 0 none/mean, 1 none/median, 2 a/mean,
  /// 3 a/median. Accuracies by cell; nil is a run that is not done.
  private static func results(
    _ accuracies: [[Double?]], minimum: Double? = 0.1,
    measure: PositiveControl.Measure? = nil, failed: Set<Int> = [],
    refused: Set<Int> = [], alternatives: [PositiveControl]? = nil,
    change: (_ cell: Int, inout RunMetrics) -> Void = { _, _ in }
  ) -> MatrixResults {
    var rows: [MatrixResults.Row] = []
    for cell in 0..<4 {
      let description = CellDescription(
        labels: ["attack": cell < 2 ? "none" : "a", "defense": cell % 2 == 0 ? "mean" : "median"],
        isCompanion: false, refusal: refused.contains(cell) ? "median needs updates" : nil,
        suggestion: nil, twin: cell % 2, control: cell - cell % 2,
        controlMinimum: cell < 2 ? nil : minimum, controlMeasure: cell < 2 ? nil : measure,
        controlSummary: cell < 2 || minimum == nil ? nil : "it must fall",
        controlAlternatives: cell < 2 ? nil : alternatives, colluders: 1)
      for (place, accuracy) in accuracies[cell].enumerated() {
        let clean = accuracies[cell % 2][place]
        let status: MatrixResults.Status =
          refused.contains(cell)
          ? .notApplicable : accuracy != nil ? .done : failed.contains(cell) ? .failed : .pending
        rows.append(
          MatrixResults.Row(
            cell: cell, seed: UInt64(place + 1), description: description, status: status,
            metrics: accuracy.map { accuracy in
              var metrics = metrics(accuracy)
              change(cell, &metrics)
              return metrics
            },
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

  @Test("is by the measure that comes first, whichever that is, and every alternative counts")
  func firstMeasure() throws {
    let accuracies = [0.9, 0.9, 0.5, 0.5].map { Self.flat($0) }
    let still = Self.results(accuracies, minimum: 1.25, measure: .displacement)
    #expect(still.cells[2].control?.reading.measure == .displacement)
    #expect(still.cells[2].verdict != .valid)
    let three = PositiveControl.displacement().or(.recallLoss(ofClass: 1).or(.accuracyLoss()))
    #expect(three.alternatives.map(\.measure) == [.recallLoss(class: 1), .accuracyLoss])
    #expect(three.alternatives.allSatisfy { $0.alternatives.isEmpty })
    let lost = Self.results(
      accuracies, minimum: 1.25, measure: .displacement, alternatives: three.alternatives)
    #expect(lost.cells[2].control?.passes == true)
    #expect(lost.cells[3].harm?.bound == 0.1)
  }

  @Test(
    "is valid when the attack works undefended, whatever the defense does to it",
    arguments: [
      0.9, 0.5, 0.95,
    ])
  func valid(_ defended: Double) throws {
    let results = Self.results([0.9, 0.88, 0.5, defended].map(Self.flat))
    #expect(results.cells.map(\.verdict) == [.clean, .clean, .valid, .valid])
    let control = try #require(results.cells[3].control)
    #expect(control.passes && control.reading.bound == "it must fall")
    #expect(abs((control.reading.seen?.mean ?? 0) - 0.4) < 1e-12)
    #expect(results.cells[3].harm?.loss == results.cells[3].accuracyLoss)
    #expect(results.cells[3].harm?.bound == 0.1)
    #expect(results.cells[0].control == nil && results.cells[0].harm == nil)
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
    #expect(abs((results.cells[2].control?.reading.seen?.mean ?? 0) - 0.08) < 1e-12)
    #expect(results.cells[2].harm == nil)
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

  /// What an attack that harms no undefended model did to the plain mean in two rounds, by seed.
  private static func moving(_ factors: [Double?]) -> MatrixResults {
    var seeds: [Int: Int] = [:]
    return results(
      [0.9, 0.9, 0.9, 0.5].map(flat), alternatives: [.displacement(atLeast: 1.5)]
    ) { cell, metrics in
      let seed = seeds[cell, default: 0]
      seeds[cell] = seed + 1
      guard cell >= 2, let factor = factors[seed] else { return }
      metrics.defense = [-0.2, 0.2].map { wobble in
        RunMetrics.DefendedRound(
          round: 1, honest: 3, colluders: 1, displacement: factor == 0 ? 0 : factor + wobble)
      }
    }
  }

  @Test(
    "an attack that costs no accuracy is valid if it is seen to act, and void if it does nothing",
    arguments: [
      ([1.6, 1.6, 1.6, 1.6, 1.6], MatrixResults.Verdict.valid), ([0, 0, 0, 0, 0], .void),
      ([1.4, 1.4, 1.4, 1.4, 1.4], .void), ([3, 1, 2, 1, 1], .valid),
      // Where a run did not measure it, it does not count.
      ([3, 3, nil, 3, 3], .void), ([nil, nil, nil, nil, nil], .void),
    ] as [([Double?], MatrixResults.Verdict)])
  func acting(_ factors: [Double?], _ expected: MatrixResults.Verdict) throws {
    let results = Self.moving(factors)
    #expect(results.cells.map(\.verdict) == [.clean, .clean, expected, expected])
    let control = try #require(results.cells[3].control)
    #expect(control.reading.measure == (expected == .valid ? .displacement : .accuracyLoss))
    #expect(control.readings.count == (factors.contains(nil) ? 1 : 2))
    // A defense is judged by what the attack costs it.
    #expect(results.cells[3].harm?.loss.mean == (expected == .valid ? 0.4 : nil))
  }

  @Test("an attack on one class is judged by that class, and so are defenses")
  func classes() throws {
    func results(_ recalls: [Double?]) -> MatrixResults {
      Self.results(
        [0.9, 0.9, 0.88, 0.89].map(Self.flat), alternatives: [.recallLoss(ofClass: 1)]
      ) { cell, metrics in metrics.classRecalls = [0.5, recalls[cell]] }
    }
    let hit = results([0.9, 0.8, 0.5, 0.75])
    #expect(hit.cells.map(\.verdict) == [.clean, .clean, .valid, .valid])
    #expect(hit.cells[2].control?.reading.measure == .recallLoss(class: 1))
    #expect(abs((hit.cells[2].control?.reading.seen?.mean ?? 0) - 0.4) < 1e-12)
    #expect(abs((hit.cells[3].harm?.loss.mean ?? 0) - 0.05) < 1e-12)
    #expect(results([0.9, 0.8, 0.85, 0.3]).cells[3].verdict == .void)
    #expect(results([0.9, 0.8, 0.95, 0.3]).cells[3].verdict == .void)
    // A class without test examples.
    #expect(results([nil, nil, nil, nil]).cells[3].verdict == .void)
  }

  @Test("of a real run: attacks that hide pass by what they do, and what does nothing is void")
  func hiding() throws {
    let scratch = try Scratch()
    let experiment = try Tiny.experiment([
      "partition": "partition: {iid: {clients: 9}}", "threat": "threat: {attackers: 4}",
      "attack": """
      attack:
        - mimic
        - min-max: {direction: std}
        - count-lying: {factor: 1, content: honest}
        - label-flip: {variant: targeted, source: 3, target: 5}
      """,
      "defense": "defense: mean", "seeds": "seeds: 1",
      "training": "training: {rounds: 3, epochs: 5}",
    ])
    _ = try Tiny.runner(of: experiment, in: scratch.path).run { _ in }
    let cells = try MatrixResults(folder: scratch.path).cells.filter { $0.control != nil }
    #expect(cells.map(\.verdict) == [.valid, .valid, .void, .valid])
    #expect(
      cells.map(\.control?.reading.measure) == [
        .displacement, .displacement, .accuracyLoss, .recallLoss(class: 3),
      ])
    #expect(cells[2].control?.readings.map(\.seen?.mean) == [0, 0])
  }

  @Test("of a real run: a strong attack is valid, a weak one void")
  func real() throws {
    let scratch = try Scratch()
    let experiment = try Tiny.experiment([
      "attack": "attack: [ipm: {epsilon: 8}, sign-flip: {scale: 0.001}]",
      "defense": "defense: median",
      "seeds": "seeds: 1", "training": "training: {rounds: 3, epochs: 5}",
    ])
    _ = try Tiny.runner(of: experiment, in: scratch.path).run { _ in }
    let cells = try MatrixResults(folder: scratch.path).cells
    #expect(
      cells.map { "\($0.label(.attack)) \($0.label(.defense)) \($0.verdict)" } == [
        "none mean clean", "none median clean", "ipm(epsilon=8) mean valid",
        "ipm(epsilon=8) median valid", "sign-flip(scale=0.001) mean void",
        "sign-flip(scale=0.001) median void",
      ])
    #expect(
      cells[2].control?.reading.bound == "undefended accuracy falls by at least 10 points")
  }
}
