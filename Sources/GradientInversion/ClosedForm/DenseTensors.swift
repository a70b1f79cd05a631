internal import Learning

/// Where a dense layer's weight and bias lie in a flat vector.
struct DenseTensors {
  let name: String
  let outputs: Int
  let inputs: Int
  let weight: Range<Int>
  /// Empty for a layer without a bias.
  let bias: Range<Int>

  /// The dense layer of this name, `fc1` for the first.
  ///
  /// - Throws: `InversionError` if the model has none of that name.
  init(_ name: String, of network: Network) throws(InversionError) {
    guard let weight = network.layout.segment(named: "\(name).weight"), weight.shape.count == 2
    else {
      let names = network.layout.segments.filter { $0.kind == .weight && $0.shape.count == 2 }
        .map { String($0.name.dropLast(".weight".count)) }
      throw .invalid(
        what: "the dense layer", got: name,
        requirement:
          names.isEmpty
          ? "does not exist, nor any other dense layer" : "must be \(names.joined(separator: ", "))"
      )
    }
    self.name = name
    (outputs, inputs) = (weight.shape[0], weight.shape[1])
    self.weight = weight.range
    bias = network.layout.segment(named: "\(name).bias")?.range ?? 0..<0
  }

  /// The first layer of a model, which must be dense with a bias and followed by a rectifier.
  static func first(of network: Network, method: String) throws(InversionError) -> DenseTensors {
    let layers = network.layers.filter { $0 != .flatten }
    guard case .dense(_, let bias) = layers.first, bias, layers.dropFirst().first == .relu else {
      throw .unsuitableModel(
        method: method, reason: "its first layer is not dense with a bias and a rectifier")
    }
    return try DenseTensors("fc1", of: network)
  }

  /// The places of one unit's weights.
  func row(_ unit: Int) -> Range<Int> {
    let start = weight.lowerBound + unit * inputs
    return start..<(start + inputs)
  }
}
