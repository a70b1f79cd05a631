import Algorithms
import Components
import Datasets
import Federation
import Learning
import Tensors

/// Clients whose losses are parabolas, so that every algorithm's round has a closed form.
///
/// Client k holds one example with the single feature x_k, the model is w, the loss (w x_k - 1)²:
/// curvature a_k = 2 x_k², minimum c_k = 1 / x_k. One epoch is one step of gradient descent.
struct QuadraticFederation {
  var features: [Float] = [0.5, 1, 1.25]
  var training = TrainingOptions(
    rounds: 3, epochs: 5, batchSize: 1, learningRate: 0.1, evaluateEvery: 1)
  var algorithm: [any Component]
  var population: [any Component] = []
  var copies: [Int] = [1, 1, 1]

  func scenario(reader: LastRound = LastRound()) throws -> Scenario {
    let examples = try LabeledExamples(
      features: zip(features, copies).flatMap { Array(repeating: $0, count: $1) },
      labels: [Int32](repeating: 0, count: copies.reduce(0, +)), shape: [1], classes: 1)
    var start = 0
    let shares = copies.map { count in
      defer { start += count }
      return Array(start..<start + count)
    }
    return Scenario(
      data: DataSplit(name: "parabolas", train: examples, test: examples, attribution: "made up"),
      shares: ClientShares(shares),
      network: try Network(
        input: [1], [.dense(outputs: 1, bias: false)], loss: .meanSquaredError),
      training: training,
      pipeline: try RoundPipeline(
        population: population, algorithm: algorithm, transport: Plain(), attack: [Reader(reader)],
        defense: [PlainMean()]),
      threat: ThreatModel(attackers: 0), seed: 3)
  }

  /// Curvature and minimum of each client.
  var parabolas: [(a: Double, c: Double)] {
    features.map { (2 * Double($0) * Double($0), 1 / Double($0)) }
  }

  func start() throws -> Double {
    Double(SmallFederation.initialParameters(of: try scenario())[0])
  }
}
