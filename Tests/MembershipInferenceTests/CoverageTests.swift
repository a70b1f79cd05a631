import Foundation
import MembershipInference
import Randomness
import TestSupport
import Testing

@Suite("Coverage of intervals", .enabled(if: isOptimizedBuild))
struct CoverageTests {
  /// Coverage counts are binomial: of 300 worlds at 95% fewer than 267 (89%) hold the truth with
  /// probability 1e-5. Bootstrap intervals are approximate; 89% is what they must not fall below.
  private let worlds = 300
  private let least = 267

  @Test(
    "Targets that differ: the clustered interval of the area holds the truth, the independent not")
  func clustered() throws {
    // Target t: members N(d_t, 1), d_t ~ N(1, 0.5^2); others N(0, 1). The pooled area is that of
    // members N(1, 1.25): Phi(1/sqrt(2.25)).
    let truth = NormalDistribution.cumulative(1 / 2.25.squareRoot())
    var (clustered, independent, rate) = (0, 0, 0)
    let rateTruth =
      1
      - NormalDistribution.cumulative(
        (NormalDistribution.quantile(0.9) - 1) / 1.25.squareRoot())
    for world in 0..<worlds {
      var generator = testGenerator(UInt64(world))
      var (scores, truths, clusters): ([Double], [Bool], [Int32]) = ([], [], [])
      for target in 0..<16 {
        let shift = 1 + 0.5 * generator.normal()
        for index in 0..<100 {
          scores.append((index < 50 ? shift : 0) + generator.normal())
          truths.append(index < 50)
          clusters.append(Int32(target))
        }
      }
      let evaluation = try ScoreEvaluation(
        try JudgedScores(scores: scores, isMember: truths, clusters: clusters),
        options: .init(resamples: 300, seed: UInt64(world), rates: [0.1]))
      if evaluation.areaUnderCurve.clustered.contains(truth) { clustered += 1 }
      if evaluation.areaUnderCurve.independent.contains(truth) { independent += 1 }
      if evaluation.rates[0].truePositiveRate.clustered.contains(rateTruth) { rate += 1 }
    }
    #expect(clustered >= least, "\(clustered)")
    #expect(rate >= least, "\(rate)")
    #expect(independent < least, "\(independent)")
  }

  @Test("One target: both intervals of the area, and balanced accuracy's, hold the truth")
  func independent() throws {
    let truth = NormalDistribution.cumulative(1 / 2.0.squareRoot())
    let accuracy = NormalDistribution.cumulative(0.5)
    var counts = [0, 0, 0]
    for world in 0..<worlds {
      var generator = testGenerator(UInt64(world))
      let scores = (0..<200).map { ($0 < 100 ? 1 : 0) + generator.normal() }
      let evaluation = try ScoreEvaluation(
        try JudgedScores(scores: scores, isMember: (0..<200).map { $0 < 100 }),
        options: .init(resamples: 300, seed: UInt64(world)))
      if evaluation.areaUnderCurve.independent.contains(truth) { counts[0] += 1 }
      if evaluation.areaUnderCurve.clustered.contains(truth) { counts[1] += 1 }
      // Cross-fitted thresholds are a little worse than the best, so this is the loosest.
      if evaluation.balancedAccuracy.independent.contains(accuracy) { counts[2] += 1 }
    }
    #expect(counts.allSatisfy { $0 >= least }, "\(counts)")
  }
}
