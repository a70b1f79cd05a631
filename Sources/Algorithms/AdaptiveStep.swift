internal import Components
internal import Federation
internal import Tensors

/// What an adaptive server step may be told; the defaults are the paper's.
public struct AdaptiveServerParameters: Codable, Hashable, Sendable {
  /// The server's step size η.
  public var learningRate: Double
  /// The share β1 of the mean update that is kept.
  public var beta1: Double
  /// The share β2 of the mean square that is kept.
  public var beta2: Double
  /// τ, what is added to the root; v starts at its square.
  public var adaptivity: Double

  /// These parameters.
  public init(
    learningRate: Double = 0.1, beta1: Double = 0.9, beta2: Double = 0.99, adaptivity: Double = 1e-3
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.adaptivity = adaptivity
  }
}

/// What the adaptive server optimizers share: algorithm 2 of Reddi et al., without bias correction.
///
///     m ← β1 m + (1-β1) Δ;   v ← the optimizer's own rule;   w ← w + η m / (√v + τ)
///
/// Source: Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan 2021, *Adaptive Federated
/// Optimization*.
enum AdaptiveStep {
  /// Running means; before the first round m is 0 and v is τ².
  private struct Moments: Codable {
    var first: [Float]
    var second: [Float]
  }

  static func step(
    _ model: inout Vector, along aggregate: Vector, memory: inout Memory,
    _ parameters: AdaptiveServerParameters, second: (_ v: Float, _ square: Float) -> Float
  ) {
    let (rate, floor) = (Float(parameters.learningRate), Float(parameters.adaptivity))
    let (keep, take) = (Float(parameters.beta1), Float(1 - parameters.beta1))
    var moments =
      memory[Moments.self]
      ?? Moments(
        first: [Float](repeating: 0, count: model.count),
        second: [Float](repeating: floor * floor, count: model.count))
    memory[Moments.self] = nil
    let delta = aggregate.array
    var next = model.array
    for j in delta.indices {
      moments.first[j] = keep * moments.first[j] + take * delta[j]
      moments.second[j] = second(moments.second[j], delta[j] * delta[j])
      next[j] += rate * moments.first[j] / (moments.second[j].squareRoot() + floor)
    }
    model = Vector(next)
    memory[Moments.self] = moments
  }

  static func check(_ parameters: AdaptiveServerParameters) throws(ParameterError) {
    var check = ParameterCheck()
    check.positive("learning-rate", parameters.learningRate)
    for (key, beta) in [("beta1", parameters.beta1), ("beta2", parameters.beta2)] {
      check.belowOne(key, beta)
    }
    check.positive("adaptivity", parameters.adaptivity)
    try check.finish()
  }

  static let cardParameters: [Card.Parameter] = [
    .init("learning-rate", "the server's step size η", range: "greater than 0"),
    .init("beta1", "share of the mean update kept", range: "in [0, 1)"),
    .init("beta2", "share of the mean square kept", range: "in [0, 1)"),
    .init("adaptivity", "τ, added to the root: smaller adapts more", range: "greater than 0"),
  ]
}
