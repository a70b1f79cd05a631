public import Randomness
public import Tensors

/// A feed-forward network: layers bound to an input shape, and where their parameters lie in one
/// flat vector.
///
/// A network is structure only. Parameters are a `Vector` that the caller owns, activations belong
/// to a `Workspace`, so one network serves any number of clients and workers.
///
///     let network = try Network(
///       input: [4], [.dense(outputs: 3), .relu, .dense(outputs: 2)])
///     network.layout.segments.map(\.name)
///     // ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
///     network.parameterCount  // 23
///
/// Images come in as `[channels, height, width]`. The outputs are logits under the cross-entropy
/// loss, values under the squared error.
public struct Network: Sendable, Hashable {
  /// The shape of one example.
  public let inputShape: [Int]
  /// The layers in the order of the forward pass.
  public let layers: [Layer]
  /// What training minimises and gradients are of.
  public let loss: Loss
  /// The segment table of the parameter vector.
  public let layout: ParameterLayout
  /// How each segment starts.
  private let initials: [InitialValue]
  private let initialBound: Double?
  /// The passes, over numbered buffers.
  let steps: [Step]
  /// Values of one example in each activation buffer; the last holds the outputs.
  let bufferSizes: [Int]
  /// The stretches of the parameter vector that training changes: all but running statistics.
  let trainable: [Range<Int>]
  /// Examples per pass where the whole data is swept: evaluation and full gradients. A function of
  /// the structure only, so that results do not depend on a workspace's size.
  public let block: Int

  /// A network of these layers for examples of the shape `input`.
  ///
  /// - Parameters:
  ///   - input: The shape of one example: `[features]`, `[channels, height, width]`, or
  ///     `[positions]` of token numbers before an embedding.
  ///   - layers: At least one layer.
  ///   - loss: What training minimises.
  ///   - initialBound: If given, weights and biases start uniform within it, whatever their layer.
  /// - Throws: `LearningError` if there is no layer, or one does not fit what comes before it; the
  ///   message names the layer, what it got and what it needs.
  public init(
    input: [Int], _ layers: [Layer], loss: Loss = .crossEntropy(), initialBound: Double? = nil
  ) throws(LearningError) {
    guard !layers.isEmpty else {
      throw .invalid(
        place: "network", what: "the list of layers", got: "none", requirement: "needs a layer")
    }
    guard !input.isEmpty, input.allSatisfy({ $0 >= 1 }) else {
      throw .invalid(
        place: "network", what: "the input shape", got: "\(input)",
        requirement: "needs positive sizes")
    }
    try NetworkCompiler.check(size: input, "network", "the input")
    try loss.check(place: "network")
    var compiler = NetworkCompiler(input: input)
    try compiler.append(layers)
    compiler.finish()
    self.inputShape = input
    self.layers = layers
    self.loss = loss
    self.initialBound = initialBound
    layout = ParameterLayout(compiler.segments)
    initials = zip(compiler.initials, compiler.segments).map { initial, segment in
      guard let initialBound, segment.kind == .weight || segment.kind == .bias else {
        return initial
      }
      return .uniform(bound: initialBound)
    }
    steps = compiler.steps
    bufferSizes = compiler.bufferSizes
    trainable = Self.trainableRanges(compiler.segments)
    block = Self.block(valuesPerExample: compiler.bufferSizes.reduce(0, +))
  }

  /// The same network under another loss.
  ///
  /// - Throws: `LearningError` if the loss has a parameter out of range.
  public func with(loss: Loss) throws(LearningError) -> Network {
    try Network(input: inputShape, layers, loss: loss, initialBound: initialBound)
  }

  /// A network of other layers for the same examples and loss, whose parameters start alike.
  ///
  /// - Throws: `LearningError` as for a new network.
  public func with(layers: [Layer]) throws(LearningError) -> Network {
    try Network(input: inputShape, layers, loss: loss, initialBound: initialBound)
  }

  /// Values of one example.
  public var inputs: Int { bufferSizes[0] }
  /// Values that come out for one example: the classes the network can tell apart.
  public var classes: Int { bufferSizes[bufferSizes.count - 1] }
  /// Length of the parameter vector.
  public var parameterCount: Int { layout.count }

  /// Whether a layer's training output for one example depends on the rest of its batch, as that of
  /// a batch norm does. Such a network has no per-example gradients in training.
  public var mixesExamples: Bool {
    steps.contains { step in
      if case .run(let run) = step { run.operation.mixesExamples } else { false }
    }
  }

  /// Random parameters to start from, as PyTorch initialises by default: weights and biases uniform
  /// within `1 / sqrt(fan-in)`, norms at scale 1 and shift 0, embeddings standard normal.
  public func initialParameters(using generator: inout Generator) -> Vector {
    var values: [Float] = []
    values.reserveCapacity(parameterCount)
    for (segment, initial) in zip(layout.segments, initials) {
      for _ in segment.range {
        switch initial {
        case .constant(let value): values.append(Float(value))
        case .uniform(let bound): values.append(Float((2 * generator.uniform() - 1) * bound))
        case .normal(let deviation): values.append(Float(generator.normal() * deviation))
        }
      }
    }
    return Vector(values)
  }

  /// Networks are equal when input, layers and loss are.
  public static func == (left: Network, right: Network) -> Bool {
    left.inputShape == right.inputShape && left.layers == right.layers && left.loss == right.loss
  }

  /// Hashes input, layers and loss.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(inputShape)
    hasher.combine(layers)
    hasher.combine(loss)
  }

  /// The largest power of two up to 128 whose activations stay within 16 million values.
  private static func block(valuesPerExample: Int) -> Int {
    var block = 128
    while block > 1, block * valuesPerExample > 1 << 24 { block /= 2 }
    return block
  }

  private static func trainableRanges(_ segments: [Segment]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for segment in segments where segment.kind != .statistics && segment.kind != .counter {
      if let last = ranges.last, last.upperBound == segment.range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<segment.range.upperBound
      } else {
        ranges.append(segment.range)
      }
    }
    return ranges
  }
}
