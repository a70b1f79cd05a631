import Learning
import Tensors
import Testing

@Suite("Parameters by name")
struct NamedParameterTests {
  private static let layout = ParameterLayout([
    Segment(name: "conv1.weight", offset: 0, shape: [2, 1, 1, 2], kind: .weight, role: .base),
    Segment(name: "norm1.running_mean", offset: 4, shape: [2], kind: .statistics, role: .base),
    Segment(name: "fc1.weight", offset: 6, shape: [3, 2], kind: .weight, role: .head),
    Segment(name: "fc1.bias", offset: 12, shape: [3], kind: .bias, role: .head),
  ])
  private static let values = (0..<15).map { Float($0) / 4 }

  private func problems(_ tensors: [NamedParameter<Float>]) -> [String] {
    do {
      _ = try Self.layout.parameters(from: tensors)
      return []
    } catch .parametersDoNotFit(let problems) {
      return problems
    } catch {
      return ["another error: \(error)"]
    }
  }

  @Test("splitting and joining give the same values back, in any order of names")
  func roundTrip() throws {
    let named = try Self.layout.named(Vector(Self.values))
    #expect(named.map(\.name) == ["conv1.weight", "norm1.running_mean", "fc1.weight", "fc1.bias"])
    #expect(
      named[2]
        == NamedParameter(
          name: "fc1.weight", shape: [3, 2], values: [1.5, 1.75, 2, 2.25, 2.5, 2.75]))
    #expect(try Self.layout.parameters(from: named.reversed()).array == Self.values)
    let doubles = (0..<15).map { 1 / Double($0 + 3) }
    #expect(try Self.layout.parameters(from: Self.layout.named(doubles)) == doubles)
  }

  @Test("PyTorch's batch counters are taken and ignored")
  func counters() throws {
    let counter = NamedParameter<Float>(name: "norm1.num_batches_tracked", shape: [], values: [7])
    let named = try Self.layout.named(Vector(Self.values)) + [counter]
    #expect(try Self.layout.parameters(from: named).array == Self.values)
  }

  @Test("everything that does not fit is said at once, in the order of the model")
  func allProblems() {
    let tensors: [NamedParameter<Float>] = [
      NamedParameter(name: "fc1.wieght", shape: [3, 2], values: [0, 0, 0, 0, 0, 0]),
      NamedParameter(name: "fc1.bias", shape: [3], values: [0, .nan, .infinity]),
      NamedParameter(name: "norm1.running_mean", shape: [1, 2], values: [0, 0]),
      NamedParameter(name: "norm1.running_mean", shape: [1, 2], values: [0, 0]),
      NamedParameter(name: "something.else.entirely", shape: [], values: [0]),
    ]
    #expect(
      problems(tensors) == [
        "'norm1.running_mean' is there twice",
        "'conv1.weight' is missing; expected shape [2, 1, 1, 2]",
        "'norm1.running_mean' has shape [1, 2]; expected [2]",
        "'fc1.weight' is missing; expected shape [3, 2]",
        "'fc1.bias' has the value nan at flat index 1",
        "'fc1.wieght' is no part of the model; nearest: 'fc1.weight'",
        "'something.else.entirely' is no part of the model",
      ])
  }

  @Test("a transposed weight is told what it is")
  func transposed() throws {
    var named = try Self.layout.named(Vector(Self.values))
    named[2] = NamedParameter(name: "fc1.weight", shape: [2, 3], values: named[2].values)
    #expect(
      problems(named) == [
        "'fc1.weight' has shape [2, 3]; expected [3, 2] (outputs first, as in PyTorch: transpose it)"
      ])
  }

  @Test("a vector of another length is refused")
  func length() {
    #expect(
      throws: LearningError.sizeMismatch(
        place: "naming parameters", what: "values", got: 3, expected: 15)
    ) { try Self.layout.named(Vector([1, 2, 3])) }
  }
}
