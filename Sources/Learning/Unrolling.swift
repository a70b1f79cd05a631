public import Tensors

/// Local training of several SGD steps, differentiated exactly: how the trained parameters, and
/// anything computed from them, depend on every batch.
///
/// The forward run keeps the parameters before each step. The backward run starts from
/// `lambda = df/dw_K` and goes through the steps in reverse; each needs one Hessian-vector product
/// and one mixed product at its batch, and no tape:
///
///     m_{k+1} = momentum m_k + dL_k/dw + weightDecay w_k     w_{k+1} = w_k - rate m_{k+1}
///
///     nu = mu - rate lambda
///     df/dx_k = d/dx <dL_k/dw, nu>
///     lambda += H_k nu + weightDecay nu,   mu = momentum nu
///
/// Memory: one copy of the parameters a step. Time: about three training steps a step.
public final class Unrolling<Value: BinaryFloatingPoint & Sendable> {
  /// What a function of the trained parameters depends on.
  public struct Gradients: Sendable {
    /// By the inputs of each step's batch.
    public var inputs: [[Value]]
    /// By the dense targets of each step's batch; empty where a batch has labels.
    public var targets: [[Value]]
    /// By the parameters that training started from.
    public var start: [Value]
  }

  private let network: Network
  private let workspace: Workspace
  private let options: SGDOptions
  private var batches: [Batch<Value>] = []
  private var trajectory: [[Value]] = []

  /// - Throws: `LearningError` if an option is out of range.
  public init(network: Network, options: SGDOptions, workspace: Workspace) throws(LearningError) {
    try options.check(place: "unrolling")
    network.check(workspace)
    self.network = network
    self.options = options
    self.workspace = workspace
  }
}

extension Unrolling where Value == Float {
  /// Trains from `start`, one step on each batch; the parameters that come out.
  ///
  /// - Throws: `LearningError` if anything does not fit.
  public func train(from start: Vector, on batches: [Batch<Float>]) throws(LearningError) -> Vector
  {
    Vector(try train(start.array, batches, workspace.float))
  }

  /// The gradients of a function whose gradient by the trained parameters is `lambda`.
  ///
  /// - Precondition: `train` has run.
  public func pullBack(_ lambda: Vector) throws(LearningError) -> Gradients {
    try pullBack(lambda.array, workspace.float)
  }
}

extension Unrolling where Value == Double {
  /// Trains from `start`, one step on each batch; the parameters that come out.
  ///
  /// - Throws: `LearningError` if anything does not fit.
  public func train(
    from start: [Double], on batches: [Batch<Double>]
  ) throws(LearningError) -> [Double] {
    try train(start, batches, workspace.double)
  }

  /// The gradients of a function whose gradient by the trained parameters is `lambda`.
  ///
  /// - Precondition: `train` has run.
  public func pullBack(_ lambda: [Double]) throws(LearningError) -> Gradients {
    try pullBack(lambda, workspace.double)
  }
}

extension Unrolling where Value: Scalar {
  fileprivate func train(
    _ start: [Value], _ batches: [Batch<Value>], _ scratch: Scratch<Value>
  ) throws(LearningError) -> [Value] {
    try network.check(parameters: start.count, place: "unrolling")
    for (step, batch) in batches.enumerated() {
      _ = try batch.rows(for: network, place: "unrolling, batch \(step)")
    }
    self.batches = batches
    trajectory = [start]
    var parameters = start
    var gradient = [Value](repeating: 0, count: start.count)
    var momentum = gradient
    let (rate, share, decay) = coefficients
    for batch in batches {
      differentiate(batch, at: parameters, scratch, into: &gradient)
      for range in network.trainable {
        for i in range {
          momentum[i] = share * momentum[i] + (gradient[i] + decay * parameters[i])
          parameters[i] -= rate * momentum[i]
        }
      }
      trajectory.append(parameters)
    }
    return parameters
  }

  fileprivate func pullBack(
    _ lambda: [Value], _ scratch: Scratch<Value>
  ) throws(LearningError) -> Gradients {
    precondition(!trajectory.isEmpty, "`train` comes before `pullBack`")
    guard lambda.count == network.parameterCount else {
      throw .sizeMismatch(
        place: "unrolling", what: "values in the gradient by the trained parameters",
        got: lambda.count, expected: network.parameterCount)
    }
    var lambda = lambda
    var mu = [Value](repeating: 0, count: lambda.count)
    var gradient = mu
    let (rate, share, decay) = coefficients
    var result = Gradients(inputs: [], targets: [], start: [])
    for (step, batch) in batches.enumerated().reversed() {
      let parameters = trajectory[step]
      for range in network.trainable { for i in range { mu[i] -= rate * lambda[i] } }
      differentiate(batch, at: parameters, scratch, into: &gradient)
      var hasTargets = false
      if case .dense = batch.targets { hasTargets = true }
      var products = LossProducts<Value>(
        for: network, rows: scratch.heldRows, parameters: true, inputs: true, targets: hasTargets)
      mu.withUnsafeBufferPointer { direction in
        parameters.withUnsafeBufferPointer { parameters in
          network.products(direction, parameters, scratch, &products)
        }
      }
      result.inputs.append(products.inputs)
      result.targets.append(products.targets)
      for i in mu.indices {
        lambda[i] += products.parameters[i] + decay * mu[i]
        mu[i] *= share
      }
    }
    result.inputs.reverse()
    result.targets.reverse()
    result.start = lambda
    return result
  }

  private var coefficients: (rate: Value, momentum: Value, decay: Value) {
    (Value(options.learningRate), Value(options.momentum), Value(options.weightDecay))
  }

  private func differentiate(
    _ batch: Batch<Value>, at parameters: [Value], _ scratch: Scratch<Value>,
    into gradient: inout [Value]
  ) {
    let rows = batch.inputs.count / network.inputs
    parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        _ = network.differentiate(
          parameters, batch, rows, .evaluation, scratch, gradient)
      }
    }
  }
}
