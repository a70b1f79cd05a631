import Datasets
import Foundation
import Learning
import MembershipInference
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Membership of handwritten digits", .enabled(if: isOptimizedBuild), .serialized)
struct LearningWorldTests {
  private func models(
    _ count: Int, examples: Int, canaries: Int? = nil, seed: UInt64 = 11
  ) throws -> (table: ShadowTable, design: ShadowDesign) {
    var generator = Generator(seed: seed)
    var parameters = Handwriting.defaults
    parameters.examples = examples
    parameters.testExamples = 10
    parameters.wrongLabels = 0.05
    var source = generator.fork("data")
    var data = try Handwriting(parameters).load(using: &source).train
    var audited: [Int]?
    if let canaries {
      let made = try Canaries(.mislabelled, count: canaries, of: data, using: &generator)
      (data, audited) = (made.data, made.positions)
    }
    let design = try ShadowDesign(
      models: count, examples: examples, audited: audited, using: &generator)
    let network = try MLP(.init(hidden: [32])).network(
      inputShape: data.shape, classes: data.classes)
    let shadows = try ShadowModels(
      network, design: design, data: data,
      trainer: PlainTrainer(
        epochs: 25, batchSize: 32, options: OptimizerOptions(learningRate: 0.1, momentum: 0.9)),
      using: generator, workers: 2)
    return (try shadows.table(design, data: data, workers: 2), design)
  }

  private func judge(_ score: some MembershipScore, _ table: ShadowTable, resamples: Int = 200)
    throws -> ScoreEvaluation
  {
    let targets = Array(0..<table.models)
    return try ScoreEvaluation(
      try JudgedScores(
        try score.scores(of: targets, in: table, workers: 2), of: targets, in: table),
      options: .init(resamples: resamples))
  }

  /// What each attack achieves in one run: area, rates of true positives at 1% and 0.1%.
  private func achieved(seed: UInt64) throws -> [String: [Double]] {
    let (table, _) = try models(16, examples: 400, seed: seed)
    var attacks: [(String, any MembershipScore)] = [("global", LossScore())]
    for mode in [LiRA.Mode.online, .offline] {
      for variance in [LiRA.Variance.perExample, .fixed] {
        attacks.append(
          ("\(mode.rawValue), \(variance.rawValue)", LiRA(.init(mode: mode, variance: variance))))
      }
    }
    return try Dictionary(
      uniqueKeysWithValues: attacks.map { name, score in
        let evaluation = try judge(score, table, resamples: 0)
        return (
          name,
          [evaluation.areaUnderCurve.value] + evaluation.rates.map(\.truePositiveRate.value)
        )
      })
  }

  /// Row 9 of the study of inference, over twelve runs of 3,200 members and as many others, each
  /// model once the target with 14 shadows. Each bound is one-sided with 99.9%, so the test passes
  /// at most 8 times in 1,000 in a world without any of these orders.
  ///
  /// Of three set-ups, on twelve other seeds, 0, 5 and 20% of the labels wrong, all have these
  /// orders by their means; online over offline at 0.1% is resolved at 20% and barely at 5%, so it is
  /// asked for at 1%. Means at 5%:
  ///
  /// | | area | at 1% | at 0.1% |
  /// | --- | --- | --- | --- |
  /// | online, fixed | 0.902 | 27.5% | 12.0% |
  /// | online, per example | 0.895 | 23.0% | 5.5% |
  /// | offline, fixed | 0.851 | 21.8% | 9.0% |
  /// | offline, per example | 0.850 | 19.0% | 5.2% |
  /// | one threshold on the loss | 0.812 | 2.3% | 0.2% |
  ///
  /// In the published row the threshold's area is above offline LiRA's; here it never was.
  @Test("At few false positives: LiRA online over offline over one threshold; variances in common")
  func rowNine() throws {
    let runs = try (1...PairedRuns.count).map { try achieved(seed: UInt64($0)) }
    for (place, what, larger, smaller) in [
      (0, "area", "online, fixed", "offline, fixed"),
      (0, "area", "offline, fixed", "global"),
      (0, "area", "online, fixed", "online, per-example"),
      (1, "at 1%", "online, fixed", "offline, fixed"),
      (1, "at 1%", "offline, fixed", "global"),
      (2, "at 0.1%", "online, fixed", "global"),
      (2, "at 0.1%", "offline, fixed", "global"),
      (2, "at 0.1%", "online, fixed", "online, per-example"),
    ] {
      let difference = PairedRuns(
        runs.map { $0[larger]?[place] ?? 0 }, over: runs.map { $0[smaller]?[place] ?? 1 })
      #expect(difference.lower > 0, "\(what), \(larger) over \(smaller): \(difference)")
    }
  }

  @Test("Nobody can tell the halves apart without the models")
  func blind() throws {
    let (table, _) = try models(4, examples: 1000)
    let blind = try BlindBaseline(targets: [0, 1, 2, 3], in: table, significance: 0.001)
    #expect(!blind.isAlarming, "\(blind.area) \(blind.interval)")
  }

  @Test("Canaries with wrong labels are found where ordinary examples are hardly")
  func canaries() throws {
    let (ordinary, _) = try models(16, examples: 600)
    let (wrong, _) = try models(16, examples: 600, canaries: 60)
    let lira = LiRA(.init(variance: .shrinkage))
    let a = try judge(lira, ordinary).areaUnderCurve
    let b = try judge(lira, wrong).areaUnderCurve
    #expect(b.clustered.lowerBound > a.clustered.upperBound, "\(a) \(b)")
  }
}

@Suite("Speed of membership scores", .enabled(if: isOptimizedBuild), .serialized)
struct SpeedTests {
  @Test("100,000 examples x 128 models, each model once the target, in seconds")
  func large() throws {
    let (models, examples) = (128, 100_000)
    var generator = testGenerator()
    let design = try ShadowDesign(models: models, examples: examples, using: &generator)
    var losses: [Double] = []
    losses.reserveCapacity(models * examples)
    for index in 0..<(models * examples) {
      losses.append((design.membership.isMember[index] ? 0.3 : 0.5) * (0.01 + generator.uniform()))
    }
    let table = try ShadowTable(
      try ModelOutputs(losses: losses, models: models, examples: examples), design.membership)
    let targets = Array(0..<models)
    for (name, score) in [
      ("lira", LiRA()), ("lira fixed, mean", LiRA(.init(variance: .fixed, center: .mean))),
      ("rmia", try RMIA()), ("bavaria", try BaVarIA()),
    ] as [(String, any MembershipScore)] {
      let clock = ContinuousClock()
      var scores: [[Double]] = []
      let before = ProcessorTime.ofProcess()
      let time = try clock.measure {
        scores = try score.scores(of: targets, in: table, workers: 2)
      }
      #expect(scores.count == models && scores[0].count == examples)
      // The promise is 5 s on two quiet cores. Tests share theirs, so that here a loose bound is
      // checked and processor time, divided by two, is printed for who runs this test alone.
      #expect(time < .seconds(60), "\(name): \(time)")
      print("speed: \(name) \(time), processor \((ProcessorTime.ofProcess() - before) / 2) s x 2")
    }
    let one = ContinuousClock().measure { _ = try? LiRA().scores(of: 5, in: table, workers: 2) }
    print("speed: lira, one target \(one)")
  }
}
