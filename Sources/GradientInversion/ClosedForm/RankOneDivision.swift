public import Learning

/// The input of a dense layer behind masks and noise, for a batch of one: the gradient of weights
/// and bias together has rank one,
///
///     [dL/dW_i, dL/db_i] = delta_i [x, 1],
///
/// so all units together say what x is, where plain division asks one. `delta` and `x` minimise the
/// squared distance over the entries that were sent: the likeliest under normal noise of one
/// deviation, and a good fit under rounding.
///
/// Found by alternating least squares from the bias's gradient. Inputs of which no entry was sent
/// are 0.
///
/// Source: the likelihood of Balunović, Dimitrov, Staab, Vechev, Bayesian Framework for Gradient
/// Leakage, ICLR 2022, equation 3, for a model whose gradient is known in closed form.
public struct RankOneDivision: Sendable, Hashable {
  /// The layer's input.
  public let input: [Float]
  /// The share of the entries' squares that rank one does not explain; about 0 for one example
  /// without noise.
  public let rest: Double

  /// Fits the gradients of one dense layer.
  ///
  /// - Parameters:
  ///   - gradient: Of the whole model; any factor cancels.
  ///   - sent: Which entries of it were sent; nil for all.
  ///   - layer: The layer's name, `fc1` for the first dense layer.
  ///   - sweeps: How often each side is fitted to the other.
  /// - Throws: `InversionError` if the gradient does not fit, the layer has no bias, or nothing of
  ///   the bias was sent, without which the input's scale is anybody's guess.
  /// - Complexity: O(sweeps outputs inputs).
  public init(
    _ gradient: [Double], sent: [Bool]? = nil, of network: Network, layer: String = "fc1",
    sweeps: Int = 30
  ) throws(InversionError) {
    guard gradient.count == network.parameterCount, sent?.count ?? gradient.count == gradient.count
    else {
      throw .sizeMismatch(
        what: "values of the gradient", got: gradient.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    let tensors = try DenseTensors(layer, of: network)
    guard !tensors.bias.isEmpty else {
      throw .unsuitableModel(method: "dense inversion", reason: "layer \(layer) has no bias")
    }
    func isSent(_ place: Int) -> Bool { sent?[place] ?? true }
    var delta = tensors.bias.map { isSent($0) ? gradient[$0] : 0 }
    guard delta.contains(where: { $0 != 0 }) else {
      throw .zeroGradient(what: "what was sent of the bias of layer \(layer)")
    }
    var x = [Double](repeating: 0, count: tensors.inputs)
    for _ in 0..<sweeps {
      var (along, squares) = (x.map { _ in 0.0 }, x.map { _ in 0.0 })
      for unit in 0..<tensors.outputs where delta[unit] != 0 {
        for (column, place) in tensors.row(unit).enumerated() where isSent(place) {
          along[column] += delta[unit] * gradient[place]
          squares[column] += delta[unit] * delta[unit]
        }
      }
      for column in x.indices {
        x[column] = squares[column] > 0 ? along[column] / squares[column] : 0
      }
      // The bias's own column is fitted like the others; the result is in its units.
      var (own, ownSquares) = (0.0, 0.0)
      for (unit, place) in tensors.bias.enumerated() where isSent(place) {
        own += delta[unit] * gradient[place]
        ownSquares += delta[unit] * delta[unit]
      }
      let scale = ownSquares > 0 ? own / ownSquares : 0
      for unit in 0..<tensors.outputs {
        var (sum, weight) = (0.0, 0.0)
        for (column, place) in tensors.row(unit).enumerated() where isSent(place) {
          sum += x[column] * gradient[place]
          weight += x[column] * x[column]
        }
        let place = tensors.bias.lowerBound + unit
        if isSent(place) {
          sum += scale * gradient[place]
          weight += scale * scale
        }
        delta[unit] = weight > 0 ? sum / weight : 0
      }
      guard scale != 0 else { continue }
      for column in x.indices { x[column] /= scale }
      for unit in delta.indices { delta[unit] *= scale }
    }
    var (missed, all) = (0.0, 0.0)
    for unit in 0..<tensors.outputs {
      for (column, place) in tensors.row(unit).enumerated() where isSent(place) {
        let difference = gradient[place] - delta[unit] * x[column]
        missed += difference * difference
        all += gradient[place] * gradient[place]
      }
    }
    guard x.allSatisfy(\.isFinite) else {
      throw .notFinite(what: "the fit of layer \(layer)", index: 0)
    }
    input = x.map { Float($0) }
    rest = all > 0 ? missed / all : 0
  }
}
