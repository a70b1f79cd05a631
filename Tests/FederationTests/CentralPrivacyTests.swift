import Accounting
import Algorithms
import Components
import Datasets
import Defenses
import Federation
import Learning
import Randomness
import SecureAggregation
import Tensors
import Testing

/// A server that clips and adds noise, judged by what it releases: the steps of the model.
@Suite("Central privacy")
struct CentralPrivacyTests {
  typealias Script = @Sendable (_ client: Int, _ round: Int, _ dimension: Int) -> [Float]

  /// The steps of the model in a run, and its record.
  private func steps(
    _ script: @escaping Script, sampler: [any Component] = [], rounds: Int = 1,
    clients: Int = 7, rule: any Component = Mean(), seed: UInt64 = 1,
    _ change: (inout ClientLevelParameters) -> Void
  ) throws -> (steps: [Vector], record: RunRecord) {
    var parameters = ClientLevelParameters()
    (parameters.canaries, parameters.guesses, parameters.delta) = (0, 0, 1e-3)
    change(&parameters)
    var federation = TinyFederation(
      clients: clients, rounds: rounds, seed: seed, algorithm: [SendingTrainer(script)] + sampler,
      defense: [try DPFedAvg(parameters), rule])
    federation.threat = ThreatModel(attackers: 0)
    var models: [Vector] = []
    let scenario = try federation.scenario()
    let record = try scenario.run(from: nil) { _, checkpoint in
      models.append(checkpoint.record.model)
    }
    // Where nobody moves the model, it stays what it was.
    var still = TinyFederation(
      clients: clients, seed: seed,
      algorithm: [SendingTrainer { _, _, count in [Float](repeating: 0, count: count) }])
    still.threat = ThreatModel(attackers: 0)
    let starts = [try still.run().model] + models
    return (zip(models, starts).map { $0 - $1 }, record)
  }

  private static let quiet: @Sendable (inout ClientLevelParameters) -> Void = {
    $0.noiseMultiplier = 0
  }

  @Test("no client moves the release by more than C over the divisor, whatever it sends")
  func sensitivity() throws {
    let hostile: [@Sendable (Int) -> [Float]] = [
      { [Float](repeating: .nan, count: $0) }, { [Float](repeating: .infinity, count: $0) },
      { [Float](repeating: -3.4e38, count: $0) }, { [Float](repeating: 1e38, count: $0) },
      { [Float](repeating: .leastNonzeroMagnitude, count: $0) },
      { [.nan] + [Float](repeating: 1, count: $0 - 1) },
      { [Float](repeating: 0.5, count: $0) },
    ]
    let others: Script = { client, _, count in
      (0..<count).map { Float(client * $0 % 5) - 2 }
    }
    let norm = 0.75
    let searched: [@Sendable (Int) -> [Float]] = (0..<40).map { trial in
      { count in
        var generator = Generator(seed: UInt64(trial)).fork("search")
        let scale = Float(generator.uniform() * 3)
        return (0..<count).map { _ in scale * Float(generator.normal()) }
      }
    }
    for sampler in [[], [try PoissonSampling(rate: 0.8) as any Component]] {
      let divisor = sampler.isEmpty ? 7.0 : 5.6
      func release(_ first: @escaping @Sendable (Int) -> [Float]) throws -> Vector {
        try steps(
          { client, round, count in client == 0 ? first(count) : others(client, round, count) },
          sampler: sampler
        ) {
          $0.noiseMultiplier = 0
          $0.clippingNorm = norm
        }.steps[0]
      }
      let without = try release { [Float](repeating: 0, count: $0) }
      var most = 0.0
      for update in hostile + searched {
        let moved = (try release(update) - without).norm
        #expect(moved <= norm / divisor * (1 + 1e-5))
        most = max(most, moved)
      }
      // The bound is reached where client 0 is drawn.
      #expect(!sampler.isEmpty || most > norm / divisor * (1 - 1e-5))
    }
  }

  @Test("the divisor is the public cohort, not how many were drawn")
  func divisor() throws {
    let (steps, record) = try steps(
      { _, _, count in [1] + [Float](repeating: 0, count: count - 1) },
      sampler: [try PoissonSampling(rate: 0.4)], rounds: 12, clients: 10, Self.quiet)
    for (step, round) in zip(steps, record.rounds) {
      #expect(abs(Double(step.array[0]) - Double(round.received) / 4) < 1e-5)
    }
    #expect(Set(record.rounds.map(\.received)).count > 2)
    #expect(record.privacy.entries.map(\.mechanism) == [.nonPrivate])
  }

  @Test("noise has the declared scale, is fresh in each round, and comes in empty rounds, too")
  func noise() throws {
    let rounds = 600
    let (steps, record) = try steps(
      { _, _, count in [Float](repeating: 0, count: count) },
      sampler: [try PoissonSampling(rate: 0.1)], rounds: rounds, clients: 20
    ) {
      $0.noiseMultiplier = 1.5
      $0.clippingNorm = 2
    }
    let values = steps.flatMap { $0.array.map(Double.init) }
    let variance = 1.5 * 1.5  // z C / m = 1.5 * 2 / 2
    let count = Double(values.count)
    // Each at five standard errors: false alarms below 1e-6. Steps are differences of rounded models.
    let found = values.reduce(0) { $0 + $1 * $1 } / count
    #expect(abs(found / variance - 1) < 5 * (2 / count).squareRoot() + 0.01)
    let lagged = zip(values, values.dropFirst(TinyFederation.dimension)).reduce(0) {
      $0 + $1.0 * $1.1
    }
    #expect(abs(lagged / (variance * count)) < 5 / count.squareRoot())
    let empty = record.rounds.filter { $0.received == 0 }
    #expect(empty.count > 20 && empty.allSatisfy { $0.notes.contains("released noise alone") })
    #expect(record.privacy.count == rounds && record.heldRounds == 0)
    let event = try #require(try record.privacy.events(adjacency: .addRemove).first)
    #expect(event.mechanism == .gaussian(noiseMultiplier: 1.5))
    #expect(event.sampling == .poisson(rate: 0.1) && event.count == rounds)
    #expect(record.evidence?.adjacency == .addRemove && record.evidence?.unit == .client)
  }

  @Test("a target calibrates the noise, and the run comes to it")
  func target() throws {
    let (_, record) = try steps(
      { _, _, count in [Float](repeating: 1, count: count) },
      sampler: [try PoissonSampling(rate: 0.25)], rounds: 20, clients: 40
    ) { $0.targetEpsilon = 6 }
    let evidence = try #require(record.evidence)
    let upper = try #require(evidence.epsilonUpper)
    #expect(upper <= 6 && upper > 5.9)
    let judged = try RenyiAccountant().epsilon(
      delta: 1e-3, of: record.privacy.events(adjacency: .addRemove)
    ).upper
    // Renyi accounting is looser, but not by much.
    #expect(judged >= upper - 1e-6 && judged < 1.25 * upper)
    #expect(record.privacy.count == 20)
    let caps = evidence.caps.map(\.truePositiveRate)
    #expect(caps.count == 3 && caps[0] < caps[1] && caps[1] < caps[2] && caps[2] < 1)
  }

  @Test("releases stop before the budget is exceeded, and would exceed it with the next")
  func filter() throws {
    let (steps, record) = try steps(
      { _, _, count in [Float](repeating: 1, count: count) }, rounds: 30, clients: 20
    ) {
      $0.targetEpsilon = 8
      $0.noiseMultiplier = 2
    }
    let made = record.privacy.count
    #expect(made > 0 && made < 30 && record.heldRounds == 30 - made)
    #expect(steps[made...].allSatisfy { $0.squaredNorm == 0 })
    func epsilon(_ count: Int) throws -> Double {
      try GaussianAccountant().epsilon(
        delta: 1e-3,
        of: [
          PrivacyEvent(
            .gaussian(noiseMultiplier: 2), adjacency: .zeroOut, unit: .client, count: count)
        ]
      ).upper
    }
    #expect(try epsilon(made) <= 8 && epsilon(made + 1) > 8)
    #expect(record.notes.contains { $0.text.contains("budget is spent") })
  }

  @Test("the adaptive norm goes to the quantile, and the ledger is told z, not what the sum got")
  func adaptive() throws {
    // Norms 1 to 9: the median is 5. The step of the largest client shows the norm.
    let script: Script = { client, _, count in
      [Float(client + 1)] + [Float](repeating: 0, count: count - 1)
    }
    let (quiet, _) = try steps(script, rounds: 80, clients: 9) {
      $0.noiseMultiplier = 0
      $0.clipping = .adaptive
    }
    let last = Double(try #require(quiet.last).array[0])
    // Sums of min(k, C) over 9: at C = 5 it is (1 + 2 + 3 + 4 + 5 * 5) / 9.
    #expect(abs(last - 35.0 / 9) < 0.35)

    let z = 0.8
    let (steps, record) = try steps(
      { _, _, count in [Float](repeating: 0, count: count) }, rounds: 300, clients: 9
    ) {
      $0.noiseMultiplier = z
      $0.clipping = .adaptive
      $0.clippingRate = 1e-9
      $0.countNoise = 0.5
    }
    let values = steps.flatMap { $0.array.map { Double($0) * 9 } }
    let wide = 1 / (1 / (z * z) - 1 / (4 * 0.25))
    let found = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    #expect(abs(found / wide - 1) < 5 * (2 / Double(values.count)).squareRoot() + 0.01)
    #expect(record.privacy.entries.map(\.mechanism) == [.gaussian(noiseMultiplier: z)])
  }

  @Test("a rule with a certified sensitivity gets noise for it, and remembers nothing unreleased")
  func certified() throws {
    let rounds = 200
    let (steps, record) = try steps(
      { _, _, count in [Float](repeating: 0, count: count) }, rounds: rounds, clients: 8,
      rule: try CenteredClipping(clippingRadius: 10)
    ) { $0.noiseMultiplier = 1 }
    let values = steps.flatMap { $0.array.map { Double($0) * 8 } }
    let found = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    #expect(abs(found - 1) < 5 * (2 / Double(values.count)).squareRoot() + 0.01)
    #expect(record.privacy.count == rounds)
    // What a client sent in round 0 alone is in no later step.
    let (once, _) = try self.steps(
      { client, round, count in [Float](repeating: round == 0 ? 1 : 0, count: count) }, rounds: 3,
      clients: 8, rule: try CenteredClipping(clippingRadius: 10), Self.quiet)
    #expect(once[0].norm > 0.9 && once[1].squaredNorm == 0)
  }

  @Test("a run that goes on from a checkpoint ends with the same bits")
  func resumes() throws {
    var parameters = ClientLevelParameters()
    (parameters.noiseMultiplier, parameters.clipping, parameters.delta) = (1, .adaptive, 1e-3)
    (parameters.canaries, parameters.guesses, parameters.countNoise) = (10, 3, 2)
    var federation = TinyFederation(
      clients: 12, rounds: 8,
      algorithm: [FedAvg(weighting: .uniform), try PoissonSampling(rate: 0.5)],
      defense: [try DPFedAvg(parameters), Mean()])
    federation.threat = ThreatModel(attackers: 0)
    let scenario = try federation.scenario()
    var saved: Checkpoint?
    let whole = try scenario.run(from: nil) { round, checkpoint in
      if round.round == 3 { saved = checkpoint }
    }
    let rest = try scenario.run(from: try Checkpoint(decoding: try #require(saved).encoded()))
    #expect(rest.model == whole.model && rest.evidence == whole.evidence)
    #expect(rest.privacy == whole.privacy)
    #expect(try scenario.run(workers: 3).model == whole.model)
  }

  // MARK: - What is refused

  private func refusal(
    _ algorithm: [any Component], _ rules: [any Component] = [Mean()], clients: Int = 20,
    transport: any Component = Plain(), delta: Double = 1e-3, epsilon: Double = 8,
    sgd: Bool = false
  ) -> String? {
    var parameters = ClientLevelParameters()
    (parameters.targetEpsilon, parameters.delta) = (epsilon, delta)
    do {
      let defense: any Component = sgd ? try DPFedSGD(parameters) : try DPFedAvg(parameters)
      var federation = TinyFederation(
        clients: clients, algorithm: algorithm, transport: transport, defense: [defense] + rules)
      federation.threat = ThreatModel(attackers: 0)
      try federation.run()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("what voids the promise is refused with the reason and what would work")
  func refused() throws {
    let poisson = try PoissonSampling(rate: 0.5)
    let fair = FedAvg(weighting: .uniform)
    let cases: [(String?, reason: String, remedy: String)] = [
      (refusal([FedAvg(), poisson]), "weighted average", "weighting: uniform"),
      (refusal([fair], [try Median()]), "no certified sensitivity", "centered-clipping"),
      (refusal([fair], [try NNM(f: 1), Mean()]), "several clients' updates", "leave it out"),
      (
        refusal([fair, poisson], [try CenteredClipping(clippingRadius: 1)]), "secret",
        "uniform-sampling"
      ),
      (refusal([fair], [try NormClippingDP(), Mean()]), "of its own", "keep one"),
      (refusal([fair], transport: SumOnly()), "does not show", "plain"),
      (refusal([fair, poisson], delta: 0.1), "publishing everything", "well below 0.05"),
      (
        refusal([fair, poisson], clients: 8, epsilon: 0.05), "single coordinate", "clients a round"
      ),
      (refusal([fair, poisson], sgd: true), "sends more than one", "fedsgd"),
      (
        refusal([fair, try WeightedSampling(WeightedSampling.Parameters())]),
        "no amplification is proven",
        "poisson-sampling"
      ),
    ]
    for (message, reason, remedy) in cases {
      #expect(message?.contains(reason) == true, "\(message ?? "runs"): \(reason)")
      #expect(message?.contains(remedy) == true, "\(message ?? "runs"): \(remedy)")
    }
    #expect(refusal([fair, poisson]) == nil)
    #expect(refusal([FedSGD(weighting: .uniform), poisson], sgd: true) == nil)
  }

  @Test("guesses left out are a quarter of the canaries; too many are refused")
  func guesses() throws {
    for (canaries, guesses) in [(0, 0), (100, 25), (400, 100)] {
      var parameters = ClientLevelParameters()
      parameters.canaries = canaries
      #expect(try DPFedAvg(parameters).terms.guesses == guesses)
      parameters.guesses = canaries / 2 + 1
      #expect((try? DPFedAvg(parameters)) == nil)
    }
  }

  @Test("gradients are clipped to C, updates to C times the learning rate")
  func gradients() throws {
    var parameters = ClientLevelParameters()
    (parameters.noiseMultiplier, parameters.clippingNorm, parameters.canaries) = (0, 1e-3, 0)
    parameters.guesses = 0
    var federation = TinyFederation(
      clients: 20, rounds: 1, algorithm: [FedSGD(weighting: .uniform)],
      defense: [try DPFedSGD(parameters), Mean()])
    federation.threat = ThreatModel(attackers: 0)
    federation.learningRate = 0.25
    let record = try federation.run()
    federation.algorithm = [SendingTrainer { _, _, count in [Float](repeating: 0, count: count) }]
    federation.defense = [Mean()]
    let start = try federation.run().model
    // Gradients at one place all but agree, so the mean of the clipped ones is nearly as long.
    let norm = (record.model - start).norm
    #expect(norm <= 0.25e-3 * (1 + 1e-5) && norm > 0.1e-3)
  }

  // MARK: - The audit

  private func audited(
    noise: Double, rounds: Int, rate: Double = 1, delta: Double = 1e-3, seed: UInt64 = 3,
    features: Int = 1024, clients: Int = 20
  ) throws -> PrivacyEvidence {
    var parameters = ClientLevelParameters()
    (parameters.noiseMultiplier, parameters.delta) = (noise, delta)
    (parameters.canaries, parameters.guesses) = (400, 100)
    let split = try TinyFederation.data(count: 40)
    func wide(_ examples: LabeledExamples) throws -> LabeledExamples {
      try LabeledExamples(
        features: (0..<examples.count).flatMap { index in
          [Float](repeating: examples.features(of: index)[0], count: features)
        }, labels: examples.labels, shape: [features], classes: 2)
    }
    let sampler: [any Component] = rate < 1 ? [try PoissonSampling(rate: rate)] : []
    return try #require(
      try Scenario(
        data: DataSplit(
          name: "wide", train: try wide(split.train), test: try wide(split.test), attribution: ""),
        shares: ClientShares((0..<clients).map { [2 * $0, 2 * $0 + 1] }),
        network: try Logistic().network(inputShape: [features], classes: 2),
        training: TrainingOptions(rounds: rounds, learningRate: 0.01),
        pipeline: try RoundPipeline(
          algorithm: [FedAvg(weighting: .uniform)] + sampler, transport: Plain(), attack: [],
          defense: [try DPFedAvg(parameters), Mean()]),
        threat: ThreatModel(attackers: 0), seed: seed
      ).run().evidence)
  }

  @Test("without noise the audit reports at least 4")
  func noNoise() throws {
    let evidence = try audited(noise: 0, rounds: 2, delta: 1e-5)
    let audit = try #require(evidence.audit)
    #expect(audit.epsilonLower >= 4 && audit.gaussianEpsilonLower >= 4, "\(audit)")
    #expect(evidence.epsilonUpper == nil && audit.truePositiveRateCap == nil)
    #expect(audit.guesses == 200 && audit.canaries == 400)
  }

  @Test("200 guesses about one round prove a good part of its epsilon, at confidence 95%")
  func power() throws {
    let shares = try (3..<8 as Range<UInt64>).map { seed in
      let evidence = try audited(noise: 1, rounds: 1, seed: seed)
      let audit = try #require(evidence.audit)
      return audit.gaussianEpsilonLower / (try #require(evidence.epsilonUpper))
    }
    // A seed's share is spread by 0.07 about 0.39.
    #expect(shares.reduce(0, +) / 5 > 0.3, "\(shares)")
  }

  @Test(
    "directions do not disturb each other: without noise every guess is right in 650 coordinates")
  func orthogonal() throws {
    let audit = try #require(
      try audited(noise: 0, rounds: 2, delta: 1e-5, features: 324, clients: 4).audit)
    #expect(audit.correct == 200 && audit.epsilonLower > 4.1, "\(audit)")
    let members = try #require(audit.members)
    let recognised = try #require(audit.recognised)
    #expect(Double(recognised) / Double(members) == audit.truePositiveRate)
    // 400 fair coins: within five deviations.
    #expect(abs(members - 200) < 50)
  }

  @Test("with noise the audit is below the account and the true positives below their cap")
  func withNoise() throws {
    for (noise, rounds, rate) in [(1.0, 1, 1.0), (2.0, 6, 0.5)] {
      let evidence = try audited(noise: noise, rounds: rounds, rate: rate)
      let audit = try #require(evidence.audit)
      let upper = try #require(evidence.epsilonUpper)
      #expect(audit.epsilonLower <= upper && audit.gaussianEpsilonLower <= upper)
      // 400 canaries: four standard errors of a rate are 0.15 at most.
      let cap = try #require(audit.truePositiveRateCap)
      #expect(audit.falsePositiveRate <= 0.1 && audit.truePositiveRate <= cap + 0.15)
    }
  }
}
