public import Learning

/// The inputs of a dense layer with a bias, by division: a unit's gradient is
///
///     dL/dW_i = mean over examples of delta_i x,   dL/db_i = mean over examples of delta_i
///
/// so their quotient is `x` exactly where one example reached the unit, and a weighted mean of the
/// inputs where several did. For a model that begins with such a layer these are the client's
/// examples.
///
/// Source: Phong et al., Privacy-preserving deep learning, IEEE TIFS 2018, section III.
public struct DenseInversion: Sendable, Hashable {
  /// What one unit gives away.
  public struct Unit: Sendable, Hashable {
    /// The unit.
    public let index: Int
    /// Its bias's gradient: what the quotient was divided by.
    public let biasGradient: Double
    /// The layer's input, or the mean of several.
    public let input: [Float]
  }

  /// Units whose bias gradient is not negligible, the largest magnitude first.
  public let units: [Unit]

  /// Divides the gradients of one dense layer.
  ///
  /// - Parameters:
  ///   - gradient: Of the whole model; any factor cancels, so a single step's update will do.
  ///   - layer: The layer's name, `fc1` for the first dense layer.
  ///   - threshold: Units below this share of the largest bias gradient are left out.
  /// - Throws: `InversionError` if the gradient does not fit, or the layer has no bias.
  /// - Complexity: O(outputs inputs).
  public init(
    _ gradient: [Double], of network: Network, layer: String = "fc1", threshold: Double = 1e-6
  ) throws(InversionError) {
    guard gradient.count == network.parameterCount else {
      throw .sizeMismatch(
        what: "values of the gradient", got: gradient.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    let tensors = try DenseTensors(layer, of: network)
    guard !tensors.bias.isEmpty else {
      throw .unsuitableModel(method: "dense inversion", reason: "layer \(layer) has no bias")
    }
    let bias = Array(gradient[tensors.bias])
    let largest = bias.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { throw .zeroGradient(what: "the bias of layer \(layer)") }
    units = bias.indices.filter { abs(bias[$0]) > threshold * largest }
      .sorted { abs(bias[$0]) == abs(bias[$1]) ? $0 < $1 : abs(bias[$0]) > abs(bias[$1]) }
      .map { unit in
        Unit(
          index: unit, biasGradient: bias[unit],
          input: gradient[tensors.row(unit)].map { Float($0 / bias[unit]) })
      }
  }

  /// The input of the steadiest unit: the example, if the batch was one.
  public var best: [Float] { units.first?.input ?? [] }

  /// At most `count` different inputs, as far as units tell them apart: those that most units agree on
  /// first, since a mean of several examples differs from unit to unit; of equals the steadiest.
  ///
  /// Of a batch of one every unit gives the same input, and there is one.
  ///
  /// - Throws: `InversionError.unsuitableModel` if the layer's inputs are not the model's.
  /// - Complexity: O(units different inputs).
  public func examples(
    atMost count: Int, of network: Network
  ) throws(InversionError) -> [[Float]] {
    let width = network.inputShape.reduce(1, *)
    guard units.allSatisfy({ $0.input.count == width }),
      case .dense = network.layers.first(where: { $0 != .flatten })
    else {
      throw .unsuitableModel(
        method: "dense inversion",
        reason: "its first layer is not dense, so no division gives inputs")
    }
    var found: [(input: [Float], votes: Int)] = []
    for unit in units {
      let known = found.firstIndex { other in
        zip(other.input, unit.input).allSatisfy { abs($0 - $1) <= 1e-3 * max(1, abs($0)) }
      }
      if let known { found[known].votes += 1 } else { found.append((unit.input, 1)) }
    }
    let order = found.indices.sorted {
      found[$0].votes != found[$1].votes ? found[$0].votes > found[$1].votes : $0 < $1
    }
    return order.prefix(count).map { found[$0].input }
  }
}
