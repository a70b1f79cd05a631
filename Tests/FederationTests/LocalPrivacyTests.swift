import Accounting
import Algorithms
import Components
import Defenses
import Federation
import Tensors
import Testing

/// Clients that protect themselves, judged by what the server sees.
@Suite("Local privacy")
struct LocalPrivacyTests {
  private func local(_ change: (inout LocalDP.Parameters) -> Void = { _ in }) throws -> LocalDP {
    var parameters = LocalDP.defaults
    change(&parameters)
    return try LocalDP(parameters)
  }

  private func federation(
    _ defense: any Component, rounds: Int = 1, clients: Int = 6, sampler: [any Component] = [],
    _ script: @escaping @Sendable (_ client: Int, _ round: Int, _ dimension: Int) -> [Float]
  ) -> TinyFederation {
    var federation = TinyFederation(
      clients: clients, rounds: rounds, algorithm: [SendingTrainer(script)] + sampler,
      defense: [defense, Mean()])
    federation.threat = ThreatModel(attackers: 0)
    return federation
  }

  @Test("every message has the declared noise, fresh for each client and round")
  func noise() throws {
    let defense = try local {
      ($0.noiseMultiplier, $0.clippingNorm) = (0.5, 4)
    }
    let sent = try federation(defense, rounds: 100) { _, _, count in
      [Float](repeating: 0, count: count)
    }.watched()
    let rows = sent.flatMap { $0.rows }
    #expect(rows.count == 600)
    let values = rows.flatMap { $0.map(Double.init) }
    let count = Double(values.count)
    // Five standard errors: false alarms below 1e-6.
    let found = values.reduce(0) { $0 + $1 * $1 } / count
    #expect(abs(found / 4 - 1) < 5 * (2 / count).squareRoot())
    for lag in [TinyFederation.dimension, 6 * TinyFederation.dimension] {
      let products = zip(values, values.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(products / (4 * count)) < 5 / count.squareRoot())
    }
  }

  @Test(
    "whatever a client's training makes, what leaves is noise around at most C",
    arguments: [Float.nan, .infinity, -3.4e38, 1e38, 1e20, 5, .leastNonzeroMagnitude, 0])
  func clip(_ value: Float) throws {
    let defense = try local { ($0.noiseMultiplier, $0.clippingNorm) = (0.01, 2) }
    let sent = try federation(defense) { _, _, count in [Float](repeating: value, count: count) }
      .watched()
    for row in sent.flatMap({ $0.rows }) {
      let norm = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      // Six coordinates of noise 0.02.
      #expect(norm.isFinite && norm < 2.3)
      #expect(!(value == 5 || value == 1e20) || norm > 1.7)
    }
  }

  @Test("a client's epsilon is its own: as many releases as it made, the greatest is told")
  func own() throws {
    let defense = try local { ($0.targetEpsilon, $0.delta) = (6, 1e-5) }
    let always = try #require(
      try federation(defense, rounds: 10) { _, _, count in [Float](repeating: 1, count: count) }
        .run().evidence)
    let full = try #require(always.epsilonUpper)
    #expect(full <= 6 && full > 5.99 && always.trust == .local && always.unit == .client)
    #expect(always.mechanism == "local-dp" && always.adjacency == .zeroOut)
    let some = try federation(
      defense, rounds: 10, sampler: [try UniformSampling(clients: 1)]
    ) { _, _, count in [Float](repeating: 1, count: count) }.run()
    let less = try #require(some.evidence?.epsilonUpper)
    // Six clients share ten turns: the busiest has from two to nine of them.
    func epsilon(_ releases: Int) throws -> Double {
      try GaussianAccountant().epsilon(
        delta: 5e-6, of: defense.events(releases: releases, rounds: 10)
      ).upper
    }
    #expect(try (2...9).contains { try epsilon($0) == less })
    #expect(less < full)
  }

  @Test("NbAFL's stated epsilon is kept apart from what is accounted, which is far above it")
  func loose() throws {
    let defense = try NbAFL(NbAFL.defaults)
    let evidence = try #require(
      try federation(defense, rounds: 10) { _, _, count in [Float](repeating: 1, count: count) }
        .run().evidence)
    #expect(evidence.epsilonStated == 8)
    #expect(try #require(evidence.epsilonUpper) > 800)
    // The worked example: sigma 0.0777 at norm 1.
    let event = try #require(try defense.events(releases: 1, rounds: 10).first)
    guard case .gaussian(let noise) = event.mechanism else {
      Issue.record("\(event.mechanism)")
      return
    }
    #expect(abs(noise - 0.0777) < 1e-4)
    #expect(NbAFL.card.summary.contains("loose"))
  }

  @Test("two noises of clients' own, and numbers out of range, are refused")
  func refused() throws {
    var both = federation(try local()) { _, _, count in [Float](repeating: 1, count: count) }
    both.defense.insert(try NbAFL(NbAFL.defaults), at: 0)
    #expect(!Planner.privacyRefusals(of: try both.pipeline()).isEmpty)
    #expect(throws: (any Error).self) { try local { $0.clippingNorm = 0 } }
    #expect(throws: (any Error).self) { try local { $0.delta = 1 } }
    #expect(throws: (any Error).self) { try local { $0.noiseMultiplier = 0 } }
    #expect(throws: (any Error).self) {
      try local { ($0.noiseMultiplier, $0.targetEpsilon) = (1, 1) }
    }
  }
}
