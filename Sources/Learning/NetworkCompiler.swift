/// One step of a network's passes, over numbered activation buffers; buffer 0 holds the batch.
enum Step: Sendable {
  /// An operation from one buffer to another, or in place.
  case run(Run)
  /// `output = left + right`, where a residual block closes.
  case merge(Merge)

  struct Run: Sendable {
    let operation: BoundOperation
    /// Where its parameters start in the flat vector.
    let offset: Int
    let hasParameters: Bool
    let input: Int
    let output: Int
    /// Values of one example in the input buffer.
    let width: Int
    /// Whether the input's gradient depends on parameters that come before: else only the gradient
    /// by the batch itself needs it.
    let inputDepends: Bool
    /// Whether the output depends on any parameter.
    let outputDepends: Bool
    /// Whether the input buffer has had a gradient from a later step, which this one adds to.
    var accumulates = false
  }

  struct Merge: Sendable {
    let left: Int
    let right: Int
    let output: Int
    let width: Int
    let leftDepends: Bool
    let rightDepends: Bool
    var accumulatesLeft = false
    var accumulatesRight = false
  }
}

/// Turns layers as written into steps: infers shapes, numbers layers, places parameters and buffers.
struct NetworkCompiler {
  private(set) var steps: [Step] = []
  private(set) var segments: [Segment] = []
  private(set) var initials: [InitialValue] = []
  /// Values of one example in each buffer.
  private(set) var bufferSizes: [Int]
  /// The shape that the layers so far give.
  private(set) var shape: [Int]

  /// How an image lies in the current buffer; the two are one for a single channel or position.
  private enum Order { case channelFirst, channelLast }
  private var order = Order.channelFirst
  private var current = 0
  private var offset = 0
  private var counts: [String: Int] = [:]
  /// Whether each buffer depends on a parameter.
  private var depends = [false]
  /// Buffers that something else still reads, and that must not be overwritten: the batch, and what
  /// goes into a shortcut.
  private var kept: Set<Int> = [0]

  init(input: [Int]) {
    shape = input
    bufferSizes = [input.reduce(1, *)]
  }

  mutating func append(_ layers: [Layer]) throws(LearningError) {
    var layers = layers[...]
    while let layer = layers.popFirst() {
      // Pooling first gives the same values and gradients, and leaves the rectifier less to do.
      if layer == .relu, case .maxPool = layers.first, let pool = layers.popFirst() {
        try append(pool)
      }
      try append(layer)
    }
  }

  /// Closes the network: marks the last layer with parameters as the head, links the gradients.
  mutating func finish() {
    // What comes out is the outputs in order, an image channel by channel.
    setOrder(.channelFirst)
    linkGradients()
    guard let last = segments.last?.name.prefix(while: { $0 != "." }) else { return }
    segments = segments.map { segment in
      guard segment.name.prefix(while: { $0 != "." }) == last else { return segment }
      return Segment(
        name: segment.name, offset: segment.range.lowerBound, shape: segment.shape,
        kind: segment.kind, role: .head)
    }
  }

  // MARK: Layers

  private mutating func append(_ layer: Layer) throws(LearningError) {
    counts[layer.kindName, default: 0] += 1
    let name = "\(layer.kindName)\(counts[layer.kindName, default: 0])"
    switch layer {
    case .dense(let outputs, let bias):
      try require(outputs >= 1, name, "the number of outputs", outputs, "must be at least 1")
      try Self.check(size: [outputs, width], "layer \(name)", "the weights")
      setOrder(.channelFirst)
      run(.dense(DenseOperation(inputs: width, outputs: outputs, bias: bias)), name)
      shape = [outputs]
    case .convolution(let convolution):
      try append(convolution, name)
    case .activation(let function):
      try require(
        function.isValid, name, "the parameter of \(function.name)", function, "must be positive")
      run(.activation(ActivationOperation(features: width, function: function)), name)
    case .maxPool(let window):
      try append(window, kind: .max, name)
    case .averagePool(let window):
      try append(window, kind: .average, name)
    case .globalAveragePool:
      let (channels, height, width) = try image(name)
      try append(Window(Extent(height: height, width: width)), kind: .average, name)
      shape = [channels]
    case .batchNorm(let epsilon, let momentum):
      try check(epsilon: epsilon, name)
      try require(
        momentum >= 0 && momentum <= 1, name, "the momentum", momentum, "must be from 0 to 1")
      let (channels, positions) = channelsAndPositions()
      setOrder(.channelLast)
      run(
        .batchNorm(
          BatchNormOperation(
            positions: positions, channels: channels, epsilon: epsilon, momentum: momentum,
            affine: true)), name)
    case .groupNorm(let groups, let epsilon):
      try check(epsilon: epsilon, name)
      let (channels, positions) = channelsAndPositions()
      try require(
        groups >= 1 && channels % max(groups, 1) == 0, name, "the number of groups", groups,
        "must divide the \(channels) channels that come in")
      norm(groups: groups, channels: channels, positions: positions, epsilon, affine: true, name)
    case .layerNorm(let epsilon):
      try check(epsilon: epsilon, name)
      setOrder(.channelFirst)
      let shape = shape
      norm(groups: 1, channels: width, positions: 1, epsilon, affine: true, name, tensor: shape)
    case .instanceNorm(let epsilon):
      try check(epsilon: epsilon, name)
      let (channels, positions) = channelsAndPositions()
      try require(
        positions > 1, name, "an input of a single position", shape,
        "cannot be normalised by channel")
      norm(groups: channels, channels: channels, positions: positions, epsilon, affine: false, name)
    case .dropout(let probability):
      try require(
        probability >= 0 && probability < 1, name, "the probability", probability,
        "must be at least 0 and below 1")
      run(.dropout(DropoutOperation(features: width, probability: probability)), name)
    case .variationalBottleneck(let features, let penalty, let noise):
      try appendBottleneck(features: features, penalty: penalty, noise: noise, name)
    case .embedding(let vocabulary, let dimension):
      try require(vocabulary >= 1, name, "the vocabulary", vocabulary, "must be at least 1")
      try require(dimension >= 1, name, "the dimension", dimension, "must be at least 1")
      try Self.check(size: [vocabulary, dimension], "layer \(name)", "the table")
      try Self.check(size: [width, dimension], "layer \(name)", "the output")
      try require(current == 0, name, "its place", "after other layers", "must be the first")
      let positions = width
      run(
        .embedding(
          EmbeddingOperation(tokens: vocabulary, dimension: dimension, positions: positions)), name)
      // A sequence is an image of one column whose channels are the dimensions.
      shape = [dimension, positions, 1]
      order = .channelLast
    case .flatten:
      setOrder(.channelFirst)
      shape = [width]
    case .residual(let body, let shortcut):
      try appendResidual(body, shortcut, name)
    }
  }

  private mutating func appendBottleneck(
    features: Int, penalty: Double, noise: [Float], _ name: String
  ) throws(LearningError) {
    try require(features >= 1, name, "the number of features", features, "must be at least 1")
    try require(
      penalty >= 0 && penalty.isFinite, name, "the penalty", penalty,
      "must be a finite number of at least 0")
    try require(
      noise.isEmpty || noise.count == features && noise.allSatisfy(\.isFinite), name,
      "the noise of evaluation", "\(noise.count) values", "must be a finite number for each feature"
    )
    let width = width
    try Self.check(size: [features, 2, width], "layer \(name)", "the weights")
    setOrder(.channelFirst)
    run(
      .dense(DenseOperation(inputs: width, outputs: 2 * features, bias: true)), "\(name).encoder")
    run(
      .bottleneck(
        BottleneckOperation(features: features, penalty: penalty, evaluationNoise: noise)),
      "\(name).sample")
    run(.dense(DenseOperation(inputs: features, outputs: width, bias: true)), "\(name).decoder")
  }

  private mutating func append(
    _ convolution: Convolution, _ name: String
  ) throws(LearningError) {
    let (channels, height, width) = try image(name)
    try require(
      convolution.outputs >= 1, name, "the number of outputs", convolution.outputs,
      "must be at least 1")
    try require(
      convolution.groups >= 1 && channels % max(convolution.groups, 1) == 0
        && convolution.outputs % max(convolution.groups, 1) == 0, name, "the number of groups",
      convolution.groups,
      "must divide the \(channels) channels that come in and the \(convolution.outputs) that go out"
    )
    let (outHeight, outWidth) = try extent(
      height: height, width: width, convolution.kernel, convolution.stride, convolution.padding,
      name)
    try Self.check(
      size: [
        convolution.outputs, channels / convolution.groups, convolution.kernel.height,
        convolution.kernel.width,
      ], "layer \(name)", "the weights")
    try Self.check(
      size: [convolution.outputs, outHeight, outWidth], "layer \(name)", "the output")
    try Self.check(
      size: [
        channels, height + 2 * convolution.padding.height, width + 2 * convolution.padding.width,
      ], "layer \(name)", "the padded input")
    setOrder(.channelLast)
    run(
      .convolution(
        ConvolutionOperation(
          inChannels: channels, inHeight: height, inWidth: width,
          outChannels: convolution.outputs, kernelHeight: convolution.kernel.height,
          kernelWidth: convolution.kernel.width, strideHeight: convolution.stride.height,
          strideWidth: convolution.stride.width, paddingHeight: convolution.padding.height,
          paddingWidth: convolution.padding.width, groups: convolution.groups,
          bias: convolution.bias)), name)
    shape = [convolution.outputs, outHeight, outWidth]
    order = .channelLast
  }

  private mutating func append(
    _ window: Window, kind: PoolOperation.Kind, _ name: String
  ) throws(LearningError) {
    let (channels, height, width) = try image(name)
    try require(
      window.padding.height <= window.kernel.height / 2
        && window.padding.width <= window.kernel.width / 2, name, "the padding", window.padding,
      "must be at most half the kernel, \(window.kernel)")
    let (outHeight, outWidth) = try extent(
      height: height, width: width, window.kernel, window.stride, window.padding, name)
    try Self.check(size: [channels, outHeight, outWidth], "layer \(name)", "the output")
    setOrder(.channelLast)
    run(
      .pool(
        PoolOperation(
          kind: kind, channels: channels, inHeight: height, inWidth: width,
          kernelHeight: window.kernel.height, kernelWidth: window.kernel.width,
          strideHeight: window.stride.height, strideWidth: window.stride.width,
          paddingHeight: window.padding.height, paddingWidth: window.padding.width)), name)
    shape = [channels, outHeight, outWidth]
    order = .channelLast
  }

  private mutating func norm(
    groups: Int, channels: Int, positions: Int, _ epsilon: Double, affine: Bool, _ name: String,
    tensor: [Int]? = nil
  ) {
    if tensor == nil { setOrder(.channelLast) }
    run(
      .groupNorm(
        GroupNormOperation(
          positions: positions, channels: channels, groups: groups, epsilon: epsilon,
          affine: affine)), name, tensorShape: tensor)
  }

  private mutating func appendResidual(
    _ body: [Layer], _ shortcut: [Layer], _ name: String
  ) throws(LearningError) {
    let start = (buffer: current, shape: shape, order: order)
    let wasKept = kept.contains(current)
    kept.insert(current)
    try append(body)
    let left = (buffer: current, shape: shape, order: order)
    kept.insert(left.buffer)
    (current, shape, order) = start
    try append(shortcut)
    guard shape == left.shape else {
      throw .invalid(
        place: "layer \(name)", what: "the shortcut's shape", got: Self.describe(shape),
        requirement: "must be the body's, \(Self.describe(left.shape))")
    }
    setOrder(left.order)
    if !wasKept { kept.remove(start.buffer) }
    let right = current
    current = newBuffer(width, depends: depends[left.buffer] || depends[right])
    steps.append(
      .merge(
        Step.Merge(
          left: left.buffer, right: right, output: current, width: width,
          leftDepends: depends[left.buffer], rightDepends: depends[right])))
  }

  // MARK: Steps

  private var width: Int { shape.reduce(1, *) }

  private mutating func newBuffer(_ width: Int, depends value: Bool) -> Int {
    bufferSizes.append(width)
    depends.append(value)
    return bufferSizes.count - 1
  }

  private mutating func run(
    _ bound: BoundOperation, _ name: String, tensorShape: [Int]? = nil
  ) {
    let operation = bound.operation
    let input = current
    let inPlace = operation.worksInPlace && !kept.contains(current) && !readByProducer(current)
    let start = offset
    for tensor in operation.tensors {
      segments.append(
        Segment(
          name: "\(name).\(tensor.name)", offset: offset, shape: tensorShape ?? tensor.shape,
          kind: tensor.kind, role: .base))
      initials.append(tensor.initial)
      offset += tensor.count
    }
    let hasParameters = offset > start
    let inputDepends = depends[input]
    if inPlace {
      depends[current] = inputDepends || hasParameters
    } else {
      current = newBuffer(operation.outputs, depends: inputDepends || hasParameters)
    }
    steps.append(
      .run(
        Step.Run(
          operation: bound, offset: start, hasParameters: hasParameters, input: input,
          output: current, width: operation.inputs, inputDepends: inputDepends,
          outputDepends: inputDepends || hasParameters)))
  }

  /// Whether the step that wrote this buffer reads it again for its gradients.
  private func readByProducer(_ buffer: Int) -> Bool {
    for step in steps.reversed() {
      if case .run(let run) = step, run.output == buffer, run.operation.operation.readsOutput {
        return true
      }
    }
    return false
  }

  /// Rearranges the current image if it does not lie in this order.
  private mutating func setOrder(_ wanted: Order) {
    defer { order = wanted }
    guard order != wanted, shape.count == 3 else { return }
    let (channels, positions) = channelsAndPositions()
    guard channels > 1, positions > 1 else { return }
    run(
      .permute(
        PermuteOperation(
          positions: positions, channels: channels,
          direction: wanted == .channelLast ? .toChannelLast : .toChannelFirst)), "permute")
  }

  /// Walks the steps as the backward pass does: whoever finds a gradient in a buffer adds to it.
  private mutating func linkGradients() {
    var written: Set<Int> = []
    for index in steps.indices.reversed() {
      switch steps[index] {
      case .run(var run):
        if run.input != run.output {
          run.accumulates = !written.insert(run.input).inserted
          steps[index] = .run(run)
        }
      case .merge(var merge):
        merge.accumulatesLeft = !written.insert(merge.left).inserted
        merge.accumulatesRight = !written.insert(merge.right).inserted
        steps[index] = .merge(merge)
      }
    }
  }

  // MARK: Shapes

  /// Channels and positions per channel of what comes in; a plain row has one position.
  private func channelsAndPositions() -> (channels: Int, positions: Int) {
    shape.count == 3 ? (shape[0], shape[1] * shape[2]) : (width, 1)
  }

  private func image(
    _ name: String
  ) throws(LearningError) -> (channels: Int, height: Int, width: Int) {
    guard shape.count == 3 else {
      throw .invalid(
        place: "layer \(name)", what: "the input", got: Self.describe(shape),
        requirement: "must be an image, channels x height x width")
    }
    return (shape[0], shape[1], shape[2])
  }
}
