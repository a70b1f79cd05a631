internal import Glibc
public import Learning
public import Tensors

/// What a client drew in a variational bottleneck, read off the gradient of one example.
///
/// Encoder and decoder are dense layers, and the gradient of a dense layer at one example names what
/// came into it: the decoder's the sample z, the encoder's the representation r, which gives the mean
/// and the deviation that z was drawn with,
///
///     (m, s) = E r + e,   ε = (z - m) / softplus(s).
///
/// With ε in the model the rest of the search is as without the defense. For batches of several
/// examples the divisions fail, which `rest` tells.
public struct BottleneckDraw: Sendable, Hashable {
  /// The standard normal values ε.
  public let noise: [Float]
  /// What came into the bottleneck.
  public let input: [Float]
  /// The larger share of both gradients' squares that one example does not explain; about 0 for one
  /// example without noise.
  public let rest: Double

  /// Reads a gradient.
  ///
  /// - Parameters:
  ///   - gradient: Of the whole model; any factor cancels.
  ///   - layer: The bottleneck's name, `bottleneck1` for the first.
  /// - Throws: `InversionError` if the gradient does not fit, the model has no such layer, or its
  ///   gradient is zero.
  /// - Complexity: that of two ``RankOneDivision``s.
  public init(
    _ gradient: [Double], parameters: Vector, of network: Network, layer: String = "bottleneck1"
  ) throws(InversionError) {
    let sample = try RankOneDivision(gradient, of: network, layer: "\(layer).decoder")
    let representation = try RankOneDivision(gradient, of: network, layer: "\(layer).encoder")
    let encoder = try DenseTensors("\(layer).encoder", of: network)
    let weights = parameters.array.map { Double($0) }
    func encoded(_ unit: Int) -> Double {
      zip(weights[encoder.row(unit)], representation.input)
        .reduce(weights[encoder.bias.lowerBound + unit]) { $0 + $1.0 * Double($1.1) }
    }
    let features = sample.input.count
    noise = (0..<features).map { feature in
      let spread = encoded(features + feature)
      let deviation = max(spread, 0) + log1p(exp(-abs(spread)))
      return Float((Double(sample.input[feature]) - encoded(feature)) / deviation)
    }
    input = representation.input
    rest = max(sample.rest, representation.rest)
  }
}

extension InversionProblem {
  /// The problem with the draw of a bottleneck in the model, if the update is that of one example.
  func knowingDraw(of layer: String) throws(InversionError) -> InversionProblem? {
    guard
      let draw = try? BottleneckDraw(
        observed.values, parameters: parameters, of: network, layer: layer),
      draw.rest < 1e-6, draw.noise.allSatisfy(\.isFinite)
    else { return nil }
    var layers = network.layers
    var count = 0
    for index in layers.indices {
      guard case .variationalBottleneck(let features, let penalty, _) = layers[index] else {
        continue
      }
      count += 1
      if layer == "bottleneck\(count)" {
        layers[index] = .variationalBottleneck(
          features: features, penalty: penalty, evaluationNoise: draw.noise)
      }
    }
    do {
      return try InversionProblem(
        network: network.with(layers: layers), parameters: parameters, observed: observed,
        knowledge: knowledge, mode: mode)
    } catch let error as InversionError {
      throw error
    } catch {
      throw .unsuitableModel(method: "a bottleneck with its draw", reason: "\(error)")
    }
  }
}
