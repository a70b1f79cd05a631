import Learning
import Testing

/// What networks say about layers that do not fit.
@Suite("Bad layers")
struct BadLayerTests {
  /// One mistake and the message it must give.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let message: String
    let make: @Sendable () throws -> Void
    var testDescription: String { message }

    init(_ message: String, _ make: @escaping @Sendable () throws -> Void) {
      self.message = message
      self.make = make
    }

    func check() {
      let error = #expect(throws: (any Error).self) { try make() }
      #expect(error.map { "\($0)" } == message)
    }
  }

  private static func layers(
    _ message: String, _ input: [Int], _ layers: [Layer], loss: Loss = .crossEntropy()
  ) -> Mistake {
    Mistake(message) { _ = try Network(input: input, layers, loss: loss) }
  }

  private static func huge(
    _ what: String, _ got: String, _ input: [Int], _ layer: Layer
  ) -> Mistake {
    layers("\(what) must be at most 2147483647 values, got \(got)", input, [layer])
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
    huge("network: the size of the input", "9223372036854775807x2", [.max, 2], .flatten),
    huge("layer fc1: the size of the weights", "9223372036854775807x2", [2], .dense(outputs: .max)),
    huge("layer fc1: the size of the weights", "1073741824x2", [2], .dense(outputs: 1 << 30)),
    huge(
      "layer embedding1: the size of the table", "4294967296x4294967296", [2],
      .embedding(vocabulary: 1 << 32, dimension: 1 << 32)),
    huge(
      "layer conv1: the size of the weights", "4611686018427387904x1x2x2", [1, 2, 2],
      .convolution(Convolution(outputs: 1 << 62, kernel: 2))),
    huge(
      "layer conv1: the size of the padding", "9223372036854775807x9223372036854775807", [1, 2, 2],
      .convolution(Convolution(outputs: 1, kernel: 1, padding: Extent(.max)))),
    huge(
      "layer conv1: the size of the output", "1x80001x80001", [1, 1, 1],
      .convolution(Convolution(outputs: 1, kernel: 1, padding: 40_000))),
    huge(
      "layer pool1: the size of the kernel", "9223372036854775807x9223372036854775807", [1, 2, 2],
      .maxPool(Window(Extent(.max)))),
    layers(
      "layer pool1: the padding must be at most half the kernel, 1x1, "
        + "got 9223372036854775807x9223372036854775807", [1, 2, 2],
      [.maxPool(Window(1, padding: Extent(.max)))]),
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
  func refusesLayers(_ mistake: Mistake) { mistake.check() }
}
