import Components
import Datasets
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// What the papers claim, at a small scale on the embedded digits.
@Suite("Scenarios of gradient inversion")
struct ScenarioTests {
  private let digits: DigitBatches
  private let shape: ImageShape

  init() throws {
    var generator = testGenerator(name: "scenarios")
    // Open enough that 400 steps recover a digit: two convolutions without a bottleneck.
    let network = try Network(
      input: [1, 8, 8],
      [
        .convolution(Convolution(outputs: 6, kernel: 3, padding: 1)), .activation(.sigmoid),
        .convolution(Convolution(outputs: 6, kernel: 3, padding: 1)), .activation(.sigmoid),
        .flatten, .dense(outputs: 10),
      ], initialBound: 0.5)
    digits = try DigitBatches(&generator, network: network)
    shape = try ImageShape([1, 8, 8])
  }

  private func settings(steps: Int) -> AttackSettings {
    var settings = InversionPreset.invertingGradients.settings
    (settings.labels, settings.steps) = (.known, steps)
    settings.priors = [.totalVariation(1e-4)]
    return settings
  }

  private func psnr(
    _ attack: AttackSettings, _ problem: InversionProblem, of indices: [Int]
  ) throws -> Double {
    let found = try GradientMatchingAttack(attack).run(on: problem, using: testGenerator())
    let score = try BatchScore(
      of: found.inputs, against: indices.map { digits.examples.features(of: $0) }, shape: shape)
    return try #require(score.psnr).median
  }

  private func gray(_ indices: [Int]) throws -> Double {
    let score = try BatchScore(
      of: indices.map { _ in ReconstructionBaseline.gray(shape) },
      against: indices.map { digits.examples.features(of: $0) }, shape: shape)
    return try #require(score.psnr).median
  }

  /// A client's update after plain SGD steps on these batches in order.
  private func update(_ batches: [[Int]], rate: Double) throws -> ObservedUpdate {
    let end = try Unrolling<Float>(
      network: digits.network, options: SGDOptions(learningRate: rate),
      workspace: Workspace(for: digits.network, batchSize: 4)
    ).train(from: digits.parameters, on: batches.map { try digits.examples.batch($0) })
    return try ObservedUpdate(end - digits.parameters, unit: .delta)
  }

  @Test("differentiating through local steps sees more than taking the update for a gradient")
  func unrolled() throws {
    let indices = [0, 1]
    // Four epochs: the weights move, so that later gradients are others.
    let observed = try update((0..<4).flatMap { _ in [[0], [1]] }, rate: 0.02)
    let problem = try InversionProblem(
      network: digits.network, parameters: digits.parameters, observed: observed,
      knowledge: AttackerKnowledge(
        batchSize: 2, labels: .known(digits.labels(indices)),
        training: LocalTraining(rate: 0.02, batchSizes: [Int](repeating: 1, count: 8), epochs: 4),
        knowsOrder: true, inputRange: .unit(channels: 1)))
    var through = settings(steps: 300)
    let plain = try psnr(through, problem, of: indices)
    through.flow = .unroll
    let unrolled = try psnr(through, problem, of: indices)
    #expect(unrolled > plain + 15, "\(unrolled) \(plain)")
    #expect(try unrolled > gray(indices) + 15)
  }

  @Test("dummies by epoch need no order: epochs in different orders, labels from the update")
  func epochs() throws {
    let indices = [3, 4, 5, 6]
    let observed = try update([[3, 4], [5, 6], [6, 3], [4, 5]], rate: 0.005)
    let knowledge = AttackerKnowledge(
      batchSize: 4, training: try LocalTraining(rate: 0.005, batchSizes: [2, 2, 2, 2], epochs: 2),
      inputRange: try .unit(channels: 1))
    let problem = try InversionProblem(
      network: digits.network, parameters: digits.parameters, observed: observed,
      knowledge: knowledge)
    #expect(InversionPreset.fedAvgEpochs.needs.isSubset(of: knowledge.capabilities))
    let found = try psnr(InversionPreset.fedAvgEpochs.settings, problem, of: indices)
    #expect(try found > gray(indices) + 6, "\(found)")
    var generator = testGenerator()
    let labels = try problem.labels(
      from: .recovered(.dimitrov), examples: 4, using: &generator)
    let counts = try LabelCounts(of: #require(labels), classes: 10)
    let truth = try LabelCounts(of: digits.labels(indices), classes: 10)
    #expect(try LabelOverlap.share(counts: truth.counts, recovered: counts.counts) >= 0.75)
  }

  @Test("a larger batch is harder, and never the same as none")
  func batches() throws {
    var results: [Double] = []
    for size in [1, 4] {
      let indices = Array(10..<(10 + size))
      let gradient = try digits.gradient(digits.batch(indices))
      let problem = try InversionProblem(
        network: digits.network, parameters: digits.parameters,
        observed: ObservedUpdate(gradient, unit: .gradient),
        knowledge: AttackerKnowledge(
          batchSize: size, labels: .known(digits.labels(indices)),
          inputRange: .unit(channels: 1)))
      results.append(try psnr(settings(steps: 400), problem, of: indices))
      #expect(try results[results.count - 1] > gray(indices))
    }
    #expect(results[0] > results[1] + 3, "\(results)")
  }

  @Test("fishing by class makes a batch of 16 as open as a batch of 1")
  func fishing() throws {
    let indices = Array(0..<16)
    let labels = digits.labels(indices)
    let chosen = try #require(
      indices.first { at in labels.count { $0 == labels[at] } == 1 })
    let target = Int(labels[chosen])
    let planted = try Fishing.byClass(
      target, parameters: digits.parameters, network: digits.network)
    func attack(_ weights: Vector, mask: MatchingObjective.Mask) throws -> Double {
      let gradient = try digits.gradient(digits.batch(indices), at: weights)
      let problem = try InversionProblem(
        network: digits.network, parameters: weights,
        observed: ObservedUpdate(gradient, unit: .gradient),
        knowledge: AttackerKnowledge(
          batchSize: 1, labels: .known([Int32(target)]), inputRange: .unit(channels: 1),
          mayModifyWeights: true))
      var settings = settings(steps: 400)
      settings.objective.mask = mask
      return try psnr(settings, problem, of: [chosen])
    }
    let fished = try attack(planted, mask: .without(tensors: ["fc1.weight", "fc1.bias"]))
    let honest = try attack(digits.parameters, mask: .everything)
    #expect(fished > honest + 15, "\(fished) \(honest)")
    #expect(try fished > gray([chosen]) + 6)
  }

  @Test("the client's batch statistics help where a distance alone does not decide")
  func statistics() throws {
    var generator = testGenerator()
    let network = try Network(
      input: [1, 8, 8],
      [
        .convolution(Convolution(outputs: 6, kernel: 3, stride: 2, padding: 1)), .batchNorm(),
        .activation(.sigmoid), .flatten, .dense(outputs: 10),
      ])
    let parameters = network.initialParameters(using: &generator)
    let indices = [20, 21, 22, 23]
    let batch = try digits.batch(indices)
    let mode = PassMode.training(noise: testGenerator(1))
    let gradient = try SmallProblem.gradient(network, parameters, batch, mode: mode)
    var after = parameters
    try trainSGD(
      network: network, parameters: &after, examples: digits.examples.subset(indices), epochs: 1,
      batchSize: 4, options: SGDOptions(learningRate: 0.1), workspace: Workspace(for: network),
      generator: &generator)
    // The client sent its running statistics along, which give those of the batch away.
    let known = AttackerKnowledge(
      batchSize: 4, labels: .known(digits.labels(indices)), inputRange: try .unit(channels: 1),
      batchStatistics: try .init(
        inferredFrom: parameters, after, network: network, batchSize: 4))
    func attack(_ knowledge: AttackerKnowledge) throws -> Double {
      let problem = try InversionProblem(
        network: network, parameters: parameters,
        observed: ObservedUpdate(gradient, unit: .gradient), knowledge: knowledge, mode: mode)
      var settings = settings(steps: 400)
      settings.priors = [.totalVariation(1e-4), .batchNorm(1e-2)]
      return try psnr(settings, problem, of: indices)
    }
    let with = try attack(known)
    let without = try attack(known.without(.batchStatistics, classes: 10))
    #expect(with > without + 10, "\(with) \(without)")
  }

  @Test("a ladder takes away one thing after another, and says where the attack cannot follow")
  func ladder() throws {
    let indices = [30]
    let problem = try InversionProblem(
      network: digits.network, parameters: digits.parameters,
      observed: ObservedUpdate(digits.gradient(digits.batch(indices)), unit: .gradient),
      knowledge: AttackerKnowledge(
        batchSize: 1, labels: .known(digits.labels(indices)), inputRange: .unit(channels: 1)))
    let ladder = KnowledgeLadder(
      GradientMatchingAttack(settings(steps: 60)), on: problem,
      removing: [
        .exampleLabels, .batchOrder, .labelCounts, .inputNormalisation, .batchSize,
      ], using: testGenerator())
    #expect(
      ladder.rungs.map(\.removed) == [
        nil, .exampleLabels, .labelCounts, .inputNormalisation, .batchSize,
      ])
    #expect(ladder.rungs.last?.capabilities == [])
    // One label is read off the gradient exactly, so the first three rungs are one attack.
    let results = ladder.rungs.map { try? $0.result.get() }
    #expect(results[0] != nil && results[0] == results[1] && results[1] == results[2])
    #expect(results[3] != nil && results[3] != results[2])
    guard case .failure(let refusal) = ladder.rungs[4].result else {
      Issue.record("nobody knows how many examples to look for")
      return
    }
    #expect(refusal.description.contains("the batch size"))
  }
}
