import Accounting
import Learning
import PrivateTraining
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Private training")
struct TrainerTests {
  /// The judge: one example's gradient at a time, in double precision, added up in order.
  private func plainStep(
    _ problem: PrivateProblem, _ batch: [Int], at parameters: [Double], norm: Double
  ) throws -> [Double] {
    let workspace = Workspace(for: problem.network)
    var sum = [Double](repeating: 0, count: parameters.count)
    for index in batch {
      var gradient = sum
      _ = try problem.network.lossAndGradient(
        parameters: parameters, examples: problem.examples, batch: [index], workspace: workspace,
        gradient: &gradient)
      let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for place in sum.indices { sum[place] += min(1, norm / length) * gradient[place] }
    }
    return sum.map { $0 / Double(problem.options.batchSize) }
  }

  @Test("without noise a step is the plain formula's, for any micro-batch")
  func formula() throws {
    let generator = testGenerator()
    var own = generator
    var problem = try PrivateProblem(count: 200, batchSize: 70, noise: 0, using: &own)
    problem.options.clipping = .flat(norm: 0.3)
    for size in [1, 7, 64] {
      problem.options.microBatch = size
      let record = try problem.records(1, generator)[0]
      #expect((40...100).contains(record.batch.count))
      let wanted = try plainStep(
        problem, record.batch, at: problem.start.array.map(Double.init), norm: 0.3)
      #expect(largestDifference(record.released.map(Double.init), wanted) < 1e-7)
    }
  }

  @Test("SGD and Adam take the noisy gradient as any other; averages follow their recursion")
  func optimizers() throws {
    let generator = testGenerator()
    var own = generator
    var problem = try PrivateProblem(using: &own)
    problem.options.averaging = 0.8
    for optimizer in [
      OptimizerOptions(learningRate: 0.2, momentum: 0.9),
      OptimizerOptions(.adam(), learningRate: 0.01),
    ] {
      problem.options.optimizer = optimizer
      let records = try problem.records(12, generator)
      var trainer = try problem.trainer(generator)
      var parameters = problem.start
      var wanted = problem.start
      var state = OptimizerState<Float>(for: problem.network, options: optimizer)
      var average: [Double] = []
      for (step, record) in records.enumerated() {
        #expect(try trainer.step(&parameters))
        try problem.network.update(
          &wanted, along: Vector(record.released), state: &state, options: optimizer)
        #expect(parameters.array == wanted.array)
        let share = min(0.8, Double(1 + step) / Double(10 + step))
        let now: [Double] = wanted.array.map { Double($0) }
        if step == 0 { average = now }
        for place in now.indices {
          average[place] = share * average[place] + (1 - share) * now[place]
        }
      }
      let averaged: [Double] = try #require(trainer.averaged).array.map { Double($0) }
      #expect(largestDifference(averaged, average) < 1e-6)
    }
  }

  @Test("a step is charged before it is taken, and none is taken that the budget does not allow")
  func budget() throws {
    let generator = testGenerator()
    var own = generator
    let problem = try PrivateProblem(batchSize: 12, using: &own)
    var trainer = try problem.trainer(generator, budget: 3)
    var parameters = problem.start
    var steps = 0
    while try trainer.step(&parameters) { steps += 1 }
    let event = try PrivacyEvent(.gaussian(noiseMultiplier: 1), sampling: .poisson(rate: 0.1))
    let accountant = PLDAccountant()
    #expect(steps > 5)
    let taken = try event.repeated(steps)
    #expect(trainer.event == event && trainer.filter.events == [taken])
    #expect(try accountant.epsilon(delta: 1e-5, of: [taken]).upper <= 3)
    let oneMore = try event.repeated(steps + 1)
    #expect(try accountant.epsilon(delta: 1e-5, of: [oneMore]).upper > 3)
    let before = parameters
    #expect(try !trainer.step(&parameters))
    #expect(parameters.array == before.array && trainer.steps == steps)
    let report = try trainer.report(delta: 1e-5)
    #expect(report.randomness == "seeded" && report.accountant == "pld")
    let exact = try accountant.epsilon(delta: 1e-5, of: trainer.filter.events).upper
    #expect(report.epsilon.upper >= exact && report.epsilon.upper < exact * (1 + 1e-6))
  }

  @Test("what was spent before counts, and releases of other kinds share the budget")
  func shared() throws {
    let step = try PrivacyEvent(.gaussian(noiseMultiplier: 1), sampling: .poisson(rate: 0.1))
    let metric = try PrivacyEvent(.laplace(noiseMultiplier: 20))
    var fresh = try PrivacyFilter(epsilon: 2, delta: 1e-5)
    var used = fresh
    #expect(try used.spend(metric.repeated(25)))
    func count(_ filter: inout PrivacyFilter) throws -> Int {
      var count = 0
      while try filter.spend(step) { count += 1 }
      return count
    }
    let (all, fewer) = (try count(&fresh), try count(&used))
    #expect(all > fewer && fewer > 0)
    #expect(try fresh.spent().upper <= 2)
    #expect(try used.spent().upper <= 2)
    #expect(try !used.spend(step))
    #expect(try used.spend(metric.repeated(0)))
    var unlimited = try PrivacyFilter(epsilon: .infinity, delta: 1e-5)
    #expect(try unlimited.spend(PrivacyEvent(.nonPrivate)))
    #expect(try unlimited.spent().upper == .infinity)
    var strict = try PrivacyFilter(epsilon: 8, delta: 1e-5)
    #expect(try !strict.spend(PrivacyEvent(.nonPrivate)))
    #expect(strict.events.isEmpty)
    #expect(throws: AccountingError.self) {
      try used.spend(PrivacyEvent(.gaussian(noiseMultiplier: 1), adjacency: .zeroOut))
    }
  }

  @Test("a target is met before the run, and nearly used up, for every way of drawing")
  func target() throws {
    var generator = testGenerator()
    let problem = try PrivateProblem(using: &generator)
    for sampling in [BatchScheme.poisson, .truncated(cap: 45), .shuffled, .cyclic(groups: 3)] {
      var options = problem.options
      options.sampling = sampling
      let noise = try PrivacyTarget.noiseMultiplier(
        epsilon: 3, delta: 1e-5, steps: 40, population: 120, dimension: 81, options: options)
      options.noiseMultiplier = noise
      let event = try options.events(steps: 40, population: 120)
      let epsilon = try PLDAccountant().epsilon(delta: 1e-5, of: [event]).upper
      #expect(epsilon <= 3 && epsilon > 2.99, "\(sampling)")
      #expect(event.adjacency == (sampling == .shuffled ? .zeroOut : .addRemove))
    }
  }

  /// Published in the anchors: 14,062 steps at rate 256/60,000 with noise of multiplier 0.968.
  @Test("the noise for epsilon 3 of MNIST's training is the published one")
  func published() throws {
    let options = PrivateTrainingOptions(
      batchSize: 256, noiseMultiplier: 1, optimizer: OptimizerOptions(learningRate: 0.1))
    let noise = try PrivacyTarget.noiseMultiplier(
      epsilon: 3, delta: 1e-5, steps: 14_062, population: 60_000, dimension: 431_080,
      options: options)
    #expect(isClose(noise, 0.968, tolerance: 1e-3))
  }

  @Test("adaptive clipping moves its norm to the quantile, and pays for its counts")
  func adaptive() throws {
    let generator = testGenerator()
    var own = generator
    var problem = try PrivateProblem(batchSize: 60, noise: 0.5, using: &own)
    problem.options.optimizer.learningRate = 0
    problem.options.clipping = .adaptive(AdaptiveClipping(norm: 40, quantile: 0.3))
    let norms = try problem.network.perExampleNorms(
      parameters: problem.start, examples: problem.examples, batch: Array(0..<120),
      workspace: Workspace(for: problem.network)
    ).sorted()
    var trainer = try problem.trainer(generator)
    var parameters = problem.start
    for _ in 0..<150 { _ = try trainer.step(&parameters) }
    #expect(trainer.clippingNorm > norms[20] && trainer.clippingNorm < norms[60])
    // Sum and counts together: (z'^-2 + (2 s)^-2)^(-1/2) is what the ledger was told.
    #expect(trainer.event.mechanism == .gaussian(noiseMultiplier: 0.5))
    problem.options.noiseMultiplier = 5
    let noise = try problem.records(10, generator).flatMap { record in
      zip(record.noised, record.sum).map { Double($0 - $1) * record.gridStep }
    }
    let wanted = 1 / (1.0 / 25 - 1 / (4 * 3.0 * 3)).squareRoot()
    let deviation = (noise.reduce(0) { $0 + $1 * $1 } / Double(noise.count)).squareRoot()
    // 750 values: a false alarm in 1e-5. Had it 5, there would be no room for the counts.
    #expect(wanted > 9 && deviation > wanted * 0.88 && deviation < wanted * 1.13)
    problem.options.noiseMultiplier = 7
    #expect(throws: PrivateTrainingError.self) { try problem.trainer(generator) }
  }

  @Test("what voids the guarantee is refused, with the reason and what would work")
  func refusals() throws {
    var generator = testGenerator()
    let problem = try PrivateProblem(using: &generator)
    func message(_ change: (inout PrivateProblem) throws -> Void) throws -> String {
      var problem = problem
      try change(&problem)
      do {
        _ = try problem.trainer(generator)
        return "nothing"
      } catch {
        return "\(error)"
      }
    }
    let batchNorm = try message {
      $0.network = try Network(input: [8], [.dense(outputs: 4), .batchNorm(), .dense(outputs: 3)])
    }
    #expect(batchNorm.contains("whole batch") && batchNorm.contains("group norm"))
    #expect(try message { $0.options.batchSize = 121 }.contains("batch-size 121"))
    #expect(try message { $0.options.batchSize = 0 }.contains("batch-size 0"))
    #expect(try message { $0.options.sampling = .truncated(cap: 3) }.contains("cap 3"))
    #expect(try message { $0.options.sampling = .cyclic(groups: 1) }.contains("groups 1"))
    #expect(try message { $0.options.sampling = .cyclic(groups: 5) }.contains("4 batches of 30"))
    #expect(try message { $0.options.noiseMultiplier = -1 }.contains("noise-multiplier -1"))
    #expect(try message { $0.options.noiseMultiplier = .nan }.contains("noise-multiplier nan"))
    #expect(try message { $0.options.clipping = .flat(norm: 0) }.contains("clipping-norm 0"))
    #expect(try message { $0.options.clipping = .flat(norm: .nan) }.contains("clipping-norm nan"))
    #expect(try message { $0.options.averaging = 1 }.contains("averaging 1"))
    #expect(try message { $0.options.microBatch = 65 }.contains("micro-batch 65"))
    #expect(
      try message { $0.options.augmentation = Augmentation(multiplicity: 2, flips: true) }
        .contains("no images"))
    #expect(try message { _ in } == "nothing")
    for (delta, word) in [(0.1, "at random"), (0.0, "above 0"), (1.5, "below 1")] {
      do {
        try PrivacyTarget.check(delta: delta, population: 120)
        Issue.record("\(delta) was accepted")
      } catch {
        #expect("\(error)".contains(word))
      }
    }
  }

  @Test("an example that is not finite adds zero and is counted")
  func counts() throws {
    let generator = testGenerator()
    var own = generator
    var problem = try PrivateProblem(batchSize: 120, noise: 0, using: &own)
    let clean = try problem.records(1, generator)[0]
    var features = problem.examples.features
    for place in 0..<16 { features[place] = .nan }
    problem.examples = try LabeledExamples(
      features: features, labels: problem.examples.labels, shape: [8], classes: 3)
    var trainer = try problem.trainer(generator)
    var parameters = problem.start
    _ = try trainer.step(&parameters)
    #expect(trainer.excluded == 2 && parameters.isFinite)
    let record = try problem.records(1, generator)[0]
    #expect(record.batch == clean.batch && record.sum != clean.sum)
  }

  @Test("views of an image: moved by whole pixels, mirrored, averaged before the clip")
  func augmentation() throws {
    var generator = testGenerator()
    let image = try LabeledExamples(
      features: [1, 2, 3, 4, 5, 6, 7, 8, 9], labels: [0], shape: [1, 3, 3], classes: 2)
    let views = Augmentation(multiplicity: 300, shift: 1, flips: true)
    let seen = Set(
      try (0..<views.multiplicity).map { _ in
        try Augmentation(multiplicity: 1, shift: 1, flips: true)
          .views(of: 0, in: image, using: &generator).features
      })
    #expect(seen.count == 18)
    #expect(
      seen.contains([1, 2, 3, 4, 5, 6, 7, 8, 9]) && seen.contains([3, 2, 1, 6, 5, 4, 9, 8, 7]))
    #expect(seen.contains([0, 0, 0, 0, 1, 2, 0, 4, 5]))
    // One view, not moved, is the example itself.
    var own = testGenerator()
    var problem = try PrivateProblem(batchSize: 120, noise: 0, using: &own)
    problem.options.clipping = .flat(norm: 0.2)
    let plain = try problem.records(1, generator)[0].released
    problem.options.augmentation = Augmentation(multiplicity: 1)
    let alone = try problem.records(1, generator)[0].released
    #expect(largestDifference(plain.map(Double.init), alone.map(Double.init)) < 1e-7)
  }
}
