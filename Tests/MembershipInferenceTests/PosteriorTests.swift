import Foundation
import MembershipInference
import TestSupport
import Testing

@Suite("Signals of a posterior")
struct PosteriorTests {
  @Test("p = (0.7, 0.2, 0.1): modified entropy 0.1622, phi 0.8473")
  func golden() {
    let posterior = Posterior(probabilities: [0.7, 0.2, 0.1], label: 0)
    #expect(abs(posterior.modifiedEntropy - 0.1622) < 5e-5)
    #expect(abs(posterior.phi - 0.8473) < 5e-5)
    #expect(isClose(posterior.loss, -log(0.7), tolerance: 1e-14))
    let entropy = -(0.7 * log(0.7) + 0.2 * log(0.2) + 0.1 * log(0.1))
    #expect(isClose(posterior.entropy, entropy, tolerance: 1e-14))
    #expect(posterior.isCorrect)
  }

  @Test("phi keeps its digits where the confidence rounds to 1, and where it underflows")
  func extremes() {
    // p_y = 1 - 1e-35: the difference 1 - p_y is 0 in double precision.
    let sure = Posterior(logits: [80, 0, -1], label: 0)
    #expect(isClose(sure.phi, 80 - log(1 + exp(-1)), tolerance: 1e-14))
    #expect(sure.modifiedEntropy >= 0 && sure.modifiedEntropy < 1e-30)
    let lost = Posterior(logits: [-2000, 0, 0], label: 0)
    #expect(isClose(lost.phi, -2000 - log(2), tolerance: 1e-14))
    #expect(lost.modifiedEntropy.isFinite && lost.entropy.isFinite)
    let zeros = Posterior(probabilities: [1, 0, 0], label: 1)
    #expect(zeros.phi == -.infinity && zeros.entropy == 0)
  }

  @Test("Losses give the same phi and confidence as logits")
  func fromLosses() throws {
    let logits = [3.0, 1, -2, 0.5, 0.25, 9, -4, 1, 0]
    let labels: [Int32] = [0, 1, 2]
    let full = try ModelOutputs(
      logits: logits, models: 1, examples: 3, classes: 3, labels: labels)
    let losses = try ModelOutputs(
      losses: full.signal(.loss).values, models: 1, examples: 3)
    for signal in [ModelOutputs.Signal.loss, .phi, .confidence] {
      #expect(
        largestDifference(try full.signal(signal).values, try losses.signal(signal).values) < 1e-12)
    }
    #expect(throws: MembershipError.self) { try losses.signal(.entropy) }
    #expect(throws: MembershipError.self) { try losses.signal(.loss, temperature: 2) }
  }

  @Test("A temperature divides logits and log-probabilities alike")
  func temperature() throws {
    let logits = [3.0, 1, -2]
    let total = logits.map { exp($0) }.reduce(0, +)
    let a = try ModelOutputs(logits: logits, models: 1, examples: 1, classes: 3, labels: [1])
    let b = try ModelOutputs(
      probabilities: logits.map { exp($0) / total }, models: 1, examples: 1, classes: 3,
      labels: [1])
    let expected = -log(exp(0.5) / (exp(1.5) + exp(0.5) + exp(-1)))
    for outputs in [a, b] {
      let loss = try outputs.signal(.loss, temperature: 2).values[0]
      #expect(isClose(loss, expected, tolerance: 1e-12))
    }
  }

  @Test(
    "A loss of 0 counts as the least that single precision shows; negative rounding is forgiven")
  func resolution() throws {
    let outputs = try ModelOutputs(losses: [0, -1e-7, 0x1p-24, 1], models: 1, examples: 4)
    let phi = try outputs.signal(.phi).values
    #expect(phi[0] == phi[2] && phi[1] == phi[2])
    #expect(isClose(phi[0], 24 * log(2), tolerance: 1e-6))
    #expect(outputs.lossesAtResolution.count == 3)
  }

  @Test("What cannot be is refused with its place and a remedy")
  func badInput() {
    func message(_ body: () throws -> ModelOutputs) -> String {
      do {
        _ = try body()
        return ""
      } catch { return "\(error)" }
    }
    let nan = message { try ModelOutputs(losses: [1, .nan, 2, .infinity], models: 2, examples: 2) }
    #expect(nan.contains("model 0, example 1") && nan.contains("one of 2"))
    #expect(
      message { try ModelOutputs(losses: [-1, 1], models: 1, examples: 2) }.contains("-log p_y"))
    #expect(message { try ModelOutputs(losses: [1], models: 2, examples: 2) }.contains("2 models"))
    #expect(
      message {
        try ModelOutputs(logits: [1, 2], models: 1, examples: 1, classes: 2, labels: [2])
      }.contains("classes run from 0 to 1"))
    #expect(
      message {
        try ModelOutputs(probabilities: [1, 2], models: 1, examples: 1, classes: 2, labels: [0])
      }.contains("give logits as logits"))
  }
}
