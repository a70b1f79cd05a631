import Foundation
import MembershipInference
import Randomness
import TestSupport
import Testing

@Suite("Worlds with a known answer")
struct WorldTests {
  @Test("LiRA reaches the optimal curve of a Gaussian world; one threshold for all does not")
  func gaussian() throws {
    // phi ~ N(mu_x + 2 [member], 1): the best test is on phi - mu_x, with area Phi(sqrt 2) and a
    // true-positive rate of Phi(2 + Phi^-1(a)).
    var generator = testGenerator()
    let table = try table(models: 128, examples: 600, generator: &generator) {
      isMember, example, stream in
      3 * Double(example % 7) + (isMember ? 2 : 0) + stream.normal()
    }
    let targets = Array(0..<32)
    let optimum = NormalDistribution.cumulative(2.0.squareRoot())
    let lira = LiRA(.init(variance: .pooled, center: .mean))
    func judge(_ score: some MembershipScore) throws -> ScoreEvaluation {
      try ScoreEvaluation(
        try JudgedScores(
          try score.scores(of: targets, in: table, workers: 2), of: targets, in: table),
        options: .init(resamples: 200))
    }
    let found = try judge(lira)
    #expect(found.areaUnderCurve.clustered.contains(optimum), "\(found.areaUnderCurve)")
    let rate = NormalDistribution.cumulative(2 + NormalDistribution.quantile(0.01))
    #expect(found.rates[0].truePositiveRate.clustered.contains(rate), "\(found.rates[0])")
    let shared = try judge(LossScore())
    #expect(shared.areaUnderCurve.independent.upperBound < 0.75)
    // Without shadows that had the example the same order is within reach: mu_x is known.
    let offline = try judge(LiRA(.init(mode: .offline, variance: .fixed, center: .mean)))
    #expect(offline.areaUnderCurve.clustered.contains(optimum), "\(offline.areaUnderCurve)")
  }

  /// Nothing to find: what models say does not depend on their data. With each example in exactly
  /// half of the models the number of shadows of a kind tells the target's row; no score may see
  /// it.
  @Test(
    "Where nothing leaks no score finds anything, though every example is in half of the models")
  func nothing() throws {
    var generator = testGenerator()
    let table = try table(models: 8, examples: 1500, generator: &generator) {
      _, example, stream in Double(example % 3) + stream.normal()
    }
    let targets = Array(0..<8)
    let scores: [any MembershipScore] = [
      LossScore(), OffsetScore(), OffsetScore(.init(reference: .both)), ReferenceScore(),
      LiRA(), LiRA(.init(variance: .perExample)), LiRA(.init(variance: .shrinkage)),
      LiRA(.init(mode: .offline)), LiRA(.init(mode: .offlineTwoSided, variance: .perExample)),
      try RMIA(), try RMIA(.init(mode: .offline)), try BASE(), try BaVarIA(),
      try BaVarIA(.init(mode: .offline)), try BaVarIA(.init(meanWeight: 5, degrees: 5)),
    ]
    for score in scores {
      let judged = try JudgedScores(
        try score.scores(of: targets, in: table, workers: 2), of: targets, in: table)
      // 6,000 of each kind: a deviation of 0.0053 if independent. Numbers of one example are each
      // compared with the others', so scores repel; the limit is 4 deviations, missed by chance in
      // 1 of 15,000 scores.
      let area = ROC(judged).areaUnderCurve
      #expect(abs(area - 0.5) < 0.021, "\(type(of: score)) \(area)")
    }
  }

  @Test("A target's own row changes none of its scores, unless the design is balanced")
  func ownRow() throws {
    var generator = testGenerator()
    // Of the six other models at least two have each example and two have not, some three.
    var rows = (0..<60).map { _ in generator.bernoulli(0.5) } + [Bool](repeating: false, count: 360)
    for example in 0..<60 {
      let kinds = [true, true, false, false, generator.bernoulli(0.5), generator.bernoulli(0.5)]
      for (place, model) in generator.permutation(6).enumerated() {
        rows[(model + 1) * 60 + example] = kinds[place]
      }
    }
    let other = rows[..<60].map { !$0 } + rows[60...]
    func scores(_ isMember: [Bool]) throws -> [[Double]] {
      var stream = testGenerator(1)
      // What models say does not depend on their rows here, so that both tables hold the same.
      let table = try table(
        try Membership(models: 7, examples: 60, isMember),
        generator: &stream
      ) { _, _, stream in stream.normal() }
      return try [
        LiRA(.init(center: .mean)), LiRA(.init(mode: .offline)), RMIA(), BASE(), BaVarIA(),
        OffsetScore(), ReferenceScore(), LossScore(), ShadowClassifier(),
        RMIA(.init(mode: .offline, tuned: true)),
      ].map { (score: any MembershipScore) in try score.scores(of: 0, in: table) }
    }
    for (a, b) in zip(try scores(rows), try scores(Array(other))) {
      for (x, y) in zip(a, b) where !x.isNaN || !y.isNaN {
        #expect(isClose(x, y, tolerance: 1e-9))
      }
    }
  }
}
