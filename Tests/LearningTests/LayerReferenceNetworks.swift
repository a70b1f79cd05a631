import Learning

/// The networks of `learning_layers_pytorch.json` by name, as a user writes them.
enum LayerReferenceNetworks {
  typealias Maker = @Sendable () throws -> Network

  static let all: [String: Maker] = {
    var all: [String: Maker] = [:]
    for group in [dense, convolutions, activations, pools, norms, others, losses] {
      all.merge(group) { _, last in last }
    }
    return all
  }()

  private static func make(
    _ input: [Int], _ layers: [Layer], loss: Loss = .crossEntropy()
  ) -> Maker {
    { try Network(input: input, layers, loss: loss) }
  }

  private static func conv(
    _ outputs: Int, _ kernel: Extent, stride: Extent = 1, padding: Extent = 0, groups: Int = 1,
    bias: Bool = true
  ) -> Layer {
    .convolution(
      Convolution(
        outputs: outputs, kernel: kernel, stride: stride, padding: padding, groups: groups,
        bias: bias))
  }

  private static let tanh = Layer.activation(.tanh)
  private static let head = Layer.dense(outputs: 3)

  private static let dense: [String: Maker] = [
    "dense": make([5], [.dense(outputs: 4), head]),
    "dense without bias": make(
      [5], [.dense(outputs: 4, bias: false), tanh, .dense(outputs: 3, bias: false)]),
    "flatten": make([2, 3, 4], [.flatten, .dense(outputs: 6), .flatten, tanh, head]),
    "flatten between channels": make([2, 4, 3], [conv(3, 2), .flatten, tanh, head]),
    "image as output": make([2, 4, 3], [conv(2, 2)]),
  ]

  private static let convolutions: [String: Maker] = {
    let tested: [(String, [Int], Layer)] = [
      ("conv 3x3", [2, 4, 5], conv(3, 3)),
      (
        "conv 3x2, stride 2x1", [2, 6, 4],
        conv(2, Extent(height: 3, width: 2), stride: Extent(height: 2, width: 1))
      ),
      (
        "conv 3x3, padding 1x2", [2, 3, 4], conv(2, 3, padding: Extent(height: 1, width: 2))
      ),
      (
        "conv 4x2, stride 3x2, padding 2x1", [1, 5, 5],
        conv(
          3, Extent(height: 4, width: 2), stride: Extent(height: 3, width: 2),
          padding: Extent(height: 2, width: 1))
      ),
      ("conv 1x1, stride 2, no bias", [3, 4, 5], conv(4, 1, stride: 2, bias: false)),
      ("conv in 2 groups", [4, 4, 4], conv(6, 3, groups: 2)),
      (
        "conv in 2 groups, stride 2, padding 1", [4, 4, 3],
        conv(4, 3, stride: 2, padding: 1, groups: 2)
      ),
      ("depthwise conv", [3, 4, 3], conv(3, 3, padding: 1, groups: 3)),
      ("depthwise conv, two outputs a channel", [3, 4, 4], conv(6, 3, groups: 3)),
    ]
    var all: [String: Maker] = [:]
    for (name, input, layer) in tested {
      all[name] = make(input, [layer, tanh, head])
      all[name + ", inside"] = make(
        input, [conv(input[0], 1), .activation(.sigmoid), layer, tanh, head])
    }
    return all
  }()

  private static let activations: [String: Maker] = {
    let tested: [(String, ActivationFunction)] = [
      ("relu", .relu), ("leaky-relu 0.01", .leakyReLU()),
      ("leaky-relu 0.25", .leakyReLU(slope: 0.25)),
      ("elu 1", .elu()), ("elu 0.75", .elu(alpha: 0.75)), ("sigmoid", .sigmoid), ("tanh", .tanh),
      ("softplus 1", .softplus()), ("softplus 2.5", .softplus(beta: 2.5)), ("gelu", .gelu),
      ("silu", .silu),
    ]
    var all: [String: Maker] = [:]
    for (name, function) in tested {
      all[name] = make(
        [5], [.activation(function), .dense(outputs: 6), .activation(function), head])
    }
    return all
  }()

  private static let pools: [String: Maker] = {
    let tested: [(String, [Int], Layer)] = [
      ("max-pool 2, odd sizes", [2, 5, 7], .maxPool(2)),
      ("max-pool 3, stride 2", [2, 7, 5], .maxPool(Window(3, stride: 2))),
      ("max-pool 3, stride 2, padding 1", [2, 6, 5], .maxPool(Window(3, stride: 2, padding: 1))),
      (
        "max-pool 2x3, stride 1", [2, 4, 5],
        .maxPool(Window(Extent(height: 2, width: 3), stride: 1))
      ),
      ("max-pool 2, stride 3", [2, 5, 5], .maxPool(Window(2, stride: 3))),
      ("average pool 2, odd sizes", [2, 5, 7], .averagePool(2)),
      (
        "average pool 3, stride 2, padding 1", [2, 6, 5],
        .averagePool(Window(3, stride: 2, padding: 1))
      ),
      (
        "average pool 3x2, stride 1x3", [2, 5, 6],
        .averagePool(
          Window(Extent(height: 3, width: 2), stride: Extent(height: 1, width: 3)))
      ),
      ("global average pool", [2, 3, 5], .globalAveragePool),
    ]
    var all: [String: Maker] = [
      "relu before max-pool": make([2, 6, 6], [conv(3, 3), .relu, .maxPool(2), head])
    ]
    for (name, input, layer) in tested { all[name] = make(input, [conv(2, 1), tanh, layer, head]) }
    return all
  }()

  private static let norms: [String: Maker] = {
    let images: [(String, Layer)] = [
      ("batch norm in training", .batchNorm(momentum: 0.25)),
      ("batch norm in evaluation", .batchNorm()),
      ("group norm, 2 groups", .groupNorm(groups: 2)),
      ("group norm, 1 group, large epsilon", .groupNorm(groups: 1, epsilon: 0.125)),
      ("group norm, a group a channel", .groupNorm(groups: 4)),
      ("layer norm of an image", .layerNorm()),
      ("instance norm", .instanceNorm()),
    ]
    let rows: [(String, Layer)] = [
      ("batch norm in training of rows", .batchNorm()),
      ("batch norm in evaluation of rows", .batchNorm(epsilon: 0.0625)),
      ("layer norm of rows", .layerNorm()),
    ]
    var all: [String: Maker] = [
      "group norm of rows": make(
        [4], [.groupNorm(groups: 2), .dense(outputs: 6), .groupNorm(groups: 3), head])
    ]
    for (name, layer) in images { all[name] = make([2, 3, 4], [conv(4, 2), layer, tanh, head]) }
    for (name, layer) in rows {
      all[name] = make([5], [layer, .dense(outputs: 6), layer, tanh, head])
    }
    return all
  }()

  private static let others: [String: Maker] = [
    "embedding, mean": make(
      [6], [.embedding(vocabulary: 5, dimension: 3), .globalAveragePool, tanh, head]),
    "embedding, flatten": make(
      [4], [.embedding(vocabulary: 3, dimension: 2), tanh, .flatten, head]),
    "embedding, conv along the positions": make(
      [5],
      [
        .embedding(vocabulary: 4, dimension: 3), conv(2, Extent(height: 3, width: 1)), tanh,
        .globalAveragePool, head,
      ]),
    "residual": make(
      [2, 4, 4],
      [
        conv(2, 1), .residual(body: [conv(2, 3, padding: 1), .relu, conv(2, 3, padding: 1)]),
        .relu, head,
      ]),
    "residual, activation first": make(
      [2, 3, 3],
      [
        conv(2, 1), .residual(body: [.relu, conv(2, 3, padding: 1)]),
        .residual(body: [tanh, .activation(.leakyReLU(slope: 0.25))]), head,
      ]),
    "residual with projection": make(
      [2, 4, 4],
      [
        conv(2, 1),
        .residual(
          body: [conv(3, 3, stride: 2, padding: 1), .groupNorm(groups: 3), tanh, conv(3, 1)],
          shortcut: [conv(3, 1, stride: 2, bias: false)]),
        .globalAveragePool, head,
      ]),
    "residual of rows, nested": make(
      [4],
      [
        .residual(
          body: [.dense(outputs: 4), .residual(body: [tanh, .dense(outputs: 4)])],
          shortcut: [.dense(outputs: 4)]),
        head,
      ]),
  ]

  private static let losses: [String: Maker] = {
    let tested: [(String, Loss)] = [
      ("cross-entropy", .crossEntropy()), ("cross-entropy, soft labels", .crossEntropy()),
      ("cross-entropy, weights for labels", .crossEntropy()),
      ("cross-entropy, smoothing", .crossEntropy(labelSmoothing: 0.125)),
      ("cross-entropy, soft labels, smoothing", .crossEntropy(labelSmoothing: 0.125)),
      ("squared error", .meanSquaredError), ("squared error, dense targets", .meanSquaredError),
      ("binary cross-entropy", .binaryCrossEntropy),
      ("binary cross-entropy, dense targets", .binaryCrossEntropy),
    ]
    var all: [String: Maker] = [:]
    for (name, loss) in tested {
      all[name] = make([4], [.dense(outputs: 5), tanh, head], loss: loss)
    }
    return all
  }()
}
