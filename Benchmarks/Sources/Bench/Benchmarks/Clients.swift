import Components
import Learning
import Randomness
import Tensors

/// Clients with Gaussian images and random labels, and everything to train them.
struct Clients: Sendable {
  let network: Network
  let start: Vector
  /// One data set a client.
  let data: [LabeledExamples]

  /// `count` clients of `examples` examples each.
  init(
    model: String, shape: [Int] = [1, 28, 28], classes: Int = 10, count: Int, examples: Int
  ) throws {
    network = try makeNetwork(model, shape: shape, classes: classes)
    var generator = Generator(seed: 1)
    start = network.initialParameters(using: &generator)
    let width = shape.reduce(1, *)
    data = try (0..<count).map { client in
      var generator = generator.fork("client", UInt64(client))
      let features = (0..<(examples * width)).map { _ in Float(generator.normal()) }
      let labels = (0..<examples).map { _ in Int32(generator.uniform(below: classes)) }
      return try LabeledExamples(
        features: features, labels: labels, shape: shape, classes: classes)
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

/// The network of a model of the catalogue with its default parameters.
func makeNetwork(_ model: String, shape: [Int], classes: Int) throws -> Network {
  try modelFamily(model).network(inputShape: shape, classes: classes)
}

/// The shape to which a model of the catalogue resizes images of `shape`.
func preparedShape(_ model: String, of shape: [Int]) throws -> [Int] {
  try modelFamily(model).preparedShape(shape)
}

/// A model of the catalogue with its default parameters.
private func modelFamily(_ model: String) throws -> any ModelFamily {
  func make<Family: ModelFamily>(_ family: Family.Type) throws -> any ModelFamily {
    try Family(Family.defaults)
  }
  guard let family = modelCatalogue.first(where: { $0.card.name == model }) else {
    throw BenchError.failure("there is no model '\(model)'")
  }
  return try make(family)
}

/// Whether the catalogue has this model.
func hasModel(_ model: String) -> Bool { modelCatalogue.contains { $0.card.name == model } }
