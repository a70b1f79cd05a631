import Learning
import Randomness
import Tensors

/// Clients with Gaussian images or random tokens, random labels, and everything to train them.
struct Clients: Sendable {
  let network: Network
  let start: Vector
  /// One data set a client.
  let data: [LabeledExamples]

  /// `count` clients of `examples` examples each.
  init(
    model: String, shape: [Int] = [1, 28, 28], classes: Int = 10, count: Int, examples: Int
  ) throws {
    try self.init(
      of: makeNetwork(model, shape: shape, classes: classes), count: count, examples: examples)
  }

  /// `count` clients of `examples` examples each, for a network of any origin.
  init(of network: Network, count: Int, examples: Int) throws {
    self.network = network
    var generator = Generator(seed: 1)
    start = network.initialParameters(using: &generator)
    data = try (0..<count).map { client in
      var generator = generator.fork("client", UInt64(client))
      let features = (0..<(examples * network.inputs)).map { _ in
        if case .embedding(let vocabulary, _) = network.layers[0] {
          Float(generator.uniform(below: vocabulary))
        } else {
          Float(generator.normal())
        }
      }
      let labels = (0..<examples).map { _ in Int32(generator.uniform(below: network.classes)) }
      return try LabeledExamples(
        features: features, labels: labels, shape: network.inputShape, classes: network.classes)
    }
  }

  /// Trains one client for an epoch from the common start, as a round does.
  func train(
    _ client: Int, batch: Int, workspace: Workspace, generator: inout Generator
  ) throws(LearningError) {
    var parameters = start
    let summary = try trainSGD(
      network: network, parameters: &parameters, examples: data[client % data.count], epochs: 1,
      batchSize: batch, options: SGDOptions(learningRate: 0.01), workspace: workspace,
      generator: &generator)
    precondition(summary.isFinite, "training diverged")
  }
}
