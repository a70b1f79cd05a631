import Accounting
import Learning
import PrivateTraining
import Randomness
import Tensors
import TestSupport

/// A small classification problem and a training on it.
struct PrivateProblem {
  var network: Network
  var examples: LabeledExamples
  var options: PrivateTrainingOptions
  var start: Vector

  /// Normal clouds, one around a random centre for each class.
  init(
    count: Int = 120, features: Int = 8, classes: Int = 3, hidden: Int = 6, batchSize: Int = 30,
    noise: Double = 1, using generator: inout Generator
  ) throws {
    network = try Network(
      input: [features],
      [.dense(outputs: hidden), .activation(.tanh), .dense(outputs: classes)])
    let centres = (0..<classes * features).map { _ in Float(2 * generator.normal()) }
    let labels = (0..<count).map { Int32($0 % classes) }
    var values: [Float] = []
    for label in labels {
      for feature in 0..<features {
        values.append(centres[Int(label) * features + feature] + Float(generator.normal()))
      }
    }
    examples = try LabeledExamples(
      features: values, labels: labels, shape: [features], classes: classes)
    options = PrivateTrainingOptions(
      batchSize: batchSize, noiseMultiplier: noise, optimizer: OptimizerOptions(learningRate: 0.1))
    start = network.initialParameters(using: &generator)
  }

  /// A trainer with a budget of any size.
  func trainer(
    _ generator: Generator, budget: Double = .infinity, fault: TrainingFault? = nil
  ) throws -> PrivateTrainer {
    try PrivateTrainer(
      network: network, examples: examples, options: options,
      filter: PrivacyFilter(epsilon: budget, delta: 1e-5), randomness: .seeded(generator),
      fault: fault)
  }

  /// What `steps` steps did.
  func records(
    _ steps: Int, _ generator: Generator, fault: TrainingFault? = nil
  ) throws -> [StepRecord] {
    var trainer = try trainer(generator, fault: fault)
    let log = Log()
    trainer.recorder = { log.records.append($0) }
    var parameters = start
    for _ in 0..<steps { _ = try trainer.step(&parameters) }
    return log.records
  }

  private final class Log {
    var records: [StepRecord] = []
  }
}
