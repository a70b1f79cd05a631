import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("R-GAP under a softmax")
struct RGAPSoftmaxTests {
  private var generator: Generator
  private let digits: DigitBatches

  init() throws {
    generator = testGenerator(name: "r-gap softmax")
    digits = try DigitBatches(&generator)
  }

  private func model(classes: Int, bias: Bool = false) throws -> Network {
    try Network(
      input: [1, 8, 8],
      [
        .convolution(Convolution(outputs: 5, kernel: 3, stride: 2, padding: 1, bias: false)),
        .activation(.leakyReLU(slope: 0.2)),
        .convolution(Convolution(outputs: 4, kernel: 3, padding: 1, bias: false)),
        .activation(.leakyReLU(slope: 0.2)), .flatten, .dense(outputs: classes, bias: bias),
      ])
  }

  private func largestError(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(
    "one example comes back exactly among the roots, and its label where there are three classes",
    arguments: [2, 3, 10])
  func exact(classes: Int) throws {
    var generator = generator
    let network = try model(classes: classes)
    for (index, gain) in [(0, 1), (1, 1), (2, 4), (3, 4)] as [(Int, Float)] {
      var parameters = network.initialParameters(using: &generator)
      parameters.scale(by: gain)
      let image = digits.examples.features(of: index)
      let label = Int32(index % classes)
      let gradient = try SmallProblem.gradient(
        network, parameters, Batch(inputs: image.map { Double($0) }, labels: [label]))
      #expect(try RGAP.label(gradient, of: network) == (classes == 2 ? nil : label))
      let found = try RGAP(gradient, parameters: parameters, network: network, label: label)
      #expect(found.isDetermined)
      #expect(found.inputs.contains { largestError($0, image) < 1e-4 }, "\(index)")
      // Under another label no root gives the example.
      let wrong = try RGAP(
        gradient, parameters: parameters, network: network, label: (label + 1) % Int32(classes))
      #expect(wrong.inputs.allSatisfy { largestError($0, image) > 1e-2 })
    }
  }

  @Test("two classes are the logistic loss of the difference of their weights")
  func binary() throws {
    var generator = generator
    let (two, one) = (
      try model(classes: 2),
      try Network(
        input: [1, 8, 8], model(classes: 2).layers.dropLast() + [.dense(outputs: 1, bias: false)],
        loss: .binaryCrossEntropy)
    )
    let parameters = two.initialParameters(using: &generator)
    let image = digits.examples.features(of: 5).map { Double($0) }
    let body = two.parameterCount - 2 * 64
    // W_1 - W_0 is the one output's weight.
    let values = parameters.array
    let single = Vector(
      Array(values[..<body]) + (0..<64).map { values[body + 64 + $0] - values[body + $0] })
    let softmax = try RGAP(
      SmallProblem.gradient(two, parameters, Batch(inputs: image, labels: [1])),
      parameters: parameters, network: two, label: 1)
    let logistic = try RGAP(
      SmallProblem.gradient(one, single, Batch(inputs: image, targets: .dense([1]))),
      parameters: single, network: one, isPositive: true)
    #expect(softmax.inputs.count == logistic.inputs.count)
    for found in logistic.inputs {
      #expect(softmax.inputs.contains { largestError($0, found) < 1e-3 })
    }
  }

  @Test("what does not fit is refused")
  func refusals() throws {
    var generator = generator
    let network = try model(classes: 3)
    let parameters = network.initialParameters(using: &generator)
    let gradient = [Double](repeating: 1, count: network.parameterCount)
    for body in [
      { _ = try RGAP(gradient, parameters: parameters, network: network, label: 3) },
      { _ = try RGAP(gradient, parameters: parameters, network: network, isPositive: true) },
      { _ = try RGAP([1], parameters: parameters, network: network, label: 0) },
      {
        _ = try RGAP(
          [Double](repeating: 0, count: gradient.count), parameters: parameters, network: network,
          label: 0)
      },
      { _ = try RGAP.label([1], of: network) },
    ] as [() throws -> Void] {
      #expect(throws: InversionError.self) { try body() }
    }
    let biased = try model(classes: 3, bias: true)
    #expect(throws: InversionError.self) {
      try RGAP.label([Double](repeating: 1, count: biased.parameterCount), of: biased)
    }
  }
}
