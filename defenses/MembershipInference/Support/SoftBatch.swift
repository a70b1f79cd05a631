internal import Components
internal import Federation
internal import Learning
internal import Randomness
internal import Tensors

/// A batch about to be stepped on, for descents that choose inputs and targets themselves.
struct SoftBatch {
  /// The client's examples.
  let examples: LabeledExamples
  /// Their positions.
  let positions: [Int]
  /// The pass over the data, from 0.
  let epoch: Int
  private let network: Network
  /// The model now.
  let model: Vector
  private let workspace: Workspace

  init(
    _ examples: LabeledExamples, _ positions: [Int], epoch: Int, network: Network,
    parameters: Vector, workspace: Workspace
  ) {
    self.examples = examples
    self.positions = positions
    self.epoch = epoch
    self.network = network
    model = parameters
    self.workspace = workspace
  }

  var count: Int { positions.count }
  var classes: Int { network.classes }

  /// The labels as distributions, row-major.
  var oneHot: [Float] {
    var values = [Float](repeating: 0, count: count * classes)
    for (row, position) in positions.enumerated() {
      values[row * classes + Int(examples.labels[position])] = 1
    }
    return values
  }

  /// The inputs, row-major.
  func inputs() throws -> [Float] { try examples.subset(positions).features }

  /// What the model says now, row-major.
  func probabilities() throws -> [Double] {
    let logits = try network.predict(
      parameters: model, on: try examples.subset(positions), workspace: workspace
    ).logits
    return ModelHolder.softmax(logits.map(Double.init), classes: classes)
  }

  /// The batch whose cross-entropy has the gradient `gradient` by the logits at what the model says
  /// now, `probabilities`: targets p - gradient. A gradient by logits sums to zero in every row, so
  /// that targets sum to one, though some may be negative.
  func steered(by gradient: [Double], at probabilities: [Double]) throws -> Batch<Float> {
    Batch(
      inputs: try inputs(), targets: .dense(zip(probabilities, gradient).map { Float($0 - $1) }))
  }
}

extension LocalTask {
  /// The same steps on the same batches as plain training takes, each on what `form` makes of the
  /// batch.
  ///
  /// - Parameters:
  ///   - own: What is trained on; nil takes all of the client's examples.
  ///   - epochs: Passes; nil takes the training options'.
  func descend(
    from parameters: inout Vector, on own: LabeledExamples? = nil, epochs: Int? = nil,
    using generator: inout Generator,
    _ form: (SoftBatch, inout Generator) throws -> Batch<Float>
  ) throws -> DescentOutcome {
    let options = training.optimizerOptions(round: round)
    let examples = own ?? self.examples
    // Targets are the descent's own: no second smoothing.
    let network = try self.network.with(loss: .crossEntropy())
    var state = OptimizerState<Float>(for: network, options: options)
    var gradient = Vector(zeros: parameters.count)
    let workspace = Workspace(for: network, batchSize: training.batchSize)
    var first = 0.0
    for epoch in 0..<(epochs ?? training.epochs) {
      let order = generator.permutation(examples.count)
      for start in stride(from: 0, to: order.count, by: training.batchSize)
      where state.steps < maximumSteps {
        let positions = Array(order[start..<min(start + training.batchSize, order.count)])
        let batch = try form(
          SoftBatch(
            examples, positions, epoch: epoch, network: network, parameters: parameters,
            workspace: workspace), &generator)
        let loss = try network.differentiate(
          parameters: parameters, batch: batch,
          mode: .training(noise: generator.fork("dropout", UInt64(state.steps))),
          workspace: workspace, gradient: &gradient)
        if state.steps == 0 { first = loss }
        for objective in objectives {
          objective.addGradient(at: parameters, reference: received, to: &gradient)
        }
        try network.update(&parameters, along: gradient, state: &state, options: options)
        try network.updateStatistics(&parameters, workspace: workspace)
      }
    }
    return DescentOutcome(steps: state.steps, loss: first)
  }

  /// A part of the client's examples that is the same in every round, and the rest.
  func split(_ share: Double, purpose: Purpose) throws -> (
    part: LabeledExamples, rest: LabeledExamples
  ) {
    var stream = Generator(seed: UInt64(client)).fork(purpose)
    let order = stream.permutation(examples.count)
    let count = min(max(1, Int((share * Double(order.count)).rounded())), max(order.count - 1, 0))
    return (
      try examples.subset(order.prefix(count).sorted()),
      try examples.subset(order.dropFirst(count).sorted())
    )
  }
}

extension LocalDescent {
  /// Throws unless the model's loss by logits is all there is: without dropout and batch norms,
  /// whose training outputs are not what the model says.
  func requirePlainOutputs(_ network: Network) throws(FederationError) {
    func isPlain(_ layers: [Layer]) -> Bool {
      layers.allSatisfy { layer in
        switch layer {
        case .dropout, .batchNorm: false
        case .residual(let body, let shortcut): isPlain(body) && isPlain(shortcut)
        default: true
        }
      }
    }
    guard isPlain(network.layers) else {
      throw .unsuitableModel(
        component: cardName,
        problem: "it has dropout or batch norm, whose training outputs differ from what the model "
          + "says; take a model without, such as mlp or resnet-20 with group norm")
    }
  }
}
