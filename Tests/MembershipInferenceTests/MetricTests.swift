import Foundation
import MembershipInference
import Randomness
import TestSupport
import Testing

@Suite("Metrics of membership scores")
struct MetricTests {
  private func judged(
    _ members: [Double], _ others: [Double], clusters: [Int32]? = nil
  ) throws -> JudgedScores {
    try JudgedScores(
      scores: members + others,
      isMember: members.map { _ in true } + others.map { _ in false }, clusters: clusters)
  }

  @Test("The area counts ties half, as comparing all pairs does")
  func area() throws {
    var generator = testGenerator()
    for size in [1, 2, 7, 40] {
      let members = (0..<size).map { _ in Double(generator.uniform(below: 6)) + 1 }
      let others = (0..<(size + 3)).map { _ in Double(generator.uniform(below: 6)) }
      let curve = ROC(try judged(members, others))
      #expect(isClose(curve.areaUnderCurve, plainArea(members, others), tolerance: 1e-14))
    }
    #expect(ROC(try judged([.infinity, 0], [-.infinity, 0])).areaUnderCurve == 0.875)
  }

  @Test("True positives at a rate: no more false ones than allowed, ties pass together")
  func rates() throws {
    // 200 others: 0...199. 1% allows two of them, 0.1% and 0 none.
    let others = (0..<200).map(Double.init)
    let members = [300, 199, 198.5, 198, 197.5, 197, 5]
    let curve = ROC(try judged(members, others))
    #expect(curve.truePositives(falsePositiveRate: 0) == 1)
    #expect(curve.truePositives(falsePositiveRate: 0.001) == 1)
    // At 198: others 198 and 199 pass; at 197.5 still two; at 197 three.
    #expect(curve.truePositives(falsePositiveRate: 0.01) == 5)
    #expect(curve.point(falsePositiveRate: 0.01).threshold == 197.5)
    #expect(curve.truePositives(falsePositiveRate: 1) == 7)
    let tied = ROC(try judged([1, 1, 1], [1, 0]))
    #expect(tied.truePositives(falsePositiveRate: 0.4) == 0)
    #expect(tied.truePositives(falsePositiveRate: 0.5) == 3)
    // 0.07 * 100 is 7.000000000000001, 0.29 * 100 is 28.999999999999996.
    let hundred = ROC(try judged([28.5], (0..<100).map(Double.init).map { 99 - $0 }))
    #expect(hundred.point(falsePositiveRate: 0.29).falsePositives == 29)
  }

  @Test("A rate with fewer than 10/a non-members is not resolved")
  func resolution() throws {
    var generator = testGenerator()
    for (count, expected) in [
      (999, [false, false]), (1000, [true, false]), (10_000, [true, true]),
    ] {
      let evaluation = try ScoreEvaluation(
        try judged([1], (0..<count).map { _ in generator.uniform() }),
        options: .init(resamples: 0))
      #expect(evaluation.rates.prefix(2).map(\.isResolved) == expected)
      #expect(evaluation.rates[0].neededOthers == 1000)
      // No false positive in n: below 1 - 0.05^(1/n).
      let upper = evaluation.rates[2].falsePositiveUpper
      #expect(isClose(upper, 1 - pow(0.05, 1 / Double(count)), tolerance: 1e-6))
    }
  }

  @Test("Balanced accuracy of noise is 1/2, not what the best threshold of the same scores shows")
  func crossFitted() throws {
    var generator = testGenerator()
    var sum = 0.0
    var flattered = 0.0
    for round in 0..<60 {
      let scores = (0..<80).map { _ in generator.uniform() }
      let one = try judged(Array(scores[..<40]), Array(scores[40...]))
      let evaluation = try ScoreEvaluation(one, options: .init(resamples: 0, seed: UInt64(round)))
      sum += evaluation.balancedAccuracy.value / 60
      flattered += evaluation.curve.best.balancedAccuracy / 60
    }
    // A deviation of 0.0071 of the mean over 60 rounds; 4 of them, missed 1 time in 15,000.
    #expect(abs(sum - 0.5) < 0.03)
    #expect(flattered > 0.55)
  }

  @Test("The independent intervals are Clopper and Pearson's, and DeLong's from all pairs")
  func independent() throws {
    var generator = testGenerator()
    let members = (0..<30).map { _ in 1 + generator.normal() }
    let others = (0..<50).map { _ in generator.normal() }
    let evaluation = try ScoreEvaluation(
      try judged(members, others), options: .init(resamples: 0, rates: [0.1]))
    let area = plainArea(members, others)
    let ofMembers = members.map { a in plainArea([a], others) }
    let ofOthers = others.map { b in plainArea(members, [b]) }
    let variance = scatter(ofMembers) / 29 / 30 + scatter(ofOthers) / 49 / 50
    let reach = 1.959963984540054 * variance.squareRoot()
    #expect(
      isClose(evaluation.areaUnderCurve.independent.lowerBound, area - reach, tolerance: 1e-9))
    #expect(
      isClose(
        evaluation.areaUnderCurve.independent.upperBound, min(1, area + reach), tolerance: 1e-9))
    // The bounds of k of n solve binomial equations.
    let rate = evaluation.rates[0]
    func tail(_ p: Double, from k: Int) -> Double {
      (k...30).reduce(0.0) { sum, j in
        let ways: Double = lgamma(31) - lgamma(Double(j + 1)) - lgamma(Double(31 - j))
        return sum + exp(ways + Double(j) * log(p) + Double(30 - j) * log1p(-p))
      }
    }
    let bounds = rate.truePositiveRate.independent
    #expect(isClose(tail(bounds.lowerBound, from: rate.truePositives), 0.025, tolerance: 1e-6))
    #expect(
      isClose(1 - tail(bounds.upperBound, from: rate.truePositives + 1), 0.025, tolerance: 1e-6))
  }

  /// The chance of at least k successes in n, by adding up.
  private func binomialTail(_ p: Double, from k: Int, of n: Int) -> Double {
    (k...n).reduce(0.0) { sum, j in
      let ways = lgamma(Double(n + 1)) - lgamma(Double(j + 1)) - lgamma(Double(n - j + 1))
      return sum + exp(ways + Double(j) * log(p) + Double(n - j) * log1p(-p))
    }
  }

  @Test("Each exact interval counts its own kind: members, non-members, halves of the significance")
  func counts() throws {
    var generator = testGenerator()
    // Halves of 16 and 45: no two thresholds are equally good.
    let members = (0..<32).map { _ in 1 + generator.normal() }
    let others = (0..<90).map { _ in generator.normal() }
    let evaluation = try ScoreEvaluation(
      try judged(members, others), options: .init(resamples: 0, rates: [0.1, 0]))
    for rate in evaluation.rates {
      let found = members.count { $0 >= rate.threshold }
      let named = others.count { $0 >= rate.threshold }
      #expect(rate.truePositives == found && rate.falsePositives == named)
      #expect(rate.truePositiveRate.value == Double(found) / 32)
      #expect(found > 0 && found < 32 && found != named)
      let bounds = rate.truePositiveRate.independent
      #expect(
        isClose(binomialTail(bounds.lowerBound, from: found, of: 32), 0.025, tolerance: 1e-6))
      #expect(
        isClose(
          1 - binomialTail(bounds.upperBound, from: found + 1, of: 32), 0.025, tolerance: 1e-6))
      // One-sided, of all non-members.
      #expect(
        isClose(
          1 - binomialTail(rate.falsePositiveUpper, from: named + 1, of: 90), 0.05, tolerance: 1e-6)
      )
    }
    // Thresholds of each half, from the other by trying all; both rates' bounds at a quarter each.
    func half(_ values: [Double], _ side: Int) -> [Double] {
      values.indices.filter { $0 % 2 == side }.map { values[$0] }
    }
    var (right, spared) = (0, 0)
    for side in [0, 1] {
      let (taughtMembers, taughtOthers) = (half(members, 1 - side), half(others, 1 - side))
      func accuracy(_ threshold: Double) -> Double {
        Double(taughtMembers.count { $0 >= threshold }) / Double(taughtMembers.count)
          + Double(taughtOthers.count { $0 < threshold }) / Double(taughtOthers.count)
      }
      let threshold = try #require(
        (taughtMembers + taughtOthers).max { accuracy($0) < accuracy($1) })
      right += half(members, side).count { $0 >= threshold }
      spared += half(others, side).count { $0 < threshold }
    }
    let accuracy = evaluation.balancedAccuracy
    #expect(
      isClose(accuracy.value, (Double(right) / 32 + Double(spared) / 90) / 2, tolerance: 1e-12))
    func bound(_ found: Int, _ all: Int, isUpper: Bool) -> Double {
      var (low, high) = (0.0, 1.0)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        let tail =
          isUpper
          ? 1 - binomialTail(middle, from: found + 1, of: all)
          : binomialTail(middle, from: found, of: all)
        if (tail > 0.0125) == isUpper { low = middle } else { high = middle }
      }
      return low
    }
    for (limit, isUpper) in [
      (accuracy.independent.lowerBound, false), (accuracy.independent.upperBound, true),
    ] {
      let mean = (bound(right, 32, isUpper: isUpper) + bound(spared, 90, isUpper: isUpper)) / 2
      #expect(isClose(limit, mean, tolerance: 1e-6), "\(limit) \(mean)")
    }
  }

  @Test("The bootstrap's matrix of targets measures what a walk through all scores does")
  func bootstrapWays() throws {
    var generator = testGenerator()
    // Targets that differ, with ties; numbers of targets need not be consecutive.
    let clusters = (0..<600).map { Int32($0 % 5) * 7 }
    let scores = clusters.map { Double($0) / 7 + Double(generator.uniform(below: 9)) }
    let truths = (0..<600).map { _ in generator.bernoulli(0.4) }
    let judged = try JudgedScores(scores: scores, isMember: truths, clusters: clusters)
    var options = ScoreEvaluation.Options(resamples: 300)
    let matrix = try ScoreEvaluation(judged, options: options)
    options.matrixTargets = 1
    let walk = try ScoreEvaluation(judged, options: options)
    #expect(matrix.targets == 5)
    for (a, b) in [
      (matrix.areaUnderCurve, walk.areaUnderCurve),
      (matrix.balancedAccuracy, walk.balancedAccuracy),
      (matrix.rates[0].truePositiveRate, walk.rates[0].truePositiveRate),
      (matrix.rates[2].truePositiveRate, walk.rates[2].truePositiveRate),
    ] {
      #expect(isClose(a.clustered.lowerBound, b.clustered.lowerBound, tolerance: 1e-12))
      #expect(isClose(a.clustered.upperBound, b.clustered.upperBound, tolerance: 1e-12))
    }
    #expect(
      matrix.areaUnderCurve.clustered.upperBound - matrix.areaUnderCurve.clustered.lowerBound > 0.01
    )
  }

  @Test("More comparisons widen every interval")
  func multiplicity() throws {
    var generator = testGenerator()
    let one = try judged(
      (0..<200).map { _ in 1 + generator.normal() }, (0..<200).map { _ in generator.normal() })
    let alone = try ScoreEvaluation(one, options: .init(resamples: 0))
    let many = try ScoreEvaluation(one, options: .init(comparisons: 20, resamples: 0))
    #expect(many.significance == 0.0025)
    for (a, b) in [
      (alone.areaUnderCurve, many.areaUnderCurve),
      (alone.balancedAccuracy, many.balancedAccuracy),
      (alone.rates[0].truePositiveRate, many.rates[0].truePositiveRate),
    ] {
      #expect(b.independent.lowerBound < a.independent.lowerBound)
      #expect(b.independent.upperBound > a.independent.upperBound)
    }
  }

  @Test("A target without members or non-members, and scores that are no numbers, are refused")
  func badInput() throws {
    #expect(throws: MembershipError.self) { try judged([1], []) }
    #expect(throws: MembershipError.self) { try judged([.nan], [1]) }
    let membership = try Membership(models: 2, examples: 2, [true, true, true, false])
    let table = try ShadowTable(
      try ModelOutputs(losses: [1, 2, 3, 4], models: 2, examples: 2), membership)
    do {
      _ = try JudgedScores([[1, 2]], of: [0], in: table)
      Issue.record("accepted")
    } catch { #expect("\(error)".contains("target 0: non-members")) }
    let good = try judged([1], [0])
    for options in [
      ScoreEvaluation.Options(significance: 0), .init(comparisons: 0), .init(resamples: -1),
      .init(rates: [1]), .init(rates: [.nan]),
    ] {
      #expect(throws: MembershipError.self) { try ScoreEvaluation(good, options: options) }
    }
  }

  @Test("The curve for figures keeps every corner at the low end and both rates grow")
  func curve() throws {
    var generator = testGenerator()
    let one = try judged(
      (0..<3000).map { _ in 1 + generator.normal() }, (0..<3000).map { _ in generator.normal() })
    let curve = ROC(one)
    let pairs = curve.logarithmicPairs()
    #expect(pairs.count < 1000 && pairs.count > 50)
    #expect(pairs.last?.falsePositiveRate == 1 && pairs.last?.truePositiveRate == 1)
    #expect(pairs[0].falsePositiveRate == 0)
    #expect(
      pairs[0].truePositiveRate == Double(curve.truePositives(falsePositiveRate: 0)) / 3000)
    for (a, b) in zip(pairs, pairs.dropFirst()) {
      #expect(b.falsePositiveRate > a.falsePositiveRate && b.truePositiveRate >= a.truePositiveRate)
    }
  }
}
