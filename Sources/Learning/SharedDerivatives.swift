public import Tensors

/// First and second derivatives on one batch, its examples shared out among threads.
///
/// The batch is cut into shares of a fixed number of examples, each with a workspace of its own, so
/// that results do not depend on the number of workers: losses, gradients and products are means over
/// examples, and the shares' parts are added in order. For gradient matching at every iteration.
///
///     let derivatives = SharedDerivatives(of: network, examples: 8, workers: 2)
///     let loss = try derivatives.differentiate(parameters: w, batch: batch, gradient: &g)
///     try derivatives.products(along: v, parameters: w, into: &products)   // products.inputs
///
/// A network that mixes the examples of a training batch is refused in training mode.
public final class SharedDerivatives {
  private let network: Network
  private let workers: Int
  private let shares: Shares

  /// Room for batches of `examples`.
  ///
  /// - Parameters:
  ///   - examples: Largest batch, at least 1.
  ///   - shareSize: Examples in a share, at least 1; results depend on it in the last bits.
  ///   - workers: Threads, at least 1.
  public init(of network: Network, examples: Int, shareSize: Int = 4, workers: Int) {
    precondition(
      examples >= 1 && shareSize >= 1 && workers >= 1,
      "a batch, a share and a pool have at least one member")
    self.network = network
    self.workers = workers
    shares = Shares(network, count: (examples + shareSize - 1) / shareSize, size: shareSize)
  }

  /// The mean loss of a batch and its gradient by the parameters; keeps the passes for `products`.
  ///
  /// - Throws: `LearningError` if anything does not fit, or the batch is larger than said before.
  @discardableResult
  public func differentiate(
    parameters: Vector, batch: Batch<Float>, mode: PassMode = .evaluation,
    gradient: inout Vector
  ) throws(LearningError) -> Double {
    let rows = try batch.rows(for: network, place: "derivatives")
    try network.check(gradient: gradient.count, place: "derivatives")
    guard rows <= shares.capacity else {
      throw .sizeMismatch(
        place: "derivatives", what: "examples", got: rows, expected: shares.capacity)
    }
    if case .training = mode, network.mixesExamples {
      throw .invalid(
        place: "derivatives", what: "the network", got: "batch norm in training mode",
        requirement: "must not mix the examples that are shared out")
    }
    let ranges = shares.ranges(rows)
    shares.held = ranges
    let losses = try WorkerPool.map(ranges.count, workers: workers) {
      [network, shares] (index, _) throws(LearningError) in
      let share = shares.all[index]
      return try network.differentiate(
        parameters: parameters, batch: batch.part(ranges[index], of: network), mode: mode,
        workspace: share.workspace, gradient: &share.gradient)
    }
    var loss = 0.0
    gradient.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    for (index, range) in ranges.enumerated() {
      let weight = Double(range.count) / Double(rows)
      loss += weight * losses[index]
      gradient.add(shares.all[index].gradient, scale: Float(weight))
    }
    return loss
  }

  /// Products of the second derivatives with a direction at the batch of the last `differentiate`.
  ///
  /// - Parameter products: As in ``Network``'s `products`: full arrays are filled, empty ones are not.
  /// - Throws: `LearningError` if a length does not fit.
  /// - Precondition: `differentiate` has run.
  public func products(
    along direction: Vector, parameters: Vector, into products: inout LossProducts<Float>
  ) throws(LearningError) {
    let ranges = shares.held
    precondition(!ranges.isEmpty, "`differentiate` comes before `products`")
    let rows = ranges.reduce(0) { $0 + $1.count }
    let (wantsParameters, wantsInputs, wantsTargets) = (
      !products.parameters.isEmpty, !products.inputs.isEmpty, !products.targets.isEmpty
    )
    let parts = try WorkerPool.map(ranges.count, workers: workers) {
      [network, shares] (index, _) throws(LearningError) in
      var part = LossProducts<Float>(
        for: network, rows: ranges[index].count, parameters: wantsParameters,
        inputs: wantsInputs, targets: wantsTargets)
      try network.products(
        along: direction, parameters: parameters, workspace: shares.all[index].workspace,
        into: &part)
      return part
    }
    try products.collect(parts, ranges, of: network, rows: rows)
  }
}

/// What one share works in, kept from call to call: fresh memory costs as much as the work.
private final class Share {
  let workspace: Workspace
  var gradient: Vector

  init(_ network: Network, size: Int) {
    workspace = Workspace(for: network, batchSize: size)
    gradient = Vector(zeros: network.parameterCount)
  }
}

/// The shares; each belongs to one thread at a time.
///
/// `@unchecked Sendable`: `held` changes only between parallel calls, and a worker pool hands each
/// index to one thread.
private final class Shares: @unchecked Sendable {
  let all: [Share]
  let size: Int
  /// The examples of each share of the last batch.
  var held: [Range<Int>] = []

  init(_ network: Network, count: Int, size: Int) {
    self.size = size
    all = (0..<count).map { _ in Share(network, size: size) }
  }

  var capacity: Int { all.count * size }

  func ranges(_ rows: Int) -> [Range<Int>] {
    stride(from: 0, to: rows, by: size).map { $0..<min($0 + size, rows) }
  }
}

extension Batch {
  /// Some of the examples; the batch fits the network.
  fileprivate func part(_ rows: Range<Int>, of network: Network) -> Batch {
    func slice<Element>(_ values: [Element], width: Int) -> [Element] {
      Array(values[(rows.lowerBound * width)..<(rows.upperBound * width)])
    }
    let part = slice(inputs, width: network.inputs)
    return switch targets {
    case .labels(let labels): Batch(inputs: part, labels: slice(labels, width: 1))
    case .dense(let values):
      Batch(inputs: part, targets: .dense(slice(values, width: network.classes)))
    }
  }
}

extension LossProducts<Float> {
  /// Takes the shares' products, which are means over a share, as parts of a mean over all rows.
  fileprivate mutating func collect(
    _ parts: [LossProducts<Float>], _ ranges: [Range<Int>], of network: Network, rows: Int
  ) throws(LearningError) {
    func check(_ count: Int, of full: Int, _ what: String) throws(LearningError) {
      guard count == 0 || count == full else {
        throw .sizeMismatch(place: "products", what: what, got: count, expected: full)
      }
    }
    try check(parameters.count, of: network.parameterCount, "values for the parameters")
    try check(inputs.count, of: rows * network.inputs, "values for the inputs")
    try check(targets.count, of: rows * network.classes, "values for the targets")
    for index in parameters.indices { parameters[index] = 0 }
    for (part, range) in zip(parts, ranges) {
      let weight = Float(range.count) / Float(rows)
      for index in parameters.indices { parameters[index] += weight * part.parameters[index] }
      for index in part.inputs.indices {
        inputs[range.lowerBound * network.inputs + index] = weight * part.inputs[index]
      }
      for index in part.targets.indices {
        targets[range.lowerBound * network.classes + index] = weight * part.targets[index]
      }
    }
  }
}
