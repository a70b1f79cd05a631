public import Randomness
public import Tensors

/// A feed-forward classifier: layers, and where their parameters lie in one flat vector.
///
/// A network is structure only. Parameters are a `Vector` that the caller owns, activations belong
/// to a `Workspace`, so one network serves any number of clients and workers.
///
///     let network = try Network(
///       [.dense(Dense(inputs: 4, outputs: 3)), .relu(ReLU(features: 3)),
///        .dense(Dense(inputs: 3, outputs: 2))])
///     network.layout.segments.map(\.name)
///     // ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
///     network.parameterCount  // 23
///
/// The last layer's outputs are the logits of the softmax cross-entropy loss.
public struct Network: Sendable, Hashable {
  /// Examples per pass where the whole data is swept: evaluation and full gradients. A constant, so
  /// that results do not depend on a workspace's size.
  public static let block = 128

  /// The layers in the order of the forward pass.
  public let layers: [Layer]
  /// The segment table of the parameter vector.
  public let layout: ParameterLayout
  /// Where each layer's parameters start.
  let offsets: [Int]
  /// The activation buffers that each layer reads and writes; equal if it works in place.
  let buffers: [(input: Int, output: Int)]
  /// Features of each activation buffer.
  let bufferSizes: [Int]

  /// A network of these layers.
  ///
  /// - Throws: `LearningError` if there is no layer, or one does not take what the one before gives.
  public init(_ layers: [Layer]) throws(LearningError) {
    guard let first = layers.first else {
      throw .invalid(
        place: "network", what: "the list of layers", got: "none", requirement: "needs a layer")
    }
    let head = layers.lastIndex { $0.parameterCount > 0 }
    var segments: [Segment] = []
    var offsets: [Int] = []
    var buffers: [(input: Int, output: Int)] = []
    var bufferSizes = [first.inputs]
    var order: [String: Int] = [:]
    var width = first.inputs
    var offset = 0
    for (index, layer) in layers.enumerated() {
      order[layer.kindName, default: 0] += 1
      let name = "\(layer.kindName)\(order[layer.kindName, default: 0])"
      guard layer.inputs == width else {
        throw .sizeMismatch(
          place: "layer \(name)", what: "input features", got: width, expected: layer.inputs)
      }
      segments += layer.segments(named: name, at: offset, role: index == head ? .head : .base)
      offsets.append(offset)
      offset += layer.parameterCount
      width = layer.outputs
      let input = bufferSizes.count - 1
      // The batch itself is never overwritten: the first layer's gradient needs it.
      if !layer.worksInPlace || input == 0 { bufferSizes.append(width) }
      buffers.append((input, bufferSizes.count - 1))
    }
    self.layers = layers
    self.layout = ParameterLayout(segments)
    self.offsets = offsets
    self.buffers = buffers
    self.bufferSizes = bufferSizes
  }

  /// Features of one example.
  public var inputs: Int { bufferSizes[0] }
  /// Length of a logit vector: the classes the network can tell apart.
  public var classes: Int { bufferSizes[bufferSizes.count - 1] }
  /// Length of the parameter vector.
  public var parameterCount: Int { layout.count }

  /// Random parameters to start from: each layer's weights and biases uniform within
  /// `1 / sqrt(fan-in)`, as PyTorch initialises by default.
  public func initialParameters(using generator: inout Generator) -> Vector {
    var values: [Float] = []
    values.reserveCapacity(parameterCount)
    for layer in layers {
      let bound = layer.initialBound
      for _ in 0..<layer.parameterCount {
        values.append(Float((2 * generator.uniform() - 1) * bound))
      }
    }
    return Vector(values)
  }

  /// Networks are equal when their layers are.
  public static func == (left: Network, right: Network) -> Bool { left.layers == right.layers }
  /// Hashes the layers.
  public func hash(into hasher: inout Hasher) { hasher.combine(layers) }
}
