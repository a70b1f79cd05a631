import Algorithms
import Components
import Federation
import Randomness
import TestSupport
import Testing

@Suite("Client sampling")
struct SamplingTests {
  private func cohorts(
    _ sampler: any ClientSampler, clients: Int, rounds: Int, name: String = #function
  ) throws -> [Cohort] {
    let root = testGenerator(name: name)
    var memory = Memory()
    return try (0..<rounds).map { round in
      var generator = root.fork("cohort", UInt64(round))
      let population = PopulationView(
        round: round, available: Array(0..<clients), sampleCounts: (0..<clients).map { $0 + 1 })
      return try sampler.sample(population, using: &generator, memory: &memory)
    }
  }

  @Test(
    "Poisson: sizes are binomial, clients equally likely and independent", arguments: [0.15, 0.6])
  func poisson(_ rate: Double) throws {
    let (clients, rounds) = (12, 4000)
    let drawn = try cohorts(
      try PoissonSampling(rate: rate), clients: clients, rounds: rounds, name: "poisson \(rate)")
    for cohort in drawn {
      #expect(cohort.clients == cohort.clients.sorted())
      #expect(cohort.inclusionProbabilities == cohort.clients.map { _ in rate })
    }

    // Sizes against the binomial distribution, cells of less than 8 expected pooled with their
    // neighbour. False-alarm rate 1e-5.
    var probability = (0..<clients).reduce(1.0) { product, _ in product * (1 - rate) }
    var counts: [Int] = []
    var expected: [Double] = []
    for size in 0...clients {
      let count = drawn.count { $0.clients.count == size }
      if let last = expected.last, last < 8 || probability * Double(rounds) < 8 {
        counts[counts.count - 1] += count
        expected[expected.count - 1] += probability * Double(rounds)
      } else {
        counts.append(count)
        expected.append(probability * Double(rounds))
      }
      probability *= Double(clients - size) / Double(size + 1) * rate / (1 - rate)
    }
    #expect(abs(expected.reduce(0, +) - Double(rounds)) < 1e-6)
    #expect(
      chiSquareSurvival(chiSquare(counts, expected: expected), degrees: counts.count - 1) > 1e-5)

    // Each client's count is binomial, independent of the others': with its variance divided out,
    // the sum of squares is chi-square of as many degrees as clients. False-alarm rate 1e-5.
    let taken = (0..<clients).map { client in drawn.count { $0.clients.contains(client) } }
    let statistic =
      chiSquare(taken, expected: taken.map { _ in Double(rounds) * rate }) / (1 - rate)
    #expect(chiSquareSurvival(statistic, degrees: clients) > 1e-5, "\(taken)")
  }

  @Test("uniform: always the same size, every client and every pair equally likely")
  func uniform() throws {
    let (clients, size, rounds) = (9, 4, 4000)
    let drawn = try cohorts(try UniformSampling(clients: size), clients: clients, rounds: rounds)
    var taken = [Int](repeating: 0, count: clients)
    var pairs = 0
    for cohort in drawn {
      #expect(Set(cohort.clients).count == size && cohort.clients == cohort.clients.sorted())
      #expect(cohort.inclusionProbabilities == cohort.clients.map { _ in 4.0 / 9 })
      for client in cohort.clients { taken[client] += 1 }
      pairs += cohort.clients.contains(0) && cohort.clients.contains(8) ? 1 : 0
    }
    // Without replacement the counts have variance N p (1 - p) and sum to a constant: (n-1)/n of the
    // normalised sum of squares is chi-square of n-1 degrees. False-alarm rate 1e-5.
    let share = Double(size) / Double(clients)
    let statistic =
      chiSquare(taken, expected: taken.map { _ in Double(rounds) * share }) / (1 - share)
      * Double(clients - 1) / Double(clients)
    #expect(chiSquareSurvival(statistic, degrees: clients - 1) > 1e-5, "\(taken)")
    // A given pair: 4·3/(9·8); five standard deviations, false-alarm rate 6e-7.
    let pair = 1.0 / 6
    #expect(
      abs(Double(pairs) - Double(rounds) * pair)
        < 5 * (Double(rounds) * pair * (1 - pair)).squareRoot())
  }

  @Test("uniform takes everybody when there are fewer than it wants, with probability 1")
  func everybody() throws {
    let sampler = try UniformSampling(clients: 10)
    let cohort = try #require(try cohorts(sampler, clients: 3, rounds: 1).first)
    #expect(cohort.clients == [0, 1, 2] && cohort.inclusionProbabilities == [1, 1, 1])
    #expect(sampler.guaranteedCohort(of: 3) == 3 && sampler.guaranteedCohort(of: 30) == 10)
    #expect(try PoissonSampling(rate: 1).guaranteedCohort(of: 3) == 3)
    #expect(try PoissonSampling(rate: 0.99).guaranteedCohort(of: 3) == nil)
  }

  @Test(
    "the statistic itself is right: tabulated quantiles of chi-square",
    arguments: [(18.307, 10, 0.05), (31.410, 20, 0.05), (23.209, 10, 0.01), (11.345, 3, 0.01)])
  func quantiles(_ value: Double, _ degrees: Int, _ tail: Double) {
    #expect(abs(chiSquareSurvival(value, degrees: degrees) / tail - 1) < 0.03)
  }

  @Test("only who is available is drawn")
  func availability() throws {
    let population = PopulationView(
      round: 0, available: [2, 5, 7], sampleCounts: (0..<9).map { $0 })
    var memory = Memory()
    for sampler in [try UniformSampling(clients: 2), try PoissonSampling(rate: 0.7)]
      as [any ClientSampler]
    {
      for seed in UInt64(0)..<30 {
        var generator = Generator(seed: seed)
        let cohort = try sampler.sample(population, using: &generator, memory: &memory)
        #expect(Set(cohort.clients).isSubset(of: [2, 5, 7]))
      }
    }
  }

  @Test("an empty Poisson round holds the model and says so")
  func emptyRounds() throws {
    var federation = SmallFederation(
      sizes: [10, 10], algorithm: [FedAvg(), try PoissonSampling(rate: 0.3)])
    federation.training.rounds = 12
    let record = try federation.scenario().run()
    // 0.49 of the rounds: none or all of 12 with probability 3e-4, and this seed is fixed.
    let empty = record.rounds.filter { $0.received == 0 }
    #expect(!empty.isEmpty && empty.count < 12)
    for round in empty {
      #expect(round.notes == ["held: no client took part"])
      if round.round > 0 {
        #expect(round.loss == record.rounds[round.round - 1].loss)
      }
    }
    #expect(record.heldRounds == empty.count)
    #expect(record.rounds.allSatisfy { $0.received > 0 || $0.honestExcluded == nil })
  }

  @Test("rates and sizes out of range are refused", arguments: [0, -0.1, 1.1, .nan, .infinity])
  func refused(_ rate: Double) {
    #expect(throws: ParameterError.self) { try PoissonSampling(rate: rate) }
    #expect(throws: ParameterError.self) { try UniformSampling(clients: 0) }
  }
}
