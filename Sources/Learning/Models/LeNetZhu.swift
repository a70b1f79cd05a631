public import Components

/// The smooth convolutional network that gradient inversion is studied on: three 5x5 convolutions of
/// 12 channels with sigmoids, and a dense layer.
///
/// Twice differentiable everywhere, with strides in place of pooling. At 3x32x32 and 10 classes it
/// has 15,826 parameters.
public struct LeNetZhu: ModelFamily {
  /// How it starts.
  public struct Parameters: Codable, Hashable, Sendable {
    /// All weights and biases start uniform within this bound; 0 means PyTorch's default.
    public var initialBound: Double

    /// Weights and biases within `initialBound`.
    public init(initialBound: Double = 0) { self.initialBound = initialBound }
  }

  /// Name and meaning.
  public static let card = Card(
    name: "lenet-zhu",
    summary:
      "Smooth network of gradient-inversion studies: three conv 12@5x5 with sigmoids, dense.",
    formula: "conv 12@5x5 padding 2 with strides 2, 2, 1, a sigmoid after each; dense",
    citation: "Zhu, Liu, Han: Deep Leakage from Gradients, NeurIPS 2019, section 4",
    parameters: [
      Card.Parameter(
        "initial-bound", "all weights start uniform within this bound; 0 for PyTorch's default",
        range: "at least 0; the paper's code uses 0.5")
    ])

  /// PyTorch's initial weights.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A network that starts so.
  ///
  /// - Throws: `ParameterError` if the bound is negative.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "initial-bound", parameters.initialBound >= 0 && parameters.initialBound.isFinite,
      "must be a number of at least 0", got: parameters.initialBound)
    try check.finish()
    self.parameters = parameters
  }

  /// Tensors `conv1`, `conv2`, `conv3`, `fc1`.
  public func network(inputShape: [Int], classes: Int) throws -> Network {
    try check(inputShape, classes: classes, dimensions: 3)
    func convolution(stride: Extent) -> Layer {
      .convolution(Convolution(outputs: 12, kernel: 5, stride: stride, padding: 2))
    }
    return try Network(
      input: inputShape,
      [
        convolution(stride: 2), .activation(.sigmoid), convolution(stride: 2),
        .activation(.sigmoid), convolution(stride: 1), .activation(.sigmoid), .flatten,
        .dense(outputs: classes),
      ], initialBound: parameters.initialBound == 0 ? nil : parameters.initialBound)
  }
}
