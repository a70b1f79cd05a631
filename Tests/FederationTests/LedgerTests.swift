import Accounting
import Algorithms
import Components
import Federation
import Testing

@Suite("The ledger of privacy")
struct LedgerTests {
  private func sampling(_ reachable: Int, size: Int = 4) -> CohortSampling {
    let probability = Double(size) / Double(reachable)
    var sampling = CohortSampling(
      .fixedSize, size: size, probabilities: probability...probability)
    sampling.note(availability: [Double](repeating: 0.5, count: reachable), population: 1000)
    return sampling
  }

  @Test("equal releases share an entry, whatever comes between")
  func runLength() {
    var ledger = PrivacyLedger()
    for reachable in [8, 8, 16, 8, 16, 16, 16] {
      ledger.record(.nonPrivate, sampling: sampling(reachable))
    }
    #expect(ledger.entries.map(\.count) == [3, 4] && ledger.count == 7)
    #expect(ledger.entries.map(\.sampling) == [sampling(8), sampling(16)])
  }

  @Test("memory is bounded, no release is forgotten, and no range leaves one out")
  func bounded() {
    var ledger = PrivacyLedger(limit: 10)
    for reachable in 10..<10_000 { ledger.record(.nonPrivate, sampling: sampling(reachable)) }
    ledger.record(.nonPrivate, sampling: CohortSampling(.poisson, probabilities: 0.1...0.1))
    #expect(ledger.entries.count == 11 && ledger.count == 9_991)
    #expect(ledger.entries.last?.sampling.scheme == .poisson)
    for reachable in 10..<10_000 {
      let one = sampling(reachable)
      #expect(
        ledger.entries.contains {
          $0.sampling.scheme == .fixedSize && $0.sampling.size == 4...4
            && $0.sampling.reachable.contains(reachable)
            && $0.sampling.probabilities.contains(one.probabilities.lowerBound)
        })
    }
  }

  @Test("what differs widens; schemes that differ promise nothing")
  func widening() {
    let both = sampling(8).widened(to: sampling(16))
    #expect(both.scheme == .fixedSize && both.size == 4...4 && both.reachable == 8...16)
    #expect(both.probabilities == 0.25...0.5 && both.draws == 1...1)
    let poisson = CohortSampling(.poisson, probabilities: 0.1...0.1)
    let mixed = sampling(8).followed(by: poisson)
    #expect(mixed.scheme == .undeclared && mixed.size == nil)
    #expect(mixed.probabilities == 0.1...0.5 && mixed.draws == 2...2)
  }

  @Test("a run notes how its sampler drew and who could be reached")
  func runs() throws {
    let all = try #require(try TinyFederation().run().privacy.entries.first)
    #expect(all.sampling.scheme == .everybody && all.sampling.probabilities == 1...1)
    #expect(all.sampling.reachable == all.sampling.population...all.sampling.population)
    let uniform = try TinyFederation(
      algorithm: [FedAvg(), try UniformSampling(clients: 3)]
    ).run().privacy.entries
    #expect(uniform.count == 1 && uniform.first?.sampling.scheme == .fixedSize)
    #expect(uniform.first?.sampling.size == 3...3)
    #expect(uniform.first?.sampling.probabilities == 3.0 / 7...3.0 / 7)
    let poisson = try TinyFederation(
      algorithm: [FedAvg(), try PoissonSampling(rate: 0.75)]
    ).run().privacy.entries
    #expect(poisson.count == 1 && poisson.first?.sampling.scheme == .poisson)
    #expect(poisson.first?.sampling.probabilities == 0.75...0.75)
    #expect(poisson.first?.sampling.size == nil)
  }
}
