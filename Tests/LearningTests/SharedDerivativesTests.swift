import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Derivatives shared among threads")
struct SharedDerivativesTests {
  private let network: Network
  private let parameters: Vector
  private let batch: Batch<Float>
  private let direction: Vector

  init() throws {
    network = try LeNetZhu().network(inputShape: [3, 8, 8], classes: 5)
    var generator = testGenerator()
    parameters = network.initialParameters(using: &generator)
    direction = network.initialParameters(using: &generator)
    let inputs = (0..<(7 * network.inputs)).map { _ in Float(generator.uniform()) }
    let targets = (0..<35).map { _ in Float(generator.uniform()) }
    batch = Batch(inputs: inputs, targets: .dense(targets))
  }

  private func shared(workers: Int) throws -> (Double, Vector, LossProducts<Float>) {
    let derivatives = SharedDerivatives(of: network, examples: 7, shareSize: 3, workers: workers)
    var gradient = Vector(zeros: network.parameterCount)
    var products = LossProducts<Float>(
      for: network, rows: 7, parameters: true, inputs: true, targets: true)
    let loss = try derivatives.differentiate(
      parameters: parameters, batch: batch, gradient: &gradient)
    try derivatives.products(along: direction, parameters: parameters, into: &products)
    return (loss, gradient, products)
  }

  @Test("the number of threads changes no bit")
  func independent() throws {
    let (one, three) = (try shared(workers: 1), try shared(workers: 3))
    #expect(one.0 == three.0 && one.1 == three.1 && one.2 == three.2)
  }

  @Test("shares add up to what one pass gives")
  func addsUp() throws {
    let workspace = Workspace(for: network)
    var gradient = Vector(zeros: network.parameterCount)
    var products = LossProducts<Float>(
      for: network, rows: 7, parameters: true, inputs: true, targets: true)
    let loss = try network.differentiate(
      parameters: parameters, batch: batch, workspace: workspace, gradient: &gradient)
    try network.products(
      along: direction, parameters: parameters, workspace: workspace, into: &products)
    let got = try shared(workers: 2)
    #expect(relativeError(got.0, loss) < 1e-6)
    for (got, want) in [
      (got.1.array, gradient.array), (got.2.parameters, products.parameters),
      (got.2.inputs, products.inputs), (got.2.targets, products.targets),
    ] {
      let scale = want.map(abs).max() ?? 0
      #expect(got.count == want.count && scale > 0)
      #expect(zip(got, want).allSatisfy { abs($0 - $1) < 1e-5 * scale })
    }
  }

  @Test("a larger batch than said and a batch norm in training are refused")
  func refuses() throws {
    let derivatives = SharedDerivatives(of: network, examples: 3, shareSize: 3, workers: 1)
    var gradient = Vector(zeros: network.parameterCount)
    #expect(throws: LearningError.self) {
      try derivatives.differentiate(parameters: parameters, batch: batch, gradient: &gradient)
    }
    let mixing = try Network(input: [2], [.dense(outputs: 2), .batchNorm()])
    var small = Vector(zeros: mixing.parameterCount)
    #expect(throws: LearningError.self) {
      try SharedDerivatives(of: mixing, examples: 2, workers: 1).differentiate(
        parameters: small, batch: Batch(inputs: [1, 2, 3, 4], labels: [0, 1]),
        mode: .training(noise: testGenerator()), gradient: &small)
    }
  }
}
