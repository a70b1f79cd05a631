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
    try WorkerPool.forEach(ranges.count, workers: workers) {
      [network, shares] (index, _) throws(LearningError) in
      let share = shares.all[index]
      share.batch.take(ranges[index], of: batch, network)
      share.loss = try network.differentiate(
        parameters: parameters, batch: share.batch, mode: mode, workspace: share.workspace,
        gradient: &share.gradient)
    }
    var loss = 0.0
    for (index, range) in ranges.enumerated() {
      let share = shares.all[index]
      let weight = Double(range.count) / Double(rows)
      loss += weight * share.loss
      gradient.withUnsafeMutableBufferPointer { sum in
        share.gradient.withUnsafeBufferPointer {
          sum.take($0, times: Float(weight), adding: index > 0)
        }
      }
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
    try products.check(network, rows: rows)
    try WorkerPool.forEach(ranges.count, workers: workers) {
      [network, shares] (index, _) throws(LearningError) in
      let share = shares.all[index]
      share.products.resize(
        for: network, rows: ranges[index].count, parameters: wantsParameters,
        inputs: wantsInputs, targets: wantsTargets)
      try network.products(
        along: direction, parameters: parameters, workspace: share.workspace,
        into: &share.products)
    }
    for (index, range) in ranges.enumerated() {
      products.take(
        shares.all[index].products, range, of: network, weight: Float(range.count) / Float(rows))
    }
  }
}

/// What one share works in, kept from call to call: fresh memory costs as much as the work.
private final class Share {
  let workspace: Workspace
  var gradient: Vector
  var batch = Batch<Float>(inputs: [], labels: [])
  var products: LossProducts<Float>
  var loss = 0.0

  init(_ network: Network, size: Int) {
    workspace = Workspace(for: network, batchSize: size)
    gradient = Vector(zeros: network.parameterCount)
    products = LossProducts(for: network, rows: 0)
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

extension Batch<Float> {
  /// Becomes some of another batch's examples, which fits the network, in the memory that is there.
  fileprivate mutating func take(_ rows: Range<Int>, of whole: Batch, _ network: Network) {
    func part<Element>(_ values: [Element], _ width: Int) -> ArraySlice<Element> {
      values[(rows.lowerBound * width)..<(rows.upperBound * width)]
    }
    inputs.replaceSubrange(0..., with: part(whole.inputs, network.inputs))
    switch whole.targets {
    case .labels(let labels): targets = .labels(Array(part(labels, 1)))
    case .dense(let values): targets = .dense(Array(part(values, network.classes)))
    }
  }
}

extension LossProducts<Float> {
  /// - Throws: `LearningError` unless every array is empty or has its full length.
  fileprivate func check(_ network: Network, rows: Int) throws(LearningError) {
    func check(_ count: Int, of full: Int, _ what: String) throws(LearningError) {
      guard count == 0 || count == full else {
        throw .sizeMismatch(place: "products", what: what, got: count, expected: full)
      }
    }
    try check(parameters.count, of: network.parameterCount, "values for the parameters")
    try check(inputs.count, of: rows * network.inputs, "values for the inputs")
    try check(targets.count, of: rows * network.classes, "values for the targets")
  }

  /// Room for what is wanted of `rows` examples, made anew only where the sizes differ.
  fileprivate mutating func resize(
    for network: Network, rows: Int, parameters: Bool, inputs: Bool, targets: Bool
  ) {
    guard
      self.parameters.count != (parameters ? network.parameterCount : 0)
        || self.inputs.count != (inputs ? rows * network.inputs : 0)
        || self.targets.count != (targets ? rows * network.classes : 0)
    else { return }
    self = LossProducts(
      for: network, rows: rows, parameters: parameters, inputs: inputs, targets: targets)
  }

  /// Takes a share's products, which are means over the share, as part of a mean over all rows; the
  /// first share's come first.
  fileprivate mutating func take(
    _ part: LossProducts, _ rows: Range<Int>, of network: Network, weight: Float
  ) {
    func take(_ whole: inout [Float], _ part: [Float], at start: Int, adding: Bool) {
      guard !whole.isEmpty else { return }
      whole.withUnsafeMutableBufferPointer { whole in
        part.withUnsafeBufferPointer { part in
          UnsafeMutableBufferPointer(rebasing: whole[start..<(start + part.count)])
            .take(part, times: weight, adding: adding)
        }
      }
    }
    take(&parameters, part.parameters, at: 0, adding: rows.lowerBound > 0)
    take(&inputs, part.inputs, at: rows.lowerBound * network.inputs, adding: false)
    take(&targets, part.targets, at: rows.lowerBound * network.classes, adding: false)
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Becomes, or gains, a multiple of as many values.
  fileprivate func take(_ values: UnsafeBufferPointer<Float>, times factor: Float, adding: Bool) {
    guard let base = baseAddress, let source = values.baseAddress else { return }
    if adding {
      for index in 0..<count { base[index] += factor * source[index] }
    } else {
      for index in 0..<count { base[index] = factor * source[index] }
    }
  }
}
