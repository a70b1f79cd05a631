import Foundation
import GradientInversion
import Randomness
import TestSupport
import Testing

@Suite("Searches")
struct SearchTests {
  private func adam(
    _ sign: AttackSettings.SignForm = .none, decay: AttackSettings.Decay = .constant,
    warmUp: Int = 0, langevin: Double = 0,
    weightDecay: Double = 0, clip: Double? = nil, boxed: Int = 0
  ) -> AdamSearch<Double> {
    AdamSearch(
      rate: 0.1, sign: sign, decay: decay, warmUp: warmUp, langevin: langevin,
      weightDecay: weightDecay, clip: clip, variables: 3, boxed: boxed, noise: testGenerator())
  }

  /// `steps` steps from (1, -2, 3) on `(a_i x_i^2) / 2`.
  private func run(
    _ search: AdamSearch<Double>, steps: Int, scale: Double = 1
  ) -> [Double] {
    var search = search
    var x = [1.0, -2, 3]
    let a = [1.0, 0.1, 10]
    for t in 0..<steps {
      var gradient = zip(a, x).map { scale * $0 * $1 }
      x.withUnsafeMutableBufferPointer { x in
        gradient.withUnsafeMutableBufferPointer { gradient in
          if let x = x.baseAddress, let g = gradient.baseAddress {
            search.step(x, g, count: 3, t: t, total: steps)
          }
        }
      }
    }
    return x
  }

  /// Adam as its paper's algorithm 1 has it, on the same function.
  private func plain(
    steps: Int, rate: (Int) -> Double, _ change: (Double, Int) -> Double
  ) -> [Double] {
    var x = [1.0, -2, 3]
    let a = [1.0, 0.1, 10]
    var (m, v) = ([0.0, 0, 0], [0.0, 0, 0])
    for t in 1...steps {
      for i in 0..<3 {
        let g = change(a[i] * x[i], t - 1)
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        let (mHat, vHat) = (m[i] / (1 - pow(0.9, Double(t))), v[i] / (1 - pow(0.999, Double(t))))
        x[i] -= rate(t - 1) * mHat / (vHat.squareRoot() + 1e-8)
      }
    }
    return x
  }

  @Test("Adam is its paper's, with every sign form and schedule")
  func adamReference() {
    #expect(
      largestDifference(run(adam(), steps: 30), plain(steps: 30, rate: { _ in 0.1 }) { g, _ in g })
        < 1e-12)
    #expect(
      largestDifference(
        run(adam(.hard, decay: .eighths), steps: 40),
        plain(steps: 40, rate: { 0.1 * ($0 < 15 ? 1 : $0 < 25 ? 0.1 : $0 < 35 ? 0.01 : 0.001) }) {
          g, _ in g > 0 ? 1 : g < 0 ? -1 : 0
        }) < 1e-12)
    #expect(
      largestDifference(
        run(adam(.soft, decay: .cosine, warmUp: 5), steps: 20),
        plain(
          steps: 20,
          rate: { 0.05 * (1 + cos(Double.pi * Double($0) / 20)) * min(1, Double($0 + 1) / 5) }
        ) { g, t in tanh((1 - Double(t) / 20) * g) / (1 - Double(t) / 20) }) < 1e-12)
    #expect(
      largestDifference(
        run(adam(decay: .exponential(factor: 0.5, every: 3)), steps: 10),
        plain(steps: 10, rate: { 0.1 * pow(0.5, Double($0 / 3)) }) { g, _ in g }) < 1e-12)
    #expect(
      largestDifference(
        run(adam(decay: .linear), steps: 10),
        plain(steps: 10, rate: { 0.1 * (1 - Double($0) / 10) }) { g, _ in g }) < 1e-12)
  }

  @Test("the gradient's limit, the box and decoupled decay do what they say")
  func limits() {
    let clipped = run(adam(clip: 1e-9), steps: 1)
    // All is far below epsilon: steps of rate times g / epsilon.
    let limited = 30e-9 / 901.04.squareRoot()
    #expect(abs(clipped[2] - (3 - 0.1 * limited / (limited + 1e-8))) < 1e-6)
    #expect(run(adam(boxed: 2), steps: 1)[1] >= -2 && run(adam(boxed: 3), steps: 1)[2] == 2)
    #expect(run(adam(boxed: 2), steps: 1)[2] > 2)
    let decayed = run(adam(weightDecay: 0.5), steps: 1, scale: 0)
    #expect(largestDifference(decayed, [0.95, -1.9, 2.85]) < 1e-12)
  }

  @Test("Langevin noise has the deviation of its factor times the step")
  func langevin() {
    var search = AdamSearch<Double>(
      rate: 0.1, sign: .none, decay: .constant, warmUp: 0, langevin: 2, weightDecay: 0, clip: nil,
      variables: 1, boxed: 0, noise: testGenerator())
    var (x, squares) = ([0.0], 0.0)
    for t in 0..<2000 {
      var gradient = [0.0]
      let before = x[0]
      x.withUnsafeMutableBufferPointer { x in
        gradient.withUnsafeMutableBufferPointer { gradient in
          if let x = x.baseAddress, let g = gradient.baseAddress {
            search.step(x, g, count: 1, t: t, total: 2000)
          }
        }
      }
      squares += (x[0] - before) * (x[0] - before)
    }
    // A chi-square mean of 2,000: deviation 3.2%, so 15% is beyond 4.7 deviations, 3e-6.
    #expect(abs(squares / 2000 / 0.04 - 1) < 0.15)
  }

  @Test("L-BFGS finds a quadratic's minimum, says when it is there, and when it is lost")
  func lbfgs() {
    var generator = testGenerator()
    // 1/2 x'Ax - b'x with A = I + C'C / 8: the minimum solves Ax = b.
    let n = 8
    let c = (0..<n).map { _ in (0..<n).map { _ in generator.normal() } }
    let target = (0..<n).map { _ in generator.normal() }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    func apply(_ x: [Double]) -> [Double] {
      let cx = c.map { dot($0, x) }
      return (0..<n).map { j -> Double in
        let column = c.map { $0[j] }
        return x[j] + dot(column, cx) / 8
      }
    }
    let b = apply(target)
    var search = LBFGSSearch<Double>(rate: 1, inner: 20, history: 100, variables: n)
    var x = [Double](repeating: 0, count: n)
    var outcome = LBFGSSearch<Double>.Outcome.moved
    var evaluations = 0
    for _ in 0..<10 where outcome == .moved {
      outcome = x.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return .broken }
        return search.step(base) { point, gradient in
          evaluations += 1
          let here = Array(UnsafeBufferPointer(start: point, count: n))
          let ax = apply(here)
          for i in 0..<n { gradient[i] = ax[i] - b[i] }
          return dot(here, ax) / 2 - dot(here, b)
        }
      }
    }
    #expect(outcome == .settled)
    #expect(largestDifference(x, target) < 1e-4)
    #expect(evaluations < 60)
    let lost = x.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { base in search.step(base) { _, _ in .nan } }
    }
    #expect(lost == .broken)
  }

  @Test("scores of confidence have their golden values")
  func confidence() {
    let p = [0.7, 0.2, 0.1]
    #expect(abs(ConfidenceScore.modifiedEntropy(p, label: 0) - 0.1622) < 5e-5)
    #expect(abs(ConfidenceScore.logit(p, label: 0) - 0.8473) < 5e-5)
    #expect(abs(ConfidenceScore.relative(0.9, outside: 0.6, a: 0.3) - 1.2162) < 5e-5)
    #expect(ConfidenceScore.modifiedEntropy([1, 0], label: 0) == 0)
    // Near certainty the logit keeps its digits.
    #expect(
      isClose(ConfidenceScore.logit([1 - 1e-18, 1e-18], label: 0), 18 * log(10), tolerance: 1e-12))
  }

  @Test("a preset's consensus weight is the one that its description states")
  func preset() {
    #expect(InversionPreset.gradInversion.settings.priors.contains(.group(1e-2)))
  }
}
