import Algorithms
import Components
import Datasets
import Defenses
import Federation
import Learning
import Randomness

/// Logistic regression on the digits, ten clients of which three collude, 25 rounds: small, but real.
struct DigitsFederation {
  /// The concentration of the Dirichlet label skew; nil shares out evenly at random.
  var alpha: Double?
  var attack: [any Component] = []
  var defense: [any Component] = [Mean()]
  var attackers = 3

  static let seeds: [UInt64] = [1, 2, 3]

  func scenario(seed: UInt64) throws -> Scenario {
    let root = Generator(seed: seed)
    var data = root.fork("data")
    var shares = root.fork("partition")
    let split = try Digits().load(using: &data)
    let partition: any Partition =
      if let alpha {
        try DirichletPartition(DirichletPartition.Parameters(clients: 10, alpha: alpha))
      } else {
        try IID(IID.Parameters(clients: 10))
      }
    return Scenario(
      data: split,
      shares: try partition.assign(split.pool, using: &shares),
      network: try Logistic().network(
        inputShape: split.train.shape, classes: split.train.classes),
      training: TrainingOptions(
        rounds: 25, epochs: 1, batchSize: 10, learningRate: 0.2, evaluateEvery: 5),
      pipeline: try RoundPipeline(
        algorithm: [FedAvg(weighting: .uniform)], transport: Plain(), attack: attack,
        defense: defense),
      threat: ThreatModel(attackers: attackers), seed: seed)
  }

  /// The mean over the seeds of the accuracy after the last round, in [0, 1].
  func accuracy() throws -> Double {
    let accuracies = try Self.seeds.map { try scenario(seed: $0).run().finalAccuracy }
    return accuracies.reduce(0, +) / Double(accuracies.count)
  }
}
