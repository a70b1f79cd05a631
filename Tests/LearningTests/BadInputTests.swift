import Components
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// What every public entry point says about input that does not fit.
@Suite("Bad input")
struct BadInputTests {
  /// One mistake and the message it must give.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let message: String
    let make: @Sendable () throws -> Void
    var testDescription: String { message }

    init(_ message: String, _ make: @escaping @Sendable () throws -> Void) {
      self.message = message
      self.make = make
    }
  }

  private func check(_ mistake: Mistake) {
    let error = #expect(throws: (any Error).self) { try mistake.make() }
    #expect(error.map { "\($0)" } == mistake.message)
  }

  // MARK: Layers

  private static func layers(
    _ message: String, _ input: [Int], _ layers: [Layer], loss: Loss = .crossEntropy()
  ) -> Mistake {
    Mistake(message) { _ = try Network(input: input, layers, loss: loss) }
  }

  private static func convolution(_ message: String, _ convolution: Convolution) -> Mistake {
    layers("layer conv1: \(message)", [2, 4, 5], [.convolution(convolution)])
  }

  static let networks = [
    layers("network: the list of layers needs a layer, got none", [2], []),
    layers("network: the input shape needs positive sizes, got [2, 0]", [2, 0], [.flatten]),
    layers("network: the input shape needs positive sizes, got []", [], [.flatten]),
    layers(
      "network: the label smoothing must be at least 0 and below 1, got 1.0", [2], [.flatten],
      loss: .crossEntropy(labelSmoothing: 1)),
    layers(
      "network: the label smoothing must be at least 0 and below 1, got nan", [2], [.flatten],
      loss: .crossEntropy(labelSmoothing: .nan)),
    layers(
      "layer fc2: the number of outputs must be at least 1, got 0", [2],
      [.dense(outputs: 2), .relu, .dense(outputs: 0)]),
    layers(
      "layer conv1: the input must be an image, channels x height x width, got 7", [7],
      [.convolution(Convolution(outputs: 1, kernel: 1))]),
    layers(
      "layer conv1: the input must be an image, channels x height x width, got 3x4", [3, 4],
      [.convolution(Convolution(outputs: 1, kernel: 1))]),
    convolution(
      "the number of outputs must be at least 1, got 0", Convolution(outputs: 0, kernel: 1)),
    convolution("the kernel must be at least 1x1, got 0x0", Convolution(outputs: 1, kernel: 0)),
    convolution(
      "the stride must be at least 1x1, got 1x0",
      Convolution(outputs: 1, kernel: 1, stride: Extent(height: 1, width: 0))),
    convolution(
      "the padding must not be negative, got -1x-1",
      Convolution(outputs: 1, kernel: 1, padding: Extent(-1))),
    convolution(
      "the kernel must fit into the input, 4x5 with padding 0x0, got 5x5",
      Convolution(outputs: 1, kernel: 5)),
    convolution(
      "the number of groups must divide the 2 channels that come in and the 3 that go out, got 2",
      Convolution(outputs: 3, kernel: 1, groups: 2)),
    convolution(
      "the number of groups must divide the 2 channels that come in and the 2 that go out, got 0",
      Convolution(outputs: 2, kernel: 1, groups: 0)),
    layers(
      "layer conv2: the kernel must fit into the input, 2x2 with padding 0x0, got 3x3", [1, 4, 4],
      [
        .convolution(Convolution(outputs: 2, kernel: 3)),
        .convolution(Convolution(outputs: 2, kernel: 3)),
      ]),
    layers(
      "layer pool1: the padding must be at most half the kernel, 3x3, got 2x2", [1, 4, 4],
      [.maxPool(Window(3, padding: 2))]),
    layers(
      "layer pool2: the kernel must fit into the input, 2x2 with padding 0x0, got 3x3", [1, 4, 4],
      [.maxPool(2), .averagePool(3)]),
    layers(
      "layer pool1: the input must be an image, channels x height x width, got 4", [4],
      [.globalAveragePool]),
    layers(
      "layer norm1: the number of groups must divide the 6 channels that come in, got 4", [6],
      [.groupNorm(groups: 4)]),
    layers(
      "layer norm1: epsilon must be a positive number, got 0.0", [6], [.layerNorm(epsilon: 0)]),
    layers(
      "layer norm1: epsilon must be a positive number, got inf", [6],
      [.batchNorm(epsilon: .infinity)]),
    layers(
      "layer norm1: the momentum must be from 0 to 1, got 1.5", [6], [.batchNorm(momentum: 1.5)]),
    layers(
      "layer norm1: an input of a single position cannot be normalised by channel, got [6]", [6],
      [.instanceNorm()]),
    layers(
      "layer dropout1: the probability must be at least 0 and below 1, got 1.0", [6],
      [.dropout(1)]),
    layers(
      "layer dropout1: the probability must be at least 0 and below 1, got nan", [6],
      [.dropout(.nan)]),
    layers(
      "layer leaky-relu1: the parameter of leaky-relu must be positive, got leaky-relu(-0.5)",
      [6], [.activation(.leakyReLU(slope: -0.5))]),
    layers(
      "layer softplus1: the parameter of softplus must be positive, got softplus(nan)", [6],
      [.activation(.softplus(beta: .nan))]),
    layers(
      "layer elu1: the parameter of elu must be positive, got elu(0.0)", [6],
      [.activation(.elu(alpha: 0))]),
    layers(
      "layer embedding1: the vocabulary must be at least 1, got 0", [6],
      [.embedding(vocabulary: 0, dimension: 2)]),
    layers(
      "layer embedding1: the dimension must be at least 1, got -1", [6],
      [.embedding(vocabulary: 2, dimension: -1)]),
    layers(
      "layer embedding1: its place must be the first, got after other layers", [6],
      [.dense(outputs: 2), .embedding(vocabulary: 2, dimension: 2)]),
    layers(
      "layer residual1: the shortcut's shape must be the body's, 3x4x4, got 2x4x4", [2, 4, 4],
      [.residual(body: [.convolution(Convolution(outputs: 3, kernel: 1))])]),
    Mistake("model cnn-431k: the number of classes must be at least 2, got 1") {
      _ = try CNN431K().network(inputShape: [1, 28, 28], classes: 1)
    },
    Mistake(
      "model lenet-zhu: the input shape must be an image, channels x height x width, got 3x32"
    ) { _ = try LeNetZhu().network(inputShape: [3, 32], classes: 10) },
    Mistake("model text: the input shape must be a single number of positions, got 1x2x3") {
      _ = try TextClassifier().network(inputShape: [1, 2, 3], classes: 2)
    },
    Mistake("model logistic: the input shape needs positive sizes, got [3, -1]") {
      _ = try Logistic().network(inputShape: [3, -1], classes: 2)
    },
  ]

  @Test("layers that do not fit are named, with what they got and need", arguments: networks)
  func refusesLayers(_ mistake: Mistake) { check(mistake) }

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
  func refusesPasses(_ mistake: Mistake) { check(mistake) }

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
  func refusesData(_ mistake: Mistake) { check(mistake) }

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
