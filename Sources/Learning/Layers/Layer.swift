/// A layer as one writes it; the shape that reaches it is inferred when a ``Network`` is made.
///
/// The set is closed, so that a pass is a switch and not a dispatch through protocols. Defaults are
/// PyTorch's.
///
///     let layers: [Layer] = [
///       .convolution(Convolution(outputs: 20, kernel: 5)), .activation(.relu), .maxPool(2),
///       .flatten, .dense(outputs: 10),
///     ]
public indirect enum Layer: Sendable, Hashable {
  /// `y = x W' + b` on the flattened example.
  case dense(outputs: Int, bias: Bool = true)
  /// Cross-correlation of an image with kernels.
  case convolution(Convolution)
  /// A function of every value.
  case activation(ActivationFunction)
  /// The largest value of each window; the first wins a tie.
  case maxPool(Window)
  /// The mean of each window, padding counted as zeros.
  case averagePool(Window)
  /// The mean of each channel over all positions, of an image or of a sequence.
  case globalAveragePool
  /// Normalises every channel over batch and positions in training, by running statistics otherwise.
  case batchNorm(epsilon: Double = 1e-5, momentum: Double = 0.1)
  /// Normalises groups of channels of one example.
  case groupNorm(groups: Int, epsilon: Double = 1e-5)
  /// Normalises all values of one example; scale and shift for each value.
  case layerNorm(epsilon: Double = 1e-5)
  /// Normalises every channel of one example over its positions, without scale and shift.
  case instanceNorm(epsilon: Double = 1e-5)
  /// In training, sets each value to 0 with this probability and scales up the others.
  case dropout(Double = 0.5)
  /// As many values as come in, by way of samples from `features` normal distributions in training,
  /// their means in evaluation; what the distributions tell, in bits, costs `penalty` each.
  /// `evaluationNoise`, if not empty, holds standard normal values that evaluation samples with.
  case variationalBottleneck(
    features: Int = 256, penalty: Double = 1e-3, evaluationNoise: [Float] = [])
  /// A vector for each token of a sequence; the examples' values are token numbers.
  case embedding(vocabulary: Int, dimension: Int)
  /// One row of values, channel by channel.
  case flatten
  /// `body(x) + shortcut(x)`; an empty shortcut is the identity.
  case residual(body: [Layer], shortcut: [Layer] = [])

  /// A rectifier, the most frequent activation.
  public static var relu: Layer { .activation(.relu) }

  /// What its segments and error messages call it, before its order: `fc` in `fc1.weight`.
  public var kindName: String {
    switch self {
    case .dense: "fc"
    case .convolution: "conv"
    case .activation(let function): function.name
    case .maxPool, .averagePool, .globalAveragePool: "pool"
    case .batchNorm, .groupNorm, .layerNorm, .instanceNorm: "norm"
    case .dropout: "dropout"
    case .variationalBottleneck: "bottleneck"
    case .embedding: "embedding"
    case .flatten: "flatten"
    case .residual: "residual"
    }
  }
}

/// A height and a width; a single number means both.
public struct Extent: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Along the image's rows.
  public var height: Int
  /// Along its columns.
  public var width: Int

  /// A height and a width.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(_ side: Int) { self.init(height: side, width: side) }
  /// A square.
  public init(integerLiteral side: Int) { self.init(side) }

  /// As `5x3`.
  public var description: String { "\(height)x\(width)" }
}

/// The kernels of a convolution (torch.nn.Conv2d without dilation).
///
/// Weights are `[outputs, channels / groups, height, width]`. An axis of length `n` becomes
/// `(n + 2 padding - kernel) / stride + 1`, rounded down.
public struct Convolution: Sendable, Hashable {
  /// Channels that come out.
  public var outputs: Int
  /// Size of a kernel.
  public var kernel: Extent
  /// Distance between neighbouring positions.
  public var stride: Extent
  /// Zeros added on each side.
  public var padding: Extent
  /// Parts that the channels are split into, each with kernels of its own.
  public var groups: Int
  /// Whether each output channel has a bias.
  public var bias: Bool

  /// Kernels as given; what does not fit is reported when a network is made.
  public init(
    outputs: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0, groups: Int = 1,
    bias: Bool = true
  ) {
    self.outputs = outputs
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.groups = groups
    self.bias = bias
  }
}

/// The windows of a pooling layer (torch.nn.MaxPool2d, AvgPool2d).
public struct Window: Sendable, Hashable, ExpressibleByIntegerLiteral {
  /// Size of a window.
  public var kernel: Extent
  /// Distance between neighbouring windows.
  public var stride: Extent
  /// Padding on each side, at most half the kernel.
  public var padding: Extent

  /// Windows of `kernel`, side by side unless a stride is given.
  public init(_ kernel: Extent, stride: Extent? = nil, padding: Extent = 0) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }
  /// Square windows side by side.
  public init(integerLiteral side: Int) { self.init(Extent(side)) }
}
