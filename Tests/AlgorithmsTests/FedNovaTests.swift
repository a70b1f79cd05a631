import Algorithms
import Components
import Federation
import Foundation
import Tensors
import Testing

@Suite("FedNova")
struct FedNovaTests {
  /// One round from w: client k takes 5 copies[k] steps on its parabola.
  private func round(
    from w: Double, _ federation: QuadraticFederation, _ steps: [Int], normalized: Bool
  ) -> Double {
    let shares = federation.copies.map { Double($0) / Double(federation.copies.reduce(0, +)) }
    let moves = zip(federation.parabolas, steps).map { parabola, steps in
      var v = w
      for _ in 0..<steps { v -= 0.1 * parabola.a * (v - parabola.c) }
      return v - w
    }
    guard normalized else { return w + zip(shares, moves).map { $0 * $1 }.reduce(0, +) }
    let mean = zip(shares, steps).map { $0 * Double($1) }.reduce(0, +)
    let direction = zip(zip(shares, moves), steps).map { $0.0 * $0.1 / Double($1) }.reduce(0, +)
    return w + mean * direction
  }

  @Test("is the paper's update on parabolas with unequal steps, written out")
  func closedForm() throws {
    for normalized in [true, false] {
      var federation = QuadraticFederation(
        algorithm: normalized ? [FedAvg(), FedNova()] : [FedAvg()], copies: [1, 2, 5])
      federation.training.rounds = 4
      var w = try federation.start()
      for _ in 0..<4 { w = round(from: w, federation, [5, 10, 25], normalized: normalized) }
      let got = Double(try federation.scenario().run().model[0])
      #expect(abs(got - w) < 1e-5, "normalized \(normalized)")
    }
  }

  @Test("converges to the minimum of the weighted mean of losses, where FedAvg does not")
  func consistency() throws {
    func end(_ algorithm: [any Component]) throws -> Double {
      var federation = QuadraticFederation(algorithm: algorithm, copies: [1, 2, 9])
      federation.training.rounds = 3000
      federation.training.learningRate = 0.001
      return Double(try federation.scenario().run().model[0])
    }
    let federation = QuadraticFederation(algorithm: [], copies: [1, 2, 9])
    let weights = zip(federation.copies, federation.parabolas).map { Double($0) * $1.a }
    let minimum =
      zip(weights, federation.parabolas).map { $0 * $1.c }.reduce(0, +) / weights.reduce(0, +)
    // The step size leaves a bias of its own, of the order of the rate.
    let nova = abs(try end([FedAvg(), FedNova()]) - minimum)
    let plain = abs(try end([FedAvg()]) - minimum)
    #expect(nova < 0.01 && plain > 10 * nova, "\(nova) \(plain)")
  }

  @Test("counts steps under a proximal pull as the paper does: (1 - (1 - ημ)^s) / (ημ)")
  func proximal() throws {
    let last = LastRound()
    var federation = SmallFederation(
      sizes: [12, 30], algorithm: [FedAvg(), try FedProx(mu: 20), FedNova()])
    federation.training.rounds = 1
    federation.training.learningRate = 0.01
    let scenario = try federation.scenario(reader: last)
    let model = try scenario.run().model
    let start = SmallFederation.initialParameters(of: scenario)
    // 6 and 12 steps, each taking back a fifth of the way.
    let (a, b) = ((1 - pow(0.8, 6)) / 0.2, (1 - pow(0.8, 12)) / 0.2)
    let (p, q) = (12.0 / 42, 30.0 / 42)
    for j in 0..<start.count {
      let direction = p * Double(last.updates[0][j]) / a + q * Double(last.updates[1][j]) / b
      #expect(abs(Double(model[j] - start[j]) - (p * a + q * b) * direction) < 1e-6)
    }
  }

  @Test("counts a gradient's reach with momentum, by unrolling the recurrence")
  func effectiveSteps() throws {
    for nesterov in [false, true] {
      let last = LastRound()
      var federation = SmallFederation(sizes: [12, 30], algorithm: [FedAvg(), FedNova()])
      federation.training.rounds = 1
      federation.training.momentum = 0.7
      federation.training.nesterov = nesterov
      federation.training.learningRate = 1e-4
      let scenario = try federation.scenario(reader: last)
      let model = try scenario.run().model
      let start = SmallFederation.initialParameters(of: scenario)
      // 2 epochs in batches of 5: 6 and 12 steps. What a constant gradient of 1 moves in them:
      func reach(_ steps: Int) -> Double {
        var velocity = 0.0
        var moved = 0.0
        for _ in 0..<steps {
          velocity = 0.7 * velocity + 1
          moved += nesterov ? 1 + 0.7 * velocity : velocity
        }
        return moved
      }
      let (a, b) = (reach(6), reach(12))
      let (p, q) = (12.0 / 42, 30.0 / 42)
      for j in 0..<start.count {
        let direction = p * Double(last.updates[0][j]) / a + q * Double(last.updates[1][j]) / b
        let expected = (p * a + q * b) * direction
        #expect(abs(Double(model[j] - start[j]) - expected) < 1e-6)
      }
    }
  }
}
