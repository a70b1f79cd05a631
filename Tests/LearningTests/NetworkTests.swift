import Components
import Foundation
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Networks and models")
struct NetworkTests {
  @Test("parameters are named by kind and order, in PyTorch's shapes, the last layer the head")
  func namesSegments() throws {
    let network = try MLP(.init(hidden: [5, 3])).network(inputShape: [1, 2, 2], classes: 2)
    #expect(
      network.layout.segments == [
        Segment(name: "fc1.weight", offset: 0, shape: [5, 4], kind: .weight, role: .base),
        Segment(name: "fc1.bias", offset: 20, shape: [5], kind: .bias, role: .base),
        Segment(name: "fc2.weight", offset: 25, shape: [3, 5], kind: .weight, role: .base),
        Segment(name: "fc2.bias", offset: 40, shape: [3], kind: .bias, role: .base),
        Segment(name: "fc3.weight", offset: 43, shape: [2, 3], kind: .weight, role: .head),
        Segment(name: "fc3.bias", offset: 49, shape: [2], kind: .bias, role: .head),
      ])
    #expect(network.parameterCount == 51)
    #expect(network.layout.segment(named: "fc2.bias")?.range == 40..<43)
    #expect(network.layout.segments(of: .head).map(\.name) == ["fc3.weight", "fc3.bias"])
  }

  @Test("the defaults have the sizes their documentation states")
  func documentedSizes() throws {
    #expect(try Logistic().network(inputShape: [1, 8, 8], classes: 10).parameterCount == 650)
    let mlp = try MLP(MLP.defaults)
    #expect(try mlp.network(inputShape: [1, 8, 8], classes: 10).parameterCount == 55_210)
    #expect(try mlp.network(inputShape: [784], classes: 10).parameterCount == 199_210)
    let example = try Network(input: [4], [.dense(outputs: 3), .relu, .dense(outputs: 2)])
    #expect(example.parameterCount == 23)
  }

  @Test("initial parameters are uniform within 1 / sqrt(fan-in) and depend on the seed only")
  func initialises() throws {
    let network = try MLP(.init(hidden: [300])).network(inputShape: [100], classes: 10)
    var generator = testGenerator()
    var twin = generator
    let values = network.initialParameters(using: &generator)
    #expect(network.initialParameters(using: &twin) == values)
    #expect(network.initialParameters(using: &twin) != values)
    // fan-in 100 for fc1 (30,300 values), 300 for fc2 (3,010). A uniform variable on [-b, b] has
    // mean 0 and variance b^2 / 3; each bound below is over 5 standard errors, so a false alarm is
    // rarer than one in a million.
    for (range, fan) in [(0..<30_300, 100.0), (30_300..<33_310, 300.0)] {
      let bound = 1 / fan.squareRoot()
      let part = values.array[range].map(Double.init)
      let n = Double(part.count)
      #expect(part.allSatisfy { abs($0) <= bound })
      #expect(abs(part.reduce(0, +) / n) < 5 * bound / (3 * n).squareRoot())
      let variance = part.reduce(0) { $0 + $1 * $1 } / n
      #expect(abs(variance / (bound * bound / 3) - 1) < 5 * (0.8 / n).squareRoot())
    }
  }

  @Test("layers that do not fit are refused by name")
  func refusesMisfit() {
    #expect(
      throws: LearningError.invalid(
        place: "layer conv2", what: "the kernel", got: "5x5",
        requirement: "must fit into the input, 4x4 with padding 0x0")
    ) {
      try Network(
        input: [1, 8, 8],
        [
          .convolution(Convolution(outputs: 2, kernel: 5)), .relu,
          .convolution(Convolution(outputs: 2, kernel: 5)),
        ])
    }
    #expect(throws: LearningError.self) { try Network(input: [2], []) }
  }

  @Test("a rectifier may come first and leaves the data alone")
  func rectifiesFirst() throws {
    let network = try Network(input: [2], [.relu, .dense(outputs: 2)])
    let examples = try LabeledExamples(features: [-1, 2], labels: [0], shape: [2], classes: 2)
    let predictions = try network.predict(
      parameters: Vector([1, 2, 3, 4, 0, 0]), on: examples, workspace: Workspace(for: network))
    #expect(predictions.logits == [4, 8])
    #expect(examples.features == [-1, 2])
  }

  @Test("model parameters are checked, and so are shapes")
  func checksModels() throws {
    #expect(throws: ParameterError.self) { try MLP(.init(hidden: [10, 0])) }
    #expect(throws: LearningError.self) {
      try Logistic().network(inputShape: [1, 0], classes: 10)
    }
    #expect(throws: LearningError.self) { try Logistic().network(inputShape: [4], classes: 1) }
    #expect(
      try MLP(.init(hidden: [])).network(inputShape: [3], classes: 2)
        == Logistic().network(inputShape: [3], classes: 2))
  }

  @Test("the catalogue lists every file of its folder")
  func cataloguesTheFolder() throws {
    let folder = testsDirectory.deletingLastPathComponent().appending(
      path: "Sources/Learning/Models")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(6)) }
    let support: Set = ["ModelFamily", "ModelCatalogue"]
    #expect(Set(files).subtracting(support) == Set(modelCatalogue.map { "\($0)" }))
    let names = modelCatalogue.map { $0.card.name }
    #expect(names == names.sorted() && Set(names).count == names.count)
  }
}
