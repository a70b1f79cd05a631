import Components
import Learning
import Tensors
import TestSupport
import Testing

@Suite("Models")
struct ModelTests {
  @Test("every model has the size that its documentation states")
  func sizes() throws {
    func count(_ family: some ModelFamily, _ shape: [Int], classes: Int = 10) throws -> Int {
      try family.network(inputShape: shape, classes: classes).parameterCount
    }
    #expect(try count(CNN431K(), [1, 28, 28]) == 431_080)
    #expect(try count(CNNMcMahan(), [1, 28, 28]) == 1_663_370)
    #expect(try count(LeNetZhu(), [3, 32, 32]) == 15_826)
    #expect(try count(ResNet20(), [3, 32, 32]) == 272_474)
    #expect(try count(ResNet20(.init(norm: .batch)), [3, 32, 32]) == 272_474 + 2 * 784)
    #expect(try count(TextClassifier(), [20], classes: 4) == 64_000 + 260)
  }

  @Test("tensors are named by kind and order and lie in PyTorch's layouts")
  func names() throws {
    let network = try CNN431K().network(inputShape: [1, 28, 28], classes: 10)
    #expect(
      network.layout.segments.map { "\($0.name) \($0.shape)" } == [
        "conv1.weight [20, 1, 5, 5]", "conv1.bias [20]", "conv2.weight [50, 20, 5, 5]",
        "conv2.bias [50]", "fc1.weight [500, 800]", "fc1.bias [500]", "fc2.weight [10, 500]",
        "fc2.bias [10]",
      ])
    let residual = try ResNet20(.init(norm: .batch)).network(inputShape: [3, 32, 32], classes: 10)
    let names = residual.layout.segments.map(\.name)
    #expect(names.contains("conv21.weight") && !names.contains("conv1.bias"))
    #expect(
      names.prefix(5) == [
        "conv1.weight", "norm1.weight", "norm1.bias", "norm1.running_mean", "norm1.running_var",
      ])
    #expect(residual.layout.segment(named: "norm1.running_var")?.kind == .statistics)
    #expect(residual.layout.segments(of: .head).map(\.name) == ["fc1.weight", "fc1.bias"])
  }

  @Test("networks start as PyTorch's layers do")
  func initialValues() throws {
    let network = try ResNet20(.init(norm: .batch)).network(inputShape: [3, 8, 8], classes: 3)
    var generator = testGenerator()
    let values = network.initialParameters(using: &generator).array
    for segment in network.layout.segments {
      let part = values[segment.range]
      switch segment.name.split(separator: ".").last {
      case "running_mean": #expect(part.allSatisfy { $0 == 0 })
      case "running_var": #expect(part.allSatisfy { $0 == 1 })
      case "weight" where segment.kind == .normScale: #expect(part.allSatisfy { $0 == 1 })
      case "bias" where segment.kind == .normShift: #expect(part.allSatisfy { $0 == 0 })
      case "weight":
        let bound = 1 / Float(segment.shape.dropFirst().reduce(1, *)).squareRoot()
        #expect(part.allSatisfy { abs($0) <= bound })
        // The largest of n uniform values falls short of 0.9 of the bound with probability 0.9^n;
        // the smallest tensor here has 192 values: less than 2e-9.
        #expect((part.map(abs).max() ?? 0) > 0.9 * bound)
      default: break
      }
    }
    let bounded = try LeNetZhu(.init(initialBound: 0.5)).network(
      inputShape: [3, 32, 32], classes: 10)
    let wide = bounded.initialParameters(using: &generator).array
    #expect(wide.allSatisfy { abs($0) <= 0.5 } && wide.contains { abs($0) > 0.49 })
  }

  @Test("models that need larger images say so, and others take them as they are")
  func preparedShapes() throws {
    #expect(CNN431K().preparedShape([1, 8, 8]) == [1, 28, 28])
    #expect(CNN431K().preparedShape([3, 32, 32]) == [3, 32, 32])
    #expect(CNNMcMahan().preparedShape([1, 30, 8]) == [1, 30, 28])
    #expect(Logistic().preparedShape([1, 8, 8]) == [1, 8, 8])
    #expect(throws: LearningError.self) {
      try CNN431K().network(inputShape: [1, 8, 8], classes: 10)
    }
    #expect(throws: LearningError.self) { try CNN431K().network(inputShape: [784], classes: 10) }
  }

  @Test("parameters out of range are refused")
  func refuses() {
    #expect(throws: ParameterError.self) { try ResNet20(.init(groups: 3)) }
    #expect(throws: ParameterError.self) { try LeNetZhu(.init(initialBound: -1)) }
    #expect(throws: ParameterError.self) { try TextClassifier(.init(vocabulary: 0, dimension: 0)) }
  }

  @Test("images are resized as PyTorch interpolates")
  func resizes() throws {
    // torch.nn.functional.interpolate([[0, 1], [2, 4]], size=(3, 4), mode="bilinear"): between
    // pixel centres the surface is bilinear, outside it is constant.
    let examples = try LabeledExamples(
      features: [0, 1, 2, 4], labels: [0], shape: [1, 2, 2], classes: 1)
    let resized = try examples.resized(height: 3, width: 4)
    #expect(resized.shape == [1, 3, 4])
    #expect(
      resized.features == [0, 0.25, 0.75, 1, 1, 1.375, 2.125, 2.5, 2, 2.5, 3.5, 4])
    #expect(try examples.resized(height: 2, width: 2).features == examples.features)
    #expect(throws: LearningError.self) { try examples.resized(height: 0, width: 2) }
  }
}
