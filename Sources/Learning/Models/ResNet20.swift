public import Components

/// The residual network of 20 layers for small images: three stages of three blocks with 16, 32 and
/// 64 channels.
///
/// A block is conv 3x3, norm, ReLU, conv 3x3, norm, added to its input and rectified. The first block
/// of the second and third stage halves the image; its shortcut is a 1x1 convolution with a norm (the
/// paper's option B). Convolutions have no bias. At 3 channels and 10 classes: 272,474 trained
/// parameters.
///
/// Group norm is the default, because batch statistics neither average well over clients nor leave
/// an example a gradient of its own.
public struct ResNet20: ModelFamily {
  /// Which norm.
  public enum Norm: String, Codable, Hashable, Sendable {
    /// Group norm.
    case group
    /// Batch norm.
    case batch
  }

  /// What a configuration may set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Which norm follows each convolution.
    public var norm: Norm
    /// Groups of a group norm; must divide 16.
    public var groups: Int

    /// Group norm of 8 groups unless told otherwise.
    public init(norm: Norm = .group, groups: Int = 8) {
      self.norm = norm
      self.groups = groups
    }
  }

  /// Name and meaning.
  public static let card = Card(
    name: "resnet-20",
    summary: "Residual network of 20 layers for small images, with group or batch norm.",
    formula: "conv 16@3x3; 3 blocks each of 16, 32, 64 channels; global average pool; dense",
    citation: "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016, "
      + "section 4.2 (shortcuts: option B)",
    parameters: [
      Card.Parameter("norm", "which norm follows each convolution", range: "group or batch"),
      Card.Parameter("groups", "groups of a group norm", range: "1, 2, 4, 8 or 16"),
    ])

  /// Group norm of 8 groups.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A network with these norms.
  ///
  /// - Throws: `ParameterError` if the groups do not divide 16.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "groups", parameters.groups >= 1 && 16 % max(parameters.groups, 1) == 0,
      "must divide the 16 channels of the first stage: 1, 2, 4, 8 or 16", got: parameters.groups)
    try check.finish()
    self.parameters = parameters
  }

  /// Tensors `conv1` to `conv21`, `norm1` to `norm21` (a block's shortcut after its body), `fc1`.
  public func network(inputShape: [Int], classes: Int) throws -> Network {
    try check(inputShape, classes: classes, dimensions: 3)
    var layers = convolution(16, kernel: 3) + [.relu]
    for (stage, channels) in [16, 32, 64].enumerated() {
      for block in 0..<3 {
        let halves = stage > 0 && block == 0
        layers.append(
          .residual(
            body: convolution(channels, kernel: 3, stride: halves ? 2 : 1) + [.relu]
              + convolution(channels, kernel: 3),
            shortcut: halves ? convolution(channels, kernel: 1, stride: 2) : []))
        layers.append(.relu)
      }
    }
    return try Network(
      input: inputShape, layers + [.globalAveragePool, .dense(outputs: classes)])
  }

  private func convolution(_ channels: Int, kernel: Int, stride: Int = 1) -> [Layer] {
    [
      .convolution(
        Convolution(
          outputs: channels, kernel: Extent(kernel), stride: Extent(stride),
          padding: Extent(kernel / 2), bias: false)),
      parameters.norm == .group ? .groupNorm(groups: parameters.groups) : .batchNorm(),
    ]
  }
}
