import Foundation
import Randomness
import TestSupport
import Testing

/// Every expectation has a false-alarm probability of 1e-5 over seeds; the seed is fixed.
@Suite("Distributions")
struct DistributionTests {
  let count = isOptimizedBuild ? 1_000_000 : 60_000

  func sample(_ generator: Generator, _ draw: (inout Generator) -> Double) -> [Double] {
    var generator = generator
    return (0..<count).map { _ in draw(&generator) }
  }

  @Test("uniform fills [0, 1) evenly")
  func uniform() {
    let values = sample(testGenerator()) { $0.uniform() }
    #expect(kolmogorovSmirnov(values) { $0 } < kolmogorovSmirnovLimit)
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
  }

  @Test("uniform(below:) hits every integer equally", arguments: [3, 7, 101])
  func below(bound: Int) {
    var generator = testGenerator(UInt64(bound))
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<count { counts[generator.uniform(below: bound)] += 1 }
    #expect(chiSquareTail(equallyLikely: counts) > 1e-5)
  }

  @Test("uniform(below:) has no bias where the bound does not divide 2^64")
  func noBias() {
    // 2^64 / (3 * 2^61) = 8 / 3: without rejection the residues modulo 3 would have probabilities
    // 3/8, 3/8 and 2/8.
    var generator = testGenerator()
    var counts = [0, 0, 0]
    for _ in 0..<count { counts[generator.uniform(below: 3 << 61) % 3] += 1 }
    #expect(chiSquareTail(equallyLikely: counts) > 1e-5)
    for _ in 0..<5 {
      let only = generator.uniform(below: 1)
      #expect(only == 0)
    }
  }

  @Test("bernoulli has its probability", arguments: [0.5, 0.1, 0.003])
  func bernoulli(p: Double) {
    let hits = sample(testGenerator(p.bitPattern)) { $0.bernoulli(p) ? 1 : 0 }.reduce(0, +)
    let n = Double(count)
    #expect(abs(hits - n * p) < 4.42 * (n * p * (1 - p)).squareRoot())
  }

  @Test("normal has the normal distribution, and pairs are uncorrelated")
  func normal() {
    let values = sample(testGenerator()) { $0.normal() }
    #expect(kolmogorovSmirnov(values) { erfc(-$0 / 2.squareRoot()) / 2 } < kolmogorovSmirnovLimit)
    var product = 0.0
    for i in stride(from: 0, to: count - 1, by: 2) { product += values[i] * values[i + 1] }
    #expect(abs(product) < 4.42 * Double(count / 2).squareRoot())
    let second = values.reduce(0) { $0 + $1 * $1 } / Double(count)
    #expect(abs(second - 1) < 4.42 * (2 / Double(count)).squareRoot())
    let fourth = values.reduce(0) { $0 + pow($1, 4) } / Double(count)
    #expect(abs(fourth - 3) < 4.42 * (96 / Double(count)).squareRoot())
  }

  @Test("fillNormal has the standard deviation asked for")
  func filled() {
    var generator = testGenerator()
    let values = generator.normals(count, standardDeviation: 3).map { Double($0) / 3 }
    #expect(kolmogorovSmirnov(values) { erfc(-$0 / 2.squareRoot()) / 2 } < kolmogorovSmirnovLimit)
  }

  @Test("exponential and Laplace follow their closed forms")
  func exponentials() {
    let exponentials = sample(testGenerator(1)) { $0.exponential() }
    #expect(kolmogorovSmirnov(exponentials) { 1 - exp(-$0) } < kolmogorovSmirnovLimit)
    let laplace = sample(testGenerator(2)) { $0.laplace(scale: 2) }
    #expect(
      kolmogorovSmirnov(laplace) { x in
        x < 0 ? exp(x / 2) / 2 : 1 - exp(-x / 2) / 2
      } < kolmogorovSmirnovLimit)
    let magnitude = laplace.reduce(0) { $0 + abs($1) } / Double(count)
    #expect(abs(magnitude - 2) < 4.42 * 2 / Double(count).squareRoot())
  }

  @Test("gamma follows its closed form where there is one", arguments: [0.5, 1, 2, 5])
  func gamma(shape: Double) {
    let values = sample(testGenerator(shape.bitPattern)) { $0.gamma(shape: shape) }
    let distribution: (Double) -> Double = { x in
      if shape == 0.5 { return erf(x.squareRoot()) }
      var term = exp(-x)
      var tail = term
      for k in 1..<max(1, Int(shape)) {
        term *= x / Double(k)
        tail += term
      }
      return 1 - tail
    }
    #expect(kolmogorovSmirnov(values, distribution) < kolmogorovSmirnovLimit)
  }

  @Test("a Dirichlet entry is Beta(a, (k - 1) a); with (k - 1) a = 1 its distribution is x^a")
  func dirichlet() {
    for entries in isOptimizedBuild ? [2, 3, 11, 101] : [2, 11] {
      let a = 1 / Double(entries - 1)
      let values = sample(testGenerator(UInt64(entries))) {
        $0.dirichlet(concentration: a, count: entries)[entries / 2]
      }
      #expect(kolmogorovSmirnov(values) { pow($0, a) } < kolmogorovSmirnovLimit)
    }
  }

  @Test("a Dirichlet point lies on the simplex, also for tiny concentrations")
  func simplex() {
    var generator = testGenerator()
    for concentration in [1e-3, 0.1, 1, 100] {
      for _ in 0..<100 {
        let point = generator.dirichlet(concentration: concentration, count: 10)
        #expect(point.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(abs(point.reduce(0, +) - 1) < 1e-12)
      }
    }
  }

  @Test("every permutation is equally likely, and so is every ordered choice")
  func permutations() {
    var generator = testGenerator()
    var permuted: [[Int]: Int] = [:]
    for _ in 0..<count { permuted[generator.permutation(5), default: 0] += 1 }
    #expect(permuted.count == 120)
    #expect(chiSquareTail(equallyLikely: Array(permuted.values)) > 1e-5)
    var chosen: [[Int]: Int] = [:]
    for _ in 0..<count { chosen[generator.choice(2, of: 11), default: 0] += 1 }
    #expect(chosen.count == 110)
    #expect(chiSquareTail(equallyLikely: Array(chosen.values)) > 1e-5)
  }
}
