import Accounting
import Algorithms
import Components
import Federation
import Foundation
import Randomness
import TestSupport
import Testing

@Suite("Weighted sampling")
struct WeightedSamplingTests {
  /// c of Σ min(1, c w) = size by bisection, written independently.
  private func inclusion(_ weights: [Double], size: Int) -> [Double] {
    var (low, high) = (0.0, 1e6)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      let sum = weights.reduce(0) { $0 + min(1, middle * $1) }
      if sum < Double(size) { low = middle } else { high = middle }
    }
    return weights.map { min(1, high * $0) }
  }

  private func population(_ count: Int, availability: [Double]? = nil) -> PopulationView {
    PopulationView(
      round: 0, available: Array(0..<count), availability: availability,
      sampleCounts: (0..<count).map { 3 + 5 * $0 })
  }

  @Test(
    "inclusion is as claimed, and the claims are those of the weights",
    arguments: [
      ([5.0, 1, 2, 3, 4, 2.5, 1.5, 1], 3), ([100, 1, 2, 3, 4, 50, 1, 1], 4),
      ([1, 1, 1, 1, 1, 1, 1, 0], 5), ([0.3, 0.2, 0.1, 0.05, 7, 0.02, 3, 3], 2),
    ])
  func inclusion(_ weights: [Double], _ size: Int) throws {
    let rounds = 20_000
    let expected = inclusion(weights, size: size)
    let sampler = try WeightedSampling(clients: size, weights: weights)
    var memory = Memory()
    var generator = testGenerator(name: "inclusion \(weights)")
    var members = [Int](repeating: 0, count: weights.count)
    var taken = members
    for _ in 0..<rounds {
      let cohort = try sampler.sample(
        population(weights.count), using: &generator, memory: &memory)
      #expect(cohort.clients.count == size && cohort.clients == Set(cohort.clients).sorted())
      for (client, claimed) in zip(cohort.clients, cohort.inclusionProbabilities) {
        taken[client] += 1
        #expect(abs(claimed - expected[client]) < 1e-12)
      }
      #expect(cohort.sampling.scheme == .weighted && cohort.sampling.size == size...size)
      #expect(abs(cohort.sampling.probabilities.lowerBound - (expected.min() ?? 0)) < 1e-12)
      #expect(abs(cohort.sampling.probabilities.upperBound - (expected.max() ?? 0)) < 1e-12)
      members[cohort.clients[generator.uniform(below: size)]] += 1
    }
    // One member of each cohort at random is k with probability π_k / size, rounds independent: Pearson's
    // statistic is chi-square. False-alarm rate 1e-5.
    let possible = expected.indices.filter { expected[$0] > 0 }
    #expect(possible.map { members[$0] }.reduce(0, +) == rounds)
    let statistic = chiSquare(
      possible.map { members[$0] },
      expected: possible.map { Double(rounds) * expected[$0] / Double(size) })
    #expect(chiSquareSurvival(statistic, degrees: possible.count - 1) > 1e-5, "\(members)")
    // Each client's own count is binomial; 5.1 deviations for eight clients: 3e-6.
    for (count, chance) in zip(taken, expected) {
      let deviation = (Double(rounds) * chance * (1 - chance)).squareRoot()
      #expect(abs(Double(count) - Double(rounds) * chance) <= 5.1 * deviation + 1e-6)
    }
  }

  @Test("the sum weighted by inverse probabilities is unbiased, also over who can be reached")
  func unbiased() throws {
    let count = 12
    let chances = (0..<count).map { 0.3 + 0.05 * Double($0) }
    let values = (0..<count).map { Double(($0 * 7) % 5) - 1.5 }
    for evenOut in [false, true] {
      var parameters = WeightedSampling.Parameters()
      parameters.clients = 4
      parameters.evenOut = evenOut
      let sampler = try WeightedSampling(parameters)
      var generator = testGenerator(name: "unbiased \(evenOut)")
      var memory = Memory()
      var (sum, squares) = (0.0, 0.0)
      let rounds = 20_000
      for _ in 0..<rounds {
        let there = (0..<count).filter { generator.bernoulli(chances[$0]) }
        let view = PopulationView(
          round: 0, available: there, availability: there.map { chances[$0] },
          sampleCounts: (0..<count).map { 3 + 5 * $0 })
        let cohort = try sampler.sample(view, using: &generator, memory: &memory)
        let estimate = zip(cohort.clients, cohort.inclusionProbabilities).reduce(0) {
          $0 + values[$1.0] / ($1.1 * chances[$1.0])
        }
        sum += estimate
        squares += estimate * estimate
      }
      let mean = sum / Double(rounds)
      let error = ((squares / Double(rounds) - mean * mean) / Double(rounds)).squareRoot()
      // Five standard errors: false-alarm rate 6e-7.
      #expect(abs(mean - values.reduce(0, +)) < 5 * error, "\(mean) ± \(error)")
    }
  }

  @Test("evening out makes up for devices that are rarely there")
  func evenOut() throws {
    let chances = (0..<40).map { $0 < 20 ? 0.9 : 0.45 }
    func share(_ evenOut: Bool) throws -> Double {
      var parameters = WeightedSampling.Parameters()
      parameters.clients = 5
      parameters.by = .equal
      parameters.evenOut = evenOut
      let sampler = try WeightedSampling(parameters)
      var generator = testGenerator(name: "even out \(evenOut)")
      var memory = Memory()
      var rare = 0
      for _ in 0..<4000 {
        let there = (0..<40).filter { generator.bernoulli(chances[$0]) }
        let view = PopulationView(
          round: 0, available: there, availability: there.map { chances[$0] },
          sampleCounts: [Int](repeating: 9, count: 40))
        rare += try sampler.sample(view, using: &generator, memory: &memory).clients
          .count { $0 >= 20 }
      }
      return Double(rare) / 20_000
    }
    // A third of the reachable without; near a half with (a ratio of random sums, hence 0.02).
    #expect(abs(try share(false) - 1.0 / 3) < 0.02)
    #expect(abs(try share(true) - 0.5) < 0.02)
  }

  @Test("extreme weights neither break the size nor the order")
  func extremes() throws {
    let weights = [1e308, 1e308, 1e-300, .leastNonzeroMagnitude, 1, 0, 1e308]
    var generator = testGenerator()
    var memory = Memory()
    for size in 1...9 {
      let sampler = try WeightedSampling(clients: size, weights: weights)
      for _ in 0..<50 {
        let cohort = try sampler.sample(population(7), using: &generator, memory: &memory)
        #expect(cohort.clients.count == min(size, 6))
        #expect(!cohort.clients.contains(5) && cohort.clients == Set(cohort.clients).sorted())
        #expect(cohort.inclusionProbabilities.allSatisfy { $0 >= 0 && $0 <= 1 })
      }
    }
    let nobody = PopulationView(round: 0, available: [], sampleCounts: [])
    var parameters = WeightedSampling.Parameters()
    parameters.clients = 3
    let cohort = try WeightedSampling(parameters).sample(
      nobody, using: &generator, memory: &memory)
    #expect(cohort.clients.isEmpty)
  }

  @Test("weights that do not fit are refused in a line")
  func refused() throws {
    #expect(throws: ParameterError.self) { try WeightedSampling(clients: 0, weights: [1]) }
    #expect(throws: ParameterError.self) { try WeightedSampling(clients: 1, weights: [0, 0]) }
    #expect(throws: ParameterError.self) { try WeightedSampling(clients: 1, weights: [1, -1]) }
    #expect(throws: ParameterError.self) { try WeightedSampling(clients: 1, weights: [.nan]) }
    var parameters = WeightedSampling.Parameters()
    parameters.weights = [1, 2]
    #expect(throws: ParameterError.self) { try WeightedSampling(parameters) }
    let federation = SmallFederation(
      algorithm: [FedAvg(), try WeightedSampling(clients: 2, weights: [1, 2, 3])])
    let error = #expect(throws: FederationError.self) { try federation.scenario().run() }
    #expect(
      "\(try #require(error))"
        == "weighted-sampling: got 3 weights for 5 clients; give one weight for each client")
  }
}
