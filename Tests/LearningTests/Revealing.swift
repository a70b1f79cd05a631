import Learning
import Tensors
import Testing

/// Values and derivatives of layers without parameters, seen from outside in either precision.
///
/// Behind the layers stands a dense layer of one output. With weights 0 and target -1/2 the gradient
/// by its weights is exactly what comes into it; with integers everywhere, or weights so small that
/// the output hardly moves the loss's slope, the input gradient is exactly the layers' own.
enum Revealing {
  /// What the layers make of one example.
  static func values<S: BinaryFloatingPoint & Sendable>(
    of layers: [Layer], input: [Int], at x: [S], mode: PassMode = .evaluation
  ) throws -> [S] {
    let network = try network(layers, input)
    let count = network.parameterCount
    let batch = Batch<S>(inputs: x, targets: .dense([-0.5]))
    let workspace = Workspace(for: network, batchSize: 1)
    return try gradient(
      network, [S](repeating: 0, count: count), batch, mode: mode, workspace: workspace)
  }

  /// The input gradient of `<weights, y>` at one example, where all values are small integers.
  static func pullBack<S: BinaryFloatingPoint & Sendable>(
    _ weights: [S], through layers: [Layer], input: [Int], at x: [S], mode: PassMode = .evaluation
  ) throws -> [S] {
    let network = try network(layers, input)
    let y = try values(of: layers, input: input, at: x, mode: mode)
    let output = zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 }
    return try inputGradient(
      network, weights, Batch(inputs: x, targets: .dense([output - 0.5])), mode: mode,
      workspace: Workspace(for: network, batchSize: 1))
  }

  /// First and second derivative of an activation at every point.
  static func derivatives<S: BinaryFloatingPoint & Sendable>(
    of function: ActivationFunction, at x: [S]
  ) throws -> (first: [S], second: [S]) {
    let network = try network([.activation(function)], [1])
    let workspace = Workspace(for: network, batchSize: x.count)
    // Its square underflows to 0, so that the loss itself has no curvature.
    let small = S(sign: .plus, exponent: S.self == Float.self ? -100 : -540, significand: 1)
    let target = -S(x.count) / (2 * small)
    let batch = Batch<S>(
      inputs: x, targets: .dense([S](repeating: target, count: x.count)))
    let first = try inputGradient(network, [small], batch, workspace: workspace)
    let second = try inputProducts(network, [small], batch, workspace: workspace)
    return (first, second)
  }

  private static func network(_ layers: [Layer], _ input: [Int]) throws -> Network {
    try Network(
      input: input, layers + [.dense(outputs: 1, bias: false)], loss: .meanSquaredError)
  }
}

// MARK: Both precisions

private func gradient<S: BinaryFloatingPoint & Sendable>(
  _ network: Network, _ parameters: [S], _ batch: Batch<S>, mode: PassMode = .evaluation,
  workspace: Workspace
) throws -> [S] {
  switch (parameters, batch) {
  case (let parameters as [Double], let batch as Batch<Double>):
    var result = parameters
    try network.differentiate(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, gradient: &result)
    return try #require(result as? [S])
  case (let parameters as [Float], let batch as Batch<Float>):
    var result = Vector(parameters)
    try network.differentiate(
      parameters: Vector(parameters), batch: batch, mode: mode, workspace: workspace,
      gradient: &result)
    return try #require(result.array as? [S])
  default: preconditionFailure("neither Float nor Double")
  }
}

private func inputGradient<S: BinaryFloatingPoint & Sendable>(
  _ network: Network, _ parameters: [S], _ batch: Batch<S>, mode: PassMode = .evaluation,
  workspace: Workspace
) throws -> [S] {
  switch (parameters, batch) {
  case (let parameters as [Double], let batch as Batch<Double>):
    var result = batch.inputs
    try network.inputGradient(
      parameters: parameters, batch: batch, mode: mode, workspace: workspace, into: &result)
    return try #require(result as? [S])
  case (let parameters as [Float], let batch as Batch<Float>):
    var result = batch.inputs
    try network.inputGradient(
      parameters: Vector(parameters), batch: batch, mode: mode, workspace: workspace,
      into: &result)
    return try #require(result as? [S])
  default: preconditionFailure("neither Float nor Double")
  }
}

/// The derivative of the input gradient where every input moves by 1.
private func inputProducts<S: BinaryFloatingPoint & Sendable>(
  _ network: Network, _ parameters: [S], _ batch: Batch<S>, workspace: Workspace
) throws -> [S] {
  let rows = batch.inputs.count / network.inputs
  _ = try gradient(network, parameters, batch, workspace: workspace)
  switch (parameters, batch) {
  case (let parameters as [Double], let batch as Batch<Double>):
    var products = LossProducts<Double>(for: network, rows: rows, inputs: true)
    try network.products(
      along: parameters.map { _ in 0 }, parameters: parameters,
      inputDirection: batch.inputs.map { _ in 1 }, workspace: workspace, into: &products)
    return try #require(products.inputs as? [S])
  case (let parameters as [Float], let batch as Batch<Float>):
    var products = LossProducts<Float>(for: network, rows: rows, inputs: true)
    try network.products(
      along: Vector(zeros: parameters.count), parameters: Vector(parameters),
      inputDirection: batch.inputs.map { _ in 1 }, workspace: workspace, into: &products)
    return try #require(products.inputs as? [S])
  default: preconditionFailure("neither Float nor Double")
  }
}
