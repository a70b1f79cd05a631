import Accounting
import Learning
import PrivateTraining
import Randomness
import TestSupport
import Testing

@Suite("Audits in one run")
struct AuditTests {
  /// 100 ordinary examples and canaries of wide noise, which even a linear model remembers.
  private func audit(
    noise: Double, steps: Int, fault: TrainingFault? = nil, _ generator: Generator
  ) throws -> CanaryAudit.Result {
    var own = generator
    let width = isOptimizedBuild ? 2000 : 1000
    let network = try Network(input: [width], [.dense(outputs: 10)])
    let examples = try LabeledExamples(
      features: (0..<100 * width).map { _ in Float(own.normal()) },
      labels: (0..<100).map { Int32($0 % 10) }, shape: [width], classes: 10)
    let canaries = try CanaryAudit.noise(like: examples, count: 400, using: &own)
    let options = PrivateTrainingOptions(
      batchSize: 100, clipping: .flat(norm: 1), noiseMultiplier: noise,
      optimizer: OptimizerOptions(learningRate: 0.2))
    return try CanaryAudit(guessesIn: 150, guessesOut: 150).run(
      network: network, examples: examples, canaries: canaries, options: options, steps: steps,
      delta: 1e-5, using: generator, fault: fault)
  }

  @Test("without noise both analyses report 4 or more, and the ledger promises nothing")
  func withoutNoise() throws {
    let result = try audit(noise: 0, steps: 60, testGenerator())
    #expect(result.epsilonLower >= 4)
    #expect(result.gaussianEpsilonLower >= 4)
    #expect(result.report.epsilon.upper == .infinity)
    #expect(result.outcome.guesses == 300)
  }

  /// Each bound is wrong with probability 0.05 at most; the audit of such a training is far from
  /// its bound.
  @Test("with noise the audit stays below what was accounted, and finds something")
  func withNoise() throws {
    let result = try audit(noise: 0.6, steps: 20, testGenerator())
    #expect(result.report.epsilon.upper.isFinite)
    #expect(result.epsilonLower <= result.report.epsilon.upper)
    #expect(result.gaussianEpsilonLower <= result.report.epsilon.upper)
    #expect(result.gaussianEpsilonLower > 0)
  }

  @Test("equal scores are never right by the order in which they are listed")
  func ties() throws {
    let members = (0..<40).map { $0 < 20 }
    for order in [members, members.reversed()] {
      let audit = try OneRunAudit(
        scores: [Double](repeating: 1, count: 40), members: order, guessesIn: 20, guessesOut: 20)
      #expect(audit.correct == 0)
    }
    let audit = try OneRunAudit(
      scores: [9, 8, 5, 1], members: [true, true, false, false], guessesIn: 1, guessesOut: 1)
    #expect(audit.correct == 2 && audit.guesses == 2 && audit.canaries == 4)
    #expect(throws: AccountingError.self) {
      try OneRunAudit(scores: [1, .nan], members: [true, false], guessesIn: 1, guessesOut: 0)
    }
    #expect(throws: AccountingError.self) {
      try OneRunAudit(scores: [1, 2], members: [true, false], guessesIn: 2, guessesOut: 1)
    }
  }
}
