public import Learning
public import Randomness
public import Tensors

/// Weights under which few examples open each unit of the first layer, so that plain division of
/// its gradients gives many of a batch's examples exactly.
///
/// In each row a random half of the weights is negative, `-|N(0, s)|`, and the other half has the
/// same magnitudes times `scale`, positive: on inputs from 0 to 1 the sum is a little below zero
/// for most examples.
///
/// Source: Boenisch et al., When the curious abandon honesty, EuroS&P 2023, section 5.
public struct TrapWeights: Sendable, Hashable {
  /// Deviation of the magnitudes.
  public var deviation = 0.5
  /// The positive half's share: the paper's for images of some thousand values; fewer values need
  /// less, such as 0.8 for 64.
  public var scale = 0.95

  /// Trap weights.
  public init(deviation: Double = 0.5, scale: Double = 0.95) {
    self.deviation = deviation
    self.scale = scale
  }

  /// The malicious weights: those of `parameters` but for the first layer, whose bias is 0.
  ///
  /// - Throws: `InversionError` if the first layer is not dense with a bias and a rectifier.
  public func plant(
    in parameters: Vector, of network: Network, using generator: inout Generator
  ) throws(InversionError) -> Vector {
    let first = try DenseTensors.first(of: network, method: "trap weights")
    var weights = parameters.array
    for unit in 0..<first.outputs {
      let order = generator.permutation(first.inputs)
      let start = first.row(unit).lowerBound
      let half = first.inputs / 2
      for place in 0..<half {
        let magnitude = abs(generator.normal()) * deviation
        weights[start + order[place]] = Float(-magnitude)
        weights[start + order[half + place]] = Float(scale * magnitude)
      }
      if first.inputs % 2 == 1 { weights[start + order[first.inputs - 1]] = 0 }
      weights[first.bias.lowerBound + unit] = 0
    }
    return Vector(weights)
  }
}
