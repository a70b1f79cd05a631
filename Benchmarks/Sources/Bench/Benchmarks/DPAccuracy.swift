import Accounting
import Datasets
import Foundation
import Harness
import Learning
import PrivateTraining
import Randomness
import Tensors

/// The same private recipe here and in Opacus: what does a model know in the end?
enum DPAccuracyBenchmark: Benchmark {
  static let name = "dp-accuracy"
  static let summary = "DP-SGD on procedural images at epsilon 1, 3 and 8, ten paired seeds; Opacus"

  private static let delta = 1e-5
  private static let batch = 250
  private static let epochs = 8
  private static let rate = 0.5

  static func run(in session: Session) throws {
    let seeds = session.isSmoke ? 1 : 10
    let world =
      try session.isSmoke
      ? World(examples: 500, tests: 100) : World(examples: 5000, tests: 4000)
    let steps = session.isSmoke ? 2 : epochs * world.train.count / batch
    for epsilon in [1.0, 3, 8] {
      var options = PrivateTrainingOptions(
        batchSize: batch, noiseMultiplier: 1, optimizer: OptimizerOptions(learningRate: rate))
      options.noiseMultiplier = try PrivacyTarget.noiseMultiplier(
        epsilon: epsilon, delta: delta, steps: steps, population: world.train.count,
        dimension: world.network.parameterCount, options: options)
      let label = "epsilon \(Figure.plain(epsilon)), \(steps) steps"
      let ours = try (0..<seeds).map { try world.train(options, steps: steps, seed: $0) }
      let mean = ours.reduce(0, +) / Double(seeds)
      guard session.peers.absence == nil else {
        session.check(label, outcome: .absent, "ours \(Figure.plain(100 * mean))%; no Opacus")
        continue
      }
      let theirs = try (0..<seeds).map {
        try world.ask(session.peers, options, steps: steps, seed: $0)
      }
      session.judge(label, ours, theirs)
    }
  }

  /// Images, a network, and both ways to train it.
  private struct World {
    let train: LabeledExamples
    let test: LabeledExamples
    let network: Network

    init(examples: Int, tests: Int) throws {
      var parameters = Handwriting.defaults
      (parameters.examples, parameters.testExamples) = (examples, tests)
      var source = Generator(seed: 5).fork("data")
      let split = try Handwriting(parameters).load(using: &source)
      (train, test) = (split.train, split.test)
      network = try makeNetwork("mlp", shape: train.shape, classes: train.classes)
    }

    func start(_ seed: Int) -> Vector {
      var generator = Generator(seed: UInt64(seed)).fork("initialization")
      return network.initialParameters(using: &generator)
    }

    /// Test accuracy after a private training of ours.
    func train(_ options: PrivateTrainingOptions, steps: Int, seed: Int) throws -> Double {
      var trainer = try PrivateTrainer(
        network: network, examples: train, options: options,
        filter: PrivacyFilter(epsilon: .infinity, delta: delta),
        randomness: .seeded(Generator(seed: UInt64(seed))))
      var weights = start(seed)
      for _ in 0..<steps { _ = try trainer.step(&weights) }
      return try network.evaluate(
        parameters: weights, on: test, workspace: Workspace(for: network)
      ).accuracy
    }

    /// Test accuracy after the same by Opacus, from the same weights.
    func ask(
      _ peers: Peers, _ options: PrivateTrainingOptions, steps: Int, seed: Int
    ) throws -> Double {
      let exchange = try ReferenceExchange(
        model: "mlp", network: network, parameters: start(seed), examples: train)
      defer { exchange.remove() }
      try exchange.write(test.features, "test-x")
      try exchange.write(test.labels.map { Float($0) }, "test-y")
      var question = exchange.question("private_training", in: .float32)
      question.mode = "hooks"
      question.norm = 1
      question.noise = options.noiseMultiplier
      (question.batch, question.steps, question.rate) = (batch, steps, rate)
      question.seed = seed
      let answer = try peers.ask(question, for: [String: Double].self)
      guard let accuracy = answer["accuracy"] else {
        throw BenchError.failure("Opacus told no accuracy")
      }
      return accuracy
    }
  }
}

extension Session {
  /// Whether ours is at most a point worse, as far as the pairs say.
  fileprivate func judge(_ label: String, _ ours: [Double], _ theirs: [Double]) {
    let differences = zip(ours, theirs).map { 100 * ($0 - $1) }
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    let spread = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
    // Student's t at 95 percent, one-sided, for ten pairs.
    let lower = mean - 1.833 * (spread / count).squareRoot()
    func percent(_ values: [Double]) -> String {
      Figure.text(100 * values.reduce(0, +) / count)
    }
    check(
      label, outcome: isSmoke || lower > -1 ? .passed : .failed,
      "ours \(percent(ours))%, Opacus \(percent(theirs))%: \(Figure.text(mean)) points, lower 95% "
        + "bound \(Figure.text(lower)) (to be above -1)",
      values: ["difference": mean, "lower": lower])
  }
}
