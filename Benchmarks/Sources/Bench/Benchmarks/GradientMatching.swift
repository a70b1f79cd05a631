import Harness
import Learning
import Randomness
import Tensors

/// What an attack by gradient matching pays in every iteration: the gradient of `|dL/dw - g*|^2` by the
/// images, a gradient and a product of second derivatives.
enum GradientMatchingBenchmark: Benchmark {
  static let name = "gradient-matching"
  static let summary =
    "the derivative of |dL/dw - g*|^2 by the images, lenet-zhu, 3x32x32, 100 classes"

  static func run(in session: Session) throws {
    for (batch, target) in [(1, 15.0), (8, 6.0)] {
      let alone = try Matching(batch: batch, workers: 1)
      let shared = try Matching(batch: batch, workers: min(2, Core.count))
      try session.compare(
        "batch \(batch)", unit: "ms/product", measure: .time, target: .atLeast(target),
        peer: PeerTask(task: "gradient-matching", model: "lenet-zhu", batch: batch),
        baselines: batch == 1 ? [] : [Side("one worker") { try alone.milliseconds(for: $0) }],
        arrangements: [.twoThreads, .oneThread]
      ) { try shared.milliseconds(for: $0) }
    }
  }
}

/// Repeated products for one batch.
private final class Matching {
  private let network: Network
  private let parameters: Vector
  private let target: Vector
  private let candidate: Batch<Float>
  private let workspace: Workspace
  /// Shares of the batch among threads; nil where one example cannot be shared.
  private let shared: SharedDerivatives?
  private var gradient: Vector
  private var products: LossProducts<Float>

  init(batch: Int, workers: Int) throws {
    let clients = try Clients(
      model: "lenet-zhu", shape: [3, 32, 32], classes: 100, count: 2, examples: batch)
    network = clients.network
    parameters = clients.start
    candidate = Batch(inputs: clients.data[1].features, labels: clients.data[0].labels)
    workspace = Workspace(for: network, batchSize: batch)
    shared =
      batch == 1 ? nil : SharedDerivatives(of: network, examples: batch, workers: workers)
    gradient = Vector(zeros: parameters.count)
    try network.differentiate(
      parameters: parameters, batch: clients.data[0].batch(Array(0..<batch)),
      workspace: workspace, gradient: &gradient)
    target = gradient
    products = LossProducts(for: network, rows: batch, inputs: true)
  }

  /// Milliseconds of a product, by repeating it for about `seconds`.
  func milliseconds(for seconds: Double) throws -> Double {
    try 1000 / workRate(for: seconds) { try product() }
  }

  private func product() throws(LearningError) -> Int {
    if let shared {
      try shared.differentiate(parameters: parameters, batch: candidate, gradient: &gradient)
    } else {
      try network.differentiate(
        parameters: parameters, batch: candidate, workspace: workspace, gradient: &gradient)
    }
    gradient.add(target, scale: -1)
    gradient.scale(by: 2)
    if let shared {
      try shared.products(along: gradient, parameters: parameters, into: &products)
    } else {
      try network.products(
        along: gradient, parameters: parameters, workspace: workspace, into: &products)
    }
    return 1
  }
}
