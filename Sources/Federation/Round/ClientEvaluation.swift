internal import Datasets
internal import Learning
internal import Tensors

/// How well honest clients do with the models they use, each on the test data of its own world.
///
/// A client's test data is everybody's, shifted as the client's examples are, each class weighed by
/// its share among the client's training examples: what a test set of its own distribution would show
/// in expectation, without splitting the test data up. Classes that the test data lacks do not count.
struct ClientEvaluation: Sendable {
  /// Means over clients.
  struct Result {
    var accuracy: Double
    var loss: Double
    /// The accuracy of the client that does worst.
    var worst: Double
    /// The mean accuracy of the tenth of the clients that do worst, at least one.
    var worstTenth: Double
  }

  private let test: LabeledExamples
  private let shares: ClientShares
  /// For each client, the weight of each class as the client labels it.
  private let weights: [[Double]]
  /// Honest clients.
  let clients: [Int]

  init(_ scenario: Scenario, colluders: Collusion) throws {
    test = scenario.data.test
    shares = scenario.shares
    let classes = test.classes
    // Where everybody colludes at some time, everybody counts.
    let honest = scenario.shares.indices.indices.filter { !colluders.includes($0) }
    let clients = honest.isEmpty ? Array(scenario.shares.indices.indices) : honest
    self.clients = clients
    weights = try scenario.shares.indices.indices.map { client in
      guard clients.contains(client) else { return [] }
      let own = try scenario.shares.examples(of: client, in: scenario.data.train)
      var counts = [Double](repeating: 0, count: classes)
      for label in own.labels { counts[Int(label)] += 1 }
      return counts
    }
  }

  /// Accuracy and loss of `client` with this model; nil if the test data has none of its classes.
  func evaluate(
    _ model: Vector, client: Int, network: Network, workspace: Workspace
  ) throws -> (accuracy: Double, loss: Double)? {
    let examples = try shares.asMet(by: client, test)
    let predictions = try network.predict(
      parameters: model, on: examples, workspace: workspace)
    let counts = examples.labelCounts
    var total = 0.0
    for (weight, count) in zip(weights[client], counts) where count > 0 { total += weight }
    guard total > 0 else { return nil }
    var accuracy = 0.0
    var loss = 0.0
    for (index, label) in examples.labels.enumerated() {
      let weight = weights[client][Int(label)] / (total * Double(counts[Int(label)]))
      guard weight > 0 else { continue }
      if predictions.classes[index] == label { accuracy += weight }
      loss += weight * predictions.losses[index]
    }
    return (accuracy, loss)
  }

  /// The accuracy of the honest client that does worst, where all use one model in one world, nil if
  /// the test data has nobody's classes; and the share of each class's test examples that the model
  /// recognises. One pass over the test data, however many clients.
  static func worst(
    of model: Vector, in scenario: Scenario, colluders: Collusion, workspace: Workspace
  ) throws -> (client: Double?, recalls: [Double?]) {
    let test = scenario.data.test
    let predictions = try scenario.network.predict(
      parameters: model, on: test, workspace: workspace)
    let counts = test.labelCounts
    var correct = [Double](repeating: 0, count: test.classes)
    for (index, label) in test.labels.enumerated() where predictions.classes[index] == label {
      correct[Int(label)] += 1
    }
    let recalls = zip(correct, counts).map { $1 > 0 ? $0 / Double($1) : nil }
    let labels = scenario.data.train.labels
    var worst: Double?
    let members = scenario.shares.indices.indices
    let honest = members.filter { !colluders.includes($0) }
    for client in honest.isEmpty ? Array(members) : honest {
      var (right, total) = (0.0, 0.0)
      for example in scenario.shares.indices[client] {
        let label = Int(labels[example])
        guard let recall = recalls[label] else { continue }
        right += recall
        total += 1
      }
      if total > 0 { worst = min(worst ?? 1, right / total) }
    }
    return (worst, recalls)
  }

  /// The means over the results of clients, at least one.
  static func summary(_ results: [(accuracy: Double, loss: Double)]) -> Result {
    let count = Double(results.count)
    let sorted = results.map(\.accuracy).sorted()
    let tenth = sorted.prefix(max(1, sorted.count / 10))
    return Result(
      accuracy: sorted.reduce(0, +) / count, loss: results.reduce(0) { $0 + $1.loss } / count,
      worst: sorted.first ?? 0,
      worstTenth: tenth.reduce(0, +) / Double(tenth.count))
  }
}
