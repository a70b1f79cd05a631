public import Tensors

/// Products of a loss's second derivatives with a direction `v` of the parameters.
///
/// An array is filled if it has its full length and left alone if it is empty.
public struct LossProducts<Value: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// `H v`: the derivative along `v` of the gradient by the parameters.
  public var parameters: [Value]
  /// `d/dx <dL/dw, v>`: the derivative along `v` of the gradient by the batch's inputs.
  public var inputs: [Value]
  /// `d/dq <dL/dw, v>`, by the batch's dense targets.
  public var targets: [Value]

  /// Room for what is wanted of a batch of `rows` examples.
  public init(
    for network: Network, rows: Int, parameters: Bool = false, inputs: Bool = false,
    targets: Bool = false
  ) {
    self.parameters = Array(repeating: 0, count: parameters ? network.parameterCount : 0)
    self.inputs = Array(repeating: 0, count: inputs ? rows * network.inputs : 0)
    self.targets = Array(repeating: 0, count: targets ? rows * network.classes : 0)
  }
}

/// Exact second-order products on one batch, without a tape.
///
/// For a direction `v` of the parameters, `d/dx <dL/dw, v>` equals the derivative of `dL/dx` along
/// `v`, so pushing the tangent of `v` through the forward and the backward pass gives it exactly,
/// and `H v` with it. Gradient matching is two calls: ``differentiate(parameters:batch:mode:workspace:gradient:)``
/// gives `g = dL/dw`, the attack forms `v = df/dg` of its objective `f(g)`, and
/// ``products(along:parameters:workspace:into:)`` gives `df/dx`.
///
/// Where an activation has a kink the products hold on either side of it.
///
/// Source: Pearlmutter, Fast Exact Multiplication by the Hessian, Neural Computation 6(1), 1994.
extension Network {
  /// The mean loss of a batch and its gradient by the parameters. The workspace keeps the passes
  /// for products.
  ///
  /// - Parameters:
  ///   - parameters: A vector of `parameterCount` values.
  ///   - batch: The point at which derivatives are taken.
  ///   - mode: Whether norms and dropout work as in training.
  ///   - workspace: Scratch memory made for this network.
  ///   - gradient: Receives `dL/dw`.
  /// - Returns: The mean loss.
  /// - Throws: `LearningError` if anything does not fit or there is no example.
  @discardableResult
  public func differentiate(
    parameters: Vector, batch: Batch<Float>, mode: PassMode = .evaluation, workspace: Workspace,
    gradient: inout Vector
  ) throws(LearningError) -> Double {
    let rows = try check(batch, parameters.count, gradient.count, workspace)
    return parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        differentiate(parameters, batch, rows, mode, workspace.float, gradient)
      }
    }
  }

  /// As the form for `Vector`, in double precision.
  @discardableResult
  public func differentiate(
    parameters: [Double], batch: Batch<Double>, mode: PassMode = .evaluation,
    workspace: Workspace, gradient: inout [Double]
  ) throws(LearningError) -> Double {
    let rows = try check(batch, parameters.count, gradient.count, workspace)
    return parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        differentiate(parameters, batch, rows, mode, workspace.double, gradient)
      }
    }
  }

  /// The mean loss of a batch and its gradient by the inputs, for attacks that move an input.
  ///
  /// - Parameter inputs: Receives `dL/dx`, as long as the batch's inputs.
  /// - Throws: `LearningError` if anything does not fit or there is no example.
  @discardableResult
  public func inputGradient(
    parameters: Vector, batch: Batch<Float>, mode: PassMode = .evaluation, workspace: Workspace,
    into inputs: inout [Float]
  ) throws(LearningError) -> Double {
    let rows = try checkInputs(batch, parameters.count, inputs.count, workspace)
    return parameters.withUnsafeBufferPointer {
      inputGradient($0, batch, rows, mode, workspace.float, &inputs)
    }
  }

  /// As the form for `Vector`, in double precision.
  @discardableResult
  public func inputGradient(
    parameters: [Double], batch: Batch<Double>, mode: PassMode = .evaluation,
    workspace: Workspace, into inputs: inout [Double]
  ) throws(LearningError) -> Double {
    let rows = try checkInputs(batch, parameters.count, inputs.count, workspace)
    return parameters.withUnsafeBufferPointer {
      inputGradient($0, batch, rows, mode, workspace.double, &inputs)
    }
  }

  /// Products of the second derivatives with a direction, at the batch that the workspace holds.
  ///
  /// - Parameters:
  ///   - direction: `v`, as long as the parameters.
  ///   - parameters: The same as in `differentiate`.
  ///   - inputDirection: If given, the inputs move too, along this direction: the products are then
  ///     derivatives along `(v, inputDirection)` jointly.
  ///   - workspace: The workspace that `differentiate` worked in last.
  ///   - products: Receives what it has room for: arrays of the full length are filled, empty ones
  ///     are left alone.
  /// - Throws: `LearningError` if a length does not fit.
  /// - Precondition: the workspace's last call was `differentiate` or `products`.
  public func products(
    along direction: Vector, parameters: Vector, inputDirection: [Float]? = nil,
    workspace: Workspace, into products: inout LossProducts<Float>
  ) throws(LearningError) {
    try check(
      products, direction.count, parameters.count, inputDirection?.count, workspace,
      workspace.float)
    direction.withUnsafeBufferPointer { direction in
      parameters.withUnsafeBufferPointer { parameters in
        self.products(
          direction, parameters, workspace.float, &products, inputDirection: inputDirection)
      }
    }
  }

  /// As the form for `Vector`, in double precision.
  public func products(
    along direction: [Double], parameters: [Double], inputDirection: [Double]? = nil,
    workspace: Workspace, into products: inout LossProducts<Double>
  ) throws(LearningError) {
    try check(
      products, direction.count, parameters.count, inputDirection?.count, workspace,
      workspace.double)
    direction.withUnsafeBufferPointer { direction in
      parameters.withUnsafeBufferPointer { parameters in
        self.products(
          direction, parameters, workspace.double, &products, inputDirection: inputDirection)
      }
    }
  }
}

// MARK: The generic core

extension Network {
  func differentiate<S: Scalar>(
    _ parameters: UnsafeBufferPointer<S>, _ batch: Batch<S>, _ rows: Int, _ mode: PassMode,
    _ scratch: Scratch<S>, _ gradient: UnsafeMutableBufferPointer<S>
  ) -> Double {
    scratch.reserve(rows: rows, .tangents)
    let parameters = parameters.baseAddress ?? UnsafePointer(scratch.vector(.gradient))
    let gradient = gradient.baseAddress ?? scratch.vector(.gradient)
    let loss = forwardAndLoss(parameters, batch, rows, mode, scratch)
    backward(
      parameters, scratch, rows: rows, sink: GradientSink(target: gradient, alpha: 1, beta: 0))
    return loss
  }

  private func inputGradient<S: Scalar>(
    _ parameters: UnsafeBufferPointer<S>, _ batch: Batch<S>, _ rows: Int, _ mode: PassMode,
    _ scratch: Scratch<S>, _ inputs: inout [S]
  ) -> Double {
    scratch.reserve(rows: rows, .gradients)
    let parameters = parameters.baseAddress ?? UnsafePointer(scratch.vector(.gradient))
    let loss = forwardAndLoss(parameters, batch, rows, mode, scratch)
    backward(parameters, scratch, rows: rows, sink: nil, wantsInput: true)
    inputs.withUnsafeMutableBufferPointer { target in
      target.baseAddress?.update(from: scratch.gradient(0), count: target.count)
    }
    return loss
  }

  /// Loads a batch and computes outputs, losses and the gradient by the outputs; the mean loss.
  private func forwardAndLoss<S: Scalar>(
    _ parameters: UnsafePointer<S>, _ batch: Batch<S>, _ rows: Int, _ mode: PassMode,
    _ scratch: Scratch<S>
  ) -> Double {
    scratch.load(batch, rows: rows)
    forward(parameters, scratch, rows: rows, mode: mode)
    lossGradient(scratch, rows: rows, scale: 1 / S(rows), wantsLosses: true)
    var sum = 0.0
    for row in 0..<rows { sum += scratch.losses[row] }
    return sum / Double(rows)
  }

  /// The tangent passes along `direction` over the batch that the scratch memory holds.
  func products<S: Scalar>(
    _ direction: UnsafeBufferPointer<S>, _ parameters: UnsafeBufferPointer<S>,
    _ scratch: Scratch<S>, _ products: inout LossProducts<S>, inputDirection: [S]? = nil,
    pull: ActivationPull<S>? = nil
  ) {
    inputDirection?.withUnsafeBufferPointer { source in
      source.baseAddress.map { scratch.tangent(0).update(from: $0, count: source.count) }
    }
    let rows = scratch.heldRows
    let none = UnsafePointer(scratch.vector(.gradient))
    let parameters = parameters.baseAddress ?? none
    let direction = direction.baseAddress ?? none
    if inputDirection != nil, !products.inputs.isEmpty {
      // `differentiate` left out the gradients before the first parameters, which curve here.
      lossGradient(scratch, rows: rows, scale: 1 / S(rows), wantsLosses: false)
      backward(parameters, scratch, rows: rows, sink: nil, wantsInput: true)
    }
    products.parameters.withUnsafeMutableBufferPointer { target in
      let sink = target.baseAddress.map { GradientSink(target: $0, alpha: 1, beta: 0) }
      tangentPasses(
        parameters, along: direction, scratch, rows: rows, moves: inputDirection != nil,
        sink: target.isEmpty ? nil : sink, wantsInput: !products.inputs.isEmpty, pull: pull)
    }
    products.inputs.withUnsafeMutableBufferPointer { target in
      target.baseAddress?.update(from: scratch.gradientTangent(0), count: target.count)
    }
    products.targets.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress, !target.isEmpty else { return }
      lossTargetTangent(scratch, rows: rows, scale: 1 / S(rows), into: base)
    }
  }

  /// Tangent of every activation, of the loss's gradient, and of every gradient, along `direction`.
  func tangentPasses<S: Scalar>(
    _ parameters: UnsafePointer<S>, along direction: UnsafePointer<S>, _ scratch: Scratch<S>,
    rows: Int, moves: Bool, sink: GradientSink<S>?, wantsInput: Bool,
    pull: ActivationPull<S>? = nil
  ) {
    let last = bufferSizes.count - 1
    if parameterCount > 0 || moves {
      tangentForward(parameters, along: direction, scratch, rows: rows, moves: moves)
    } else {
      scratch.tangent(last).update(repeating: 0, count: rows * classes)
    }
    lossTangent(scratch, rows: rows, scale: 1 / S(rows))
    tangentBackward(
      parameters, along: direction, scratch, rows: rows, moves: moves, sink: sink,
      wantsInput: wantsInput, pull: pull)
  }

  private func check<S: Scalar>(
    _ batch: Batch<S>, _ parameters: Int, _ gradient: Int, _ workspace: Workspace
  ) throws(LearningError) -> Int {
    check(workspace)
    try check(parameters: parameters, place: "derivatives")
    try check(gradient: gradient, place: "derivatives")
    return try batch.rows(for: self, place: "derivatives")
  }

  private func checkInputs<S: Scalar>(
    _ batch: Batch<S>, _ parameters: Int, _ inputs: Int, _ workspace: Workspace
  ) throws(LearningError) -> Int {
    check(workspace)
    try check(parameters: parameters, place: "input gradient")
    guard inputs == batch.inputs.count else {
      throw .sizeMismatch(
        place: "input gradient", what: "values for the result", got: inputs,
        expected: batch.inputs.count)
    }
    return try batch.rows(for: self, place: "input gradient")
  }

  func check<S: Scalar>(
    _ products: LossProducts<S>, _ direction: Int, _ parameters: Int, _ inputDirection: Int?,
    _ workspace: Workspace, _ scratch: Scratch<S>
  ) throws(LearningError) {
    check(workspace)
    precondition(scratch.heldRows > 0, "products follow `differentiate` in the same workspace")
    try check(parameters: parameters, place: "products")
    guard direction == parameterCount else {
      throw .sizeMismatch(
        place: "products", what: "values in the direction", got: direction,
        expected: parameterCount)
    }
    if let inputDirection, inputDirection != scratch.heldRows * inputs {
      throw .sizeMismatch(
        place: "products", what: "values in the input direction", got: inputDirection,
        expected: scratch.heldRows * inputs)
    }
    try check(products.parameters.count, of: parameterCount, "values for the parameters")
    try check(products.inputs.count, of: scratch.heldRows * inputs, "values for the inputs")
    try check(products.targets.count, of: scratch.heldRows * classes, "values for the targets")
  }

  private func check(_ count: Int, of full: Int, _ what: String) throws(LearningError) {
    guard count == 0 || count == full else {
      throw .sizeMismatch(place: "products", what: what, got: count, expected: full)
    }
  }
}
