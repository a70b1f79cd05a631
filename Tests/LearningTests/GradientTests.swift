import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Loss and gradient")
struct GradientTests {
  @Test(
    "equal a plain-loop chain rule in both precisions, whatever the sizes",
    arguments: [
      ([1, 2], 1), ([2, 1, 2], 3), ([3, 5, 4], 7), ([7, 9, 3], 4), ([8, 8, 8], 8),
      ([9, 17, 5], 10), ([16, 33, 10], 13), ([31, 6, 12, 2], 5), ([64, 20, 20, 10], 10),
      ([65, 11, 3], 32), ([4, 10], 200), ([5, 130, 4], 6),
    ])
  func agreesWithPlainLoops(_ widths: [Int], _ count: Int) throws {
    var generator = testGenerator(UInt64(widths.reduce(0) { 31 * $0 + $1 }), UInt64(count))
    let problem = try Problem(widths, examples: count, using: &generator)
    let network = try problem.plain.network()
    let workspace = Workspace(for: network)
    let batch = generator.permutation(count)
    let (loss, gradient) = problem.reference(batch)

    var double = [Double](repeating: .nan, count: network.parameterCount)
    let doubleLoss = try network.lossAndGradient(
      parameters: problem.parameters, examples: problem.examples, batch: batch,
      workspace: workspace, gradient: &double)
    #expect(isClose(doubleLoss, loss, tolerance: 1e-13))
    #expect(largestDifference(double, gradient) < 1e-13)

    var single = Vector([Float](repeating: .nan, count: network.parameterCount))
    let singleLoss = try network.lossAndGradient(
      parameters: Vector(problem.parameters.map(Float.init)), examples: problem.examples,
      batch: batch, workspace: workspace, gradient: &single)
    #expect(isClose(singleLoss, loss, tolerance: 2e-6))
    #expect(largestDifference(single.array.map(Double.init), gradient) < 5e-6)

    // All examples at once, in blocks.
    let sweptLoss = try network.lossAndGradient(
      parameters: problem.parameters, examples: problem.examples, workspace: workspace,
      gradient: &double)
    #expect(isClose(sweptLoss, loss, tolerance: 1e-13))
    #expect(largestDifference(double, gradient) < 1e-13)
  }

  @Test("equals central differences to 1e-7 in double precision")
  func agreesWithFiniteDifferences() throws {
    var generator = testGenerator()
    let problem = try Problem([6, 9, 7, 4], examples: 5, using: &generator)
    let network = try problem.plain.network()
    let workspace = Workspace(for: network)
    var gradient = [Double](repeating: 0, count: network.parameterCount)
    var ignored = gradient
    func loss(_ parameters: [Double]) throws -> Double {
      try network.lossAndGradient(
        parameters: parameters, examples: problem.examples, workspace: workspace,
        gradient: &ignored)
    }
    _ = try network.lossAndGradient(
      parameters: problem.parameters, examples: problem.examples, workspace: workspace,
      gradient: &gradient)
    let h = 1e-5
    for index in problem.parameters.indices {
      var up = problem.parameters
      var down = problem.parameters
      up[index] += h
      down[index] -= h
      let slope = (try loss(up) - loss(down)) / (2 * h)
      #expect(isClose(gradient[index], slope, tolerance: 1e-7))
    }
  }

  @Test("huge logits neither overflow nor lose the gradient")
  func survivesHugeLogits() throws {
    let network = try Network(input: [1], [.dense(outputs: 3)])
    let examples = try LabeledExamples(features: [1], labels: [1], shape: [1], classes: 3)
    let workspace = Workspace(for: network)
    var gradient = Vector(zeros: 6)
    let loss = try network.lossAndGradient(
      parameters: Vector([3e4, -3e4, 0, 0, 0, 0]), examples: examples, workspace: workspace,
      gradient: &gradient)
    #expect(loss == 6e4)
    #expect(gradient.array == [1, -1, 0, 1, -1, 0])
  }

  @Test("a NaN in the parameters reaches the loss, also through a ReLU")
  func showsNaN() throws {
    let plain = PlainMLP(widths: [2, 3, 2])
    let network = try plain.network()
    let examples = try LabeledExamples(features: [1, 1], labels: [0], shape: [2], classes: 2)
    var parameters = Vector([Float](repeating: 0.1, count: network.parameterCount))
    parameters[0] = .nan
    var gradient = Vector(zeros: network.parameterCount)
    let loss = try network.lossAndGradient(
      parameters: parameters, examples: examples, workspace: Workspace(for: network),
      gradient: &gradient)
    #expect(loss.isNaN)
  }

  @Test("what does not fit is refused with the place and the sizes")
  func refuses() throws {
    let network = try PlainMLP(widths: [2, 2]).network()
    let workspace = Workspace(for: network)
    let good = try LabeledExamples(features: [1, 2], labels: [0], shape: [2], classes: 2)
    let wide = try LabeledExamples(features: [1, 2, 3], labels: [0], shape: [3], classes: 2)
    let many = try LabeledExamples(features: [1, 2], labels: [0], shape: [2], classes: 3)
    func run(
      _ examples: LabeledExamples, parameters: Int = 6, result: Int = 6, batch: [Int]? = nil
    ) throws(LearningError) {
      var gradient = Vector(zeros: result)
      _ = try network.lossAndGradient(
        parameters: Vector(zeros: parameters), examples: examples, batch: batch,
        workspace: workspace, gradient: &gradient)
    }
    #expect(
      throws: LearningError.sizeMismatch(
        place: "gradient", what: "features per example", got: 3, expected: 2)
    ) { try run(wide) }
    #expect(
      throws: LearningError.sizeMismatch(
        place: "gradient", what: "classes in the data", got: 3, expected: 2)
    ) { try run(many) }
    #expect(
      throws: LearningError.sizeMismatch(
        place: "gradient", what: "parameters", got: 5, expected: 6)
    ) { try run(good, parameters: 5) }
    #expect(
      throws: LearningError.sizeMismatch(
        place: "gradient", what: "values for the result", got: 7, expected: 6)
    ) { try run(good, result: 7) }
    #expect(throws: LearningError.noExamples(place: "gradient")) { try run(good.subset([])) }
    #expect(throws: LearningError.noExamples(place: "gradient")) { try run(good, batch: []) }
    #expect(throws: LearningError.indexOutOfRange(place: "gradient", index: 1, count: 1)) {
      try run(good, batch: [0, 1])
    }
  }
}
