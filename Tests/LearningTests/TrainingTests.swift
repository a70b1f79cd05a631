import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Training by SGD")
struct TrainingTests {
  @Test(
    "follows an independent plain-loop implementation over 50 steps",
    arguments: [(0.0, 0.0), (0.0, 0.01), (0.9, 0.0), (0.9, 1e-3)])
  func followsPlainLoops(momentum: Double, weightDecay: Double) throws {
    var generator = testGenerator()
    let problem = try Problem([6, 8, 3], examples: 47, using: &generator)
    let network = try problem.plain.network()
    let rate = 0.05

    // 47 examples in batches of 5 make 10 steps an epoch, the last of 2 examples.
    var plain = problem.parameters
    var velocity = [Double](repeating: 0, count: plain.count)
    var losses: [Double] = []
    var orders = generator
    for _ in 0..<5 {
      let order = orders.permutation(47)
      for start in stride(from: 0, to: 47, by: 5) {
        let batch = Array(order[start..<min(start + 5, 47)])
        let (loss, gradient) = problem.reference(batch, at: plain)
        losses.append(loss)
        for i in plain.indices {
          velocity[i] = momentum * velocity[i] + gradient[i] + weightDecay * plain[i]
          plain[i] -= rate * velocity[i]
        }
      }
    }

    let options = SGDOptions(learningRate: rate, momentum: momentum, weightDecay: weightDecay)
    var stream = generator
    var double = problem.parameters
    let summary = try trainSGD(
      network: network, parameters: &double, examples: problem.examples, epochs: 5, batchSize: 5,
      options: options, workspace: Workspace(for: network), generator: &stream)
    #expect(summary.steps == 50)
    #expect(isClose(summary.lossFirst, losses[0], tolerance: 1e-13))
    #expect(isClose(summary.lossLast, losses[49], tolerance: 1e-11))
    #expect(largestDifference(double, plain) < 1e-11)
    #expect(summary.isFinite)

    var single = Vector(problem.parameters.map(Float.init))
    stream = generator
    try trainSGD(
      network: network, parameters: &single, examples: problem.examples, epochs: 5, batchSize: 5,
      options: options, workspace: Workspace(for: network, batchSize: 1), generator: &stream)
    #expect(largestDifference(single.array.map(Double.init), plain) < 1e-4)
  }

  @Test(
    "the step without a gradient array equals gradient, then update",
    arguments: [(0.0, 0.0), (0.0, 0.05), (0.8, 0.05)])
  func fusedEqualsUnfused(momentum: Double, weightDecay: Double) throws {
    var generator = testGenerator()
    let problem = try Problem([10, 12, 4], examples: 11, using: &generator)
    let network = try problem.plain.network()
    let workspace = Workspace(for: network)
    let options = SGDOptions(learningRate: 0.3, momentum: momentum, weightDecay: weightDecay)
    let batch = [4, 0, 10, 3, 3]
    var fused = problem.parameters
    var velocity = problem.parameters.map { 0.1 * $0 }

    var gradient = [Double](repeating: 0, count: fused.count)
    let loss = try network.lossAndGradient(
      parameters: fused, examples: problem.examples, batch: batch, workspace: workspace,
      gradient: &gradient)
    let expectedVelocity = fused.indices.map { i in
      let g = gradient[i] + weightDecay * fused[i]
      return momentum == 0 ? g : momentum * velocity[i] + g
    }
    let expected = fused.indices.map { fused[$0] - 0.3 * expectedVelocity[$0] }

    let stepLoss = try sgdStep(
      network: network, parameters: &fused, velocity: &velocity, examples: problem.examples,
      batch: batch, options: options, workspace: workspace)
    #expect(stepLoss == loss)
    #expect(largestDifference(fused, expected) < 1e-14)
    if momentum > 0 { #expect(largestDifference(velocity, expectedVelocity) < 1e-14) }
  }

  @Test("the same seed gives the same bits, on a fresh or a used workspace of any size")
  func isDeterministic() throws {
    var generator = testGenerator()
    let problem = try Problem([7, 9, 3], examples: 23, using: &generator)
    let network = try problem.plain.network()
    let start = network.initialParameters(using: &generator)
    func train(_ workspace: Workspace, seed: UInt64) throws -> Vector {
      var parameters = start
      var stream = testGenerator(seed)
      try trainSGD(
        network: network, parameters: &parameters, examples: problem.examples, epochs: 3,
        batchSize: 4, options: SGDOptions(learningRate: 0.1, momentum: 0.5),
        workspace: workspace, generator: &stream)
      return parameters
    }
    let used = Workspace(for: network, batchSize: 1)
    let first = try train(Workspace(for: network), seed: 1)
    #expect(try train(used, seed: 1) == first)
    #expect(try train(used, seed: 2) != first)
    #expect(try train(used, seed: 1) == first)
  }

  @Test("an epoch takes every example once, the last batch short")
  func coversTheData() throws {
    // One-hot features and a rate of 1 from zero: each weight moves only through its own example.
    let count = 7
    var features = [Float](repeating: 0, count: count * count)
    for i in 0..<count { features[i * count + i] = 1 }
    let examples = try LabeledExamples(
      features: features, labels: [Int32](repeating: 0, count: count), shape: [count], classes: 2)
    let network = try Network(input: [count], [.dense(outputs: 2)])
    var parameters = Vector(zeros: network.parameterCount)
    var generator = testGenerator()
    let summary = try trainSGD(
      network: network, parameters: &parameters, examples: examples, epochs: 1, batchSize: 3,
      options: SGDOptions(learningRate: 1e-6), workspace: Workspace(for: network),
      generator: &generator)
    #expect(summary.steps == 3)
    // Two batches of 3 move a weight by rate / 2 / 3, the last of 1 by rate / 2.
    let moves = parameters.array[0..<count].map { ($0 * 6e6).rounded() }.sorted()
    #expect(moves == [1, 1, 1, 1, 1, 1, 3])
  }

  @Test("momentum carries over from one run to the next")
  func keepsVelocity() throws {
    var generator = testGenerator()
    let problem = try Problem([4, 3], examples: 6, using: &generator)
    let network = try problem.plain.network()
    let workspace = Workspace(for: network)
    let options = SGDOptions(learningRate: 0.1, momentum: 0.9)
    let start = Vector(problem.parameters.map(Float.init))
    var once = start
    var stream = generator
    try trainSGD(
      network: network, parameters: &once, examples: problem.examples, epochs: 2, batchSize: 6,
      options: options, workspace: workspace, generator: &stream)
    var twice = start
    var velocity = Vector(zeros: network.parameterCount)
    stream = generator
    for _ in 0..<2 {
      try trainSGD(
        network: network, parameters: &twice, velocity: &velocity, examples: problem.examples,
        epochs: 1, batchSize: 6, options: options, workspace: workspace, generator: &stream)
    }
    #expect(twice == once)
  }

  @Test("divergence is reported, not trapped")
  func reportsDivergence() throws {
    var generator = testGenerator()
    let problem = try Problem([4, 5, 3], examples: 8, using: &generator)
    let network = try problem.plain.network()
    var parameters = Vector(problem.parameters.map(Float.init))
    let summary = try trainSGD(
      network: network, parameters: &parameters, examples: problem.examples, epochs: 40,
      batchSize: 4, options: SGDOptions(learningRate: 1e20), workspace: Workspace(for: network),
      generator: &generator)
    #expect(!summary.isFinite)
    let evaluation = try network.evaluate(
      parameters: parameters, on: problem.examples, workspace: Workspace(for: network))
    #expect(!evaluation.isFinite)
  }

  @Test("a step is equal to PyTorch's in double precision, and so are loss and gradient")
  func agreesWithPyTorch() throws {
    struct Case: Decodable {
      var features: [Float]
      var labels: [Int32]
      var parameters: [Double]
      var loss: Double
      var gradient: [Double]
      var learningRate: Double
      var momentum: Double
      var weightDecay: Double
      var batches: [[Int]]
      var losses: [Double]
      var parametersAfter: [Double]
    }
    for reference in try VectorFile<Case>(named: "learning_pytorch").cases {
      let network = try PlainMLP(widths: [4, 5, 3, 2]).network()
      let workspace = Workspace(for: network)
      let examples = try LabeledExamples(
        features: reference.features, labels: reference.labels, shape: [4], classes: 2)
      var gradient = [Double](repeating: 0, count: network.parameterCount)
      let loss = try network.lossAndGradient(
        parameters: reference.parameters, examples: examples, workspace: workspace,
        gradient: &gradient)
      #expect(isClose(loss, reference.loss, tolerance: 1e-14))
      #expect(largestDifference(gradient, reference.gradient) < 1e-14)

      let options = SGDOptions(
        learningRate: reference.learningRate, momentum: reference.momentum,
        weightDecay: reference.weightDecay)
      var parameters = reference.parameters
      var velocity = [Double](repeating: 0, count: parameters.count)
      for (batch, expected) in zip(reference.batches, reference.losses) {
        let loss = try sgdStep(
          network: network, parameters: &parameters, velocity: &velocity, examples: examples,
          batch: batch, options: options, workspace: workspace)
        #expect(isClose(loss, expected, tolerance: 1e-13))
      }
      #expect(largestDifference(parameters, reference.parametersAfter) < 1e-13)
    }
  }

  @Test("options and data that cannot train are refused")
  func refuses() throws {
    var generator = testGenerator()
    let problem = try Problem([2, 2], examples: 3, using: &generator)
    let network = try problem.plain.network()
    func run(
      _ options: SGDOptions = SGDOptions(learningRate: 0.1), examples: LabeledExamples? = nil,
      epochs: Int = 1, batchSize: Int = 1
    ) throws -> String {
      var parameters = Vector(zeros: network.parameterCount)
      var stream = testGenerator()
      do {
        try trainSGD(
          network: network, parameters: &parameters, examples: examples ?? problem.examples,
          epochs: epochs, batchSize: batchSize, options: options,
          workspace: Workspace(for: network), generator: &stream)
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      try run(SGDOptions(learningRate: -1))
        == "training: the learning rate must be a number of at least 0, got -1.0")
    #expect(
      try run(SGDOptions(learningRate: 1, momentum: 1))
        == "training: the momentum must be at least 0 and below 1, got 1.0")
    #expect(
      try run(SGDOptions(learningRate: 1, weightDecay: .nan))
        == "training: the weight decay must be a number of at least 0, got nan")
    #expect(try run(batchSize: 0) == "training: the batch size must be at least 1, got 0")
    #expect(try run(epochs: -1) == "training: the number of epochs must be at least 0, got -1")
    #expect(
      try run(examples: problem.examples.subset([]))
        == "training: there are no examples; at least one is needed")
    #expect(try run(epochs: 0) == "no error")
  }
}
