internal import Glibc
internal import Learning
internal import Randomness
internal import Tensors

/// A defender's own attacker: tells members from others by class probabilities, and by the label if
/// it is shown.
///
/// One hidden layer of 64 units, trained with Adam.
struct OutputClassifier {
  private let network: Network
  private var parameters: Vector
  private let classes: Int
  private let seesLabels: Bool
  private let workspace: Workspace

  init(classes: Int, seesLabels: Bool, using generator: inout Generator) throws {
    self.classes = classes
    self.seesLabels = seesLabels
    network = try Network(
      input: [seesLabels ? 2 * classes : classes], [.dense(outputs: 64), .relu, .dense(outputs: 2)])
    parameters = network.initialParameters(using: &generator)
    workspace = Workspace(for: network)
  }

  private func rows(_ probabilities: [Double], _ labels: [Int32]) -> [Float] {
    guard seesLabels else { return probabilities.map { Float($0) } }
    var rows: [Float] = []
    rows.reserveCapacity(2 * probabilities.count)
    for (row, label) in labels.enumerated() {
      rows += probabilities[(row * classes)..<((row + 1) * classes)].map { Float($0) }
      rows += (0..<classes).map { $0 == Int(label) ? 1 : 0 }
    }
    return rows
  }

  /// Trains on both kinds, the smaller repeated until they balance.
  mutating func train(
    members: [Double], _ memberLabels: [Int32], others: [Double], _ otherLabels: [Int32],
    epochs: Int, using generator: inout Generator
  ) throws {
    let width = network.inputs
    let (a, b) = (rows(members, memberLabels), rows(others, otherLabels))
    let (m, n) = (a.count / width, b.count / width)
    guard m > 0, n > 0 else { return }
    let count = max(m, n)
    var features: [Float] = []
    features.reserveCapacity(2 * count * width)
    for index in 0..<count { features += a[((index % m) * width)..<((index % m + 1) * width)] }
    for index in 0..<count { features += b[((index % n) * width)..<((index % n + 1) * width)] }
    let labels = (0..<(2 * count)).map { Int32($0 < count ? 1 : 0) }
    try trainEpochs(
      network: network, parameters: &parameters,
      examples: try LabeledExamples(
        features: features, labels: labels, shape: [width], classes: 2),
      epochs: epochs, batchSize: 64, options: OptimizerOptions(.adam(), learningRate: 0.01),
      workspace: workspace, generator: &generator)
  }

  /// The log-odds of membership of each row, and its gradient by the probabilities.
  func logOdds(
    _ probabilities: [Double], _ labels: [Int32] = []
  ) throws -> (values: [Double], gradient: [Double]) {
    let count = probabilities.count / classes
    let inputs = rows(probabilities, labels)
    let width = network.inputs
    // Targets (1, -1) have no mass, so that the cross-entropy is log p_1 - log p_0, the log-odds.
    let targets = (0..<count).flatMap { _ -> [Float] in [1, -1] }
    var gradient = [Float](repeating: 0, count: inputs.count)
    _ = try network.inputGradient(
      parameters: parameters, batch: Batch(inputs: inputs, targets: .dense(targets)),
      workspace: workspace, into: &gradient)
    let logits = try network.predict(
      parameters: parameters,
      on: try LabeledExamples(
        features: inputs, labels: [Int32](repeating: 0, count: count), shape: [width], classes: 2),
      workspace: workspace
    ).logits
    var slopes: [Double] = []
    slopes.reserveCapacity(probabilities.count)
    for row in 0..<count {
      for index in 0..<classes {
        // The batch's loss is a mean.
        slopes.append(Double(gradient[row * width + index]) * Double(count))
      }
    }
    return ((0..<count).map { Double(logits[2 * $0 + 1]) - Double(logits[2 * $0]) }, slopes)
  }

  /// The gradient by the probabilities of log h, h the probability of being a member.
  func gradientOfLogMembership(_ probabilities: [Double], _ labels: [Int32]) throws -> [Double] {
    let odds = try logOdds(probabilities, labels)
    return odds.gradient.enumerated().map { index, slope in
      slope / (1 + exp(odds.values[index / classes]))
    }
  }
}
