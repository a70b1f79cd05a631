import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// What every public entry point says about input that does not fit.
@Suite("Bad input")
struct BadInputTests {
  typealias Mistake = BadLayerTests.Mistake

  // MARK: Passes

  /// A network of 8 parameters with two classes, and data that fits it.
  private struct Setting {
    let network: Network
    let workspace: Workspace
    var parameters: Vector
    var gradient: Vector
    var batch = Batch<Float>(inputs: [1, 2, 3, 4, 5, 6], labels: [0, 1])
    var examples: LabeledExamples
    var options = SGDOptions(learningRate: 0.1)

    init(_ layers: [Layer] = [.dense(outputs: 2)]) throws {
      network = try Network(input: [3], layers)
      workspace = Workspace(for: network, batchSize: 2)
      parameters = Vector(zeros: network.parameterCount)
      gradient = parameters
      examples = try LabeledExamples(
        features: batch.inputs, labels: [0, 1], shape: [3], classes: 2)
    }

    mutating func differentiate() throws {
      try network.differentiate(
        parameters: parameters, batch: batch, workspace: workspace, gradient: &gradient)
    }

    mutating func train(epochs: Int = 1, batchSize: Int = 2) throws {
      var generator = Generator(seed: 1)
      try trainSGD(
        network: network, parameters: &parameters, examples: examples, epochs: epochs,
        batchSize: batchSize, options: options, workspace: workspace, generator: &generator)
    }

    mutating func clip(_ norm: Double, batch: [Int] = [0, 1], mode: PassMode = .evaluation) throws {
      try network.clippedGradientSum(
        parameters: parameters, examples: examples, batch: batch, clippingNorm: norm, mode: mode,
        workspace: workspace, gradient: &gradient)
    }

    func products(
      direction: Int = 8, parameters: Int = 0, inputs: Int = 0, targets: Int = 0,
      inputDirection: Int? = nil
    ) throws {
      var setting = self
      try setting.differentiate()
      var products = LossProducts<Float>(for: network, rows: 2)
      products.parameters = [Float](repeating: 0, count: parameters)
      products.inputs = [Float](repeating: 0, count: inputs)
      products.targets = [Float](repeating: 0, count: targets)
      try network.products(
        along: Vector(zeros: direction), parameters: self.parameters,
        inputDirection: inputDirection.map { [Float](repeating: 0, count: $0) },
        workspace: workspace, into: &products)
    }
  }

  private static func pass(
    _ message: String, layers: [Layer] = [.dense(outputs: 2)],
    _ make: @escaping @Sendable (inout Setting) throws -> Void
  ) -> Mistake {
    Mistake(message) {
      var setting = try Setting(layers)
      try make(&setting)
    }
  }

  static let passes = [
    pass("derivatives: got 7 parameters, expected 8") {
      $0.parameters = Vector(zeros: 7)
      try $0.differentiate()
    },
    pass("derivatives: got 9 values for the result, expected 8") {
      $0.gradient = Vector(zeros: 9)
      try $0.differentiate()
    },
    pass("derivatives: got 7 input values, not a whole number of examples, expected 9") {
      $0.batch.inputs.append(7)
      try $0.differentiate()
    },
    pass("derivatives: there are no examples; at least one is needed") {
      $0.batch = Batch(inputs: [], labels: [])
      try $0.differentiate()
    },
    pass("derivatives: got 1 labels, expected 2") {
      $0.batch.targets = .labels([0])
      try $0.differentiate()
    },
    pass("derivatives: example 1 has label 2; labels run from 0 to 1") {
      $0.batch.targets = .labels([0, 2])
      try $0.differentiate()
    },
    pass("derivatives: example 0 has label -1; labels run from 0 to 1") {
      $0.batch.targets = .labels([-1, 0])
      try $0.differentiate()
    },
    pass("derivatives: got 3 target values, expected 4") {
      $0.batch.targets = .dense([0, 0, 1])
      try $0.differentiate()
    },
    pass("input gradient: got 5 values for the result, expected 6") {
      var inputs = [Float](repeating: 0, count: 5)
      try $0.network.inputGradient(
        parameters: $0.parameters, batch: $0.batch, workspace: $0.workspace, into: &inputs)
    },
    pass("products: got 7 values in the direction, expected 8") { try $0.products(direction: 7) },
    pass("products: got 9 values for the parameters, expected 8") {
      try $0.products(parameters: 9)
    },
    pass("products: got 3 values for the inputs, expected 6") { try $0.products(inputs: 3) },
    pass("products: got 2 values for the targets, expected 4") { try $0.products(targets: 2) },
    pass("products: got 3 values in the input direction, expected 6") {
      try $0.products(inputs: 6, inputDirection: 3)
    },
    pass("gradient: there is no example 2; indices run from 0 to 1") {
      _ = try $0.network.lossAndGradient(
        parameters: $0.parameters, examples: $0.examples, batch: [0, 2],
        workspace: $0.workspace, gradient: &$0.gradient)
    },
    pass("gradient: got 3 classes in the data, expected 2") {
      _ = try $0.network.lossAndGradient(
        parameters: $0.parameters,
        examples: LabeledExamples(features: [1, 2, 3], labels: [2], shape: [3], classes: 3),
        workspace: $0.workspace, gradient: &$0.gradient)
    },
    pass("evaluation: got 2 features per example, expected 3") {
      _ = try $0.network.evaluate(
        parameters: $0.parameters,
        on: LabeledExamples(features: [1, 2], labels: [0], shape: [2], classes: 2),
        workspace: $0.workspace)
    },
    pass("prediction: there are no examples; at least one is needed") {
      _ = try $0.network.predict(
        parameters: $0.parameters, on: $0.examples.subset([]), workspace: $0.workspace)
    },
    pass("training: the batch size must be at least 1, got 0") { try $0.train(batchSize: 0) },
    pass("training: the number of epochs must be at least 0, got -1") { try $0.train(epochs: -1) },
    pass("training: the learning rate must be a number of at least 0, got nan") {
      $0.options.learningRate = .nan
      try $0.train()
    },
    pass("training: the momentum must be at least 0 and below 1, got 1.0") {
      $0.options.momentum = 1
      try $0.train()
    },
    pass("training: the weight decay must be a number of at least 0, got -0.5") {
      $0.options.weightDecay = -0.5
      try $0.train()
    },
    pass("training: got 7 values of velocity, expected 8") {
      var generator = Generator(seed: 1)
      var velocity = Vector(zeros: 7)
      try trainSGD(
        network: $0.network, parameters: &$0.parameters, velocity: &velocity,
        examples: $0.examples, epochs: 1, batchSize: 1, options: $0.options,
        workspace: $0.workspace, generator: &generator)
    },
    pass("per-example gradients: the clipping norm must be positive, got 0.0") { try $0.clip(0) },
    pass("per-example gradients: the clipping norm must be positive, got nan") {
      try $0.clip(.nan)
    },
    pass("per-example gradients: there are no examples; at least one is needed") {
      try $0.clip(1, batch: [])
    },
    pass("per-example gradients: there is no example -1; indices run from 0 to 1") {
      try $0.clip(1, batch: [-1])
    },
    pass("clipped gradient: got 3 values for the result, expected 8") {
      $0.gradient = Vector(zeros: 3)
      try $0.clip(1)
    },
    pass("clipped step: got 1 values of velocity, expected 8") {
      var velocity = Vector(zeros: 1)
      try $0.network.clippedStep(
        parameters: &$0.parameters, velocity: &velocity, examples: $0.examples, batch: [0],
        clippingNorm: 1, options: $0.options, workspace: $0.workspace)
    },
    pass(
      "per-example gradients: the network must not mix examples; use group norm, "
        + "got batch norm in training mode", layers: [.dense(outputs: 2), .batchNorm()]
    ) { try $0.clip(1, mode: .training(noise: Generator(seed: 1))) },
    pass(
      "derivatives: the network must not mix the examples that are shared out, "
        + "got batch norm in training mode", layers: [.batchNorm(), .dense(outputs: 2)]
    ) {
      try SharedDerivatives(of: $0.network, examples: 2, workers: 1).differentiate(
        parameters: $0.parameters, batch: $0.batch, mode: .training(noise: Generator(seed: 1)),
        gradient: &$0.gradient)
    },
    pass("derivatives: got 2 examples, expected 1") {
      try SharedDerivatives(of: $0.network, examples: 1, shareSize: 1, workers: 1).differentiate(
        parameters: $0.parameters, batch: $0.batch, gradient: &$0.gradient)
    },
    pass("running statistics: got 3 parameters, expected 12", layers: [.batchNorm()]) {
      var parameters = Vector(zeros: 3)
      try $0.network.updateStatistics(&parameters, workspace: $0.workspace)
    },
    pass("unrolling, batch 1: got 1 labels, expected 2") {
      let bad = Batch<Float>(inputs: $0.batch.inputs, labels: [0])
      _ = try Unrolling<Float>(
        network: $0.network, options: $0.options, workspace: $0.workspace
      ).train(from: $0.parameters, on: [$0.batch, bad])
    },
    pass("unrolling: got 2 values in the gradient by the trained parameters, expected 8") {
      let unrolling = try Unrolling<Float>(
        network: $0.network, options: $0.options, workspace: $0.workspace)
      _ = try unrolling.train(from: $0.parameters, on: [$0.batch])
      _ = try unrolling.pullBack(Vector(zeros: 2))
    },
  ]

  @Test("passes name the place, what they got and what they need", arguments: passes)
  func refusesPasses(_ mistake: Mistake) { mistake.check() }

  // MARK: Data and weights

  static let data = [
    Mistake("examples: the shape needs positive sizes, got [0]") {
      _ = try LabeledExamples(features: [], labels: [], shape: [0], classes: 2)
    },
    Mistake("examples: got 5 feature values, expected 6") {
      _ = try LabeledExamples(
        features: [1, 2, 3, 4, 5], labels: [0, 0], shape: [3], classes: 2)
    },
    Mistake("examples: example 1 has label 2; labels run from 0 to 1") {
      _ = try LabeledExamples(features: [1, 2], labels: [0, 2], shape: [1], classes: 2)
    },
    Mistake("examples: the number of classes must be at least 1, got 0") {
      _ = try LabeledExamples(features: [], labels: [], shape: [1], classes: 0)
    },
    Mistake("subset of examples: there is no example 1; indices run from 0 to 0") {
      _ = try LabeledExamples(features: [1], labels: [0], shape: [1], classes: 2).batch([1])
    },
    Mistake("relabelled examples: got 2 labels, expected 1") {
      _ = try LabeledExamples(features: [1], labels: [0], shape: [1], classes: 2).relabeled([0, 1])
    },
    Mistake("resizing: the examples' shape must be an image, channels x height x width, got 1") {
      _ = try LabeledExamples(features: [1], labels: [0], shape: [1], classes: 2).resized(
        height: 2, width: 2)
    },
    weights(
      "'fc1.weight' has the value nan at flat index 3", [1, 2, 3, .nan, 5, 6], [2, 3], [0, 0]),
    weights(
      "'fc1.bias' has the value -inf at flat index 1", [1, 2, 3, 4, 5, 6], [2, 3], [0, -.infinity]),
    weights(
      "'fc1.weight' has shape [3, 2]; expected [2, 3] (outputs first, as in PyTorch: transpose it)",
      [1, 2, 3, 4, 5, 6], [3, 2], [0, 0]),
    weights("'fc1.bias' has shape [3]; expected [2]", [1, 2, 3, 4, 5, 6], [2, 3], [0, 0, 0]),
    weights("'fc1.bias' is missing; expected shape [2]", [1, 2, 3, 4, 5, 6], [2, 3], nil),
    Mistake("naming parameters: got 7 values, expected 8") {
      _ = try Network(input: [3], [.dense(outputs: 2)]).layout.named(Vector(zeros: 7))
    },
  ]

  private static func weights(
    _ problem: String, _ weight: [Float], _ shape: [Int], _ bias: [Float]?
  ) -> Mistake {
    Mistake("the parameters do not fit the model: \(problem)") {
      var tensors = [NamedParameter<Float>(name: "fc1.weight", shape: shape, values: weight)]
      if let bias {
        tensors.append(NamedParameter(name: "fc1.bias", shape: [bias.count], values: bias))
      }
      _ = try Network(input: [3], [.dense(outputs: 2)]).layout.parameters(from: tensors)
    }
  }

  @Test("data and weights that do not fit are refused", arguments: data)
  func refusesData(_ mistake: Mistake) { mistake.check() }

  @Test("a workspace made for another network stops the program")
  func refusesWorkspace() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let network = try Network(input: [3], [.dense(outputs: 2)])
      let other = try Network(input: [3], [.dense(outputs: 3)])
      _ = try network.evaluate(
        parameters: Vector(zeros: 8),
        on: LabeledExamples(features: [1, 2, 3], labels: [0], shape: [3], classes: 2),
        workspace: Workspace(for: other))
    }
    // Optimised builds stop without words.
    let words = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(isOptimizedBuild || words.contains("the workspace was made for another network"))
  }
}
