public import Components
public import Federation
public import Tensors

/// The server steps like Yogi: its mean square changes by no more than it must (FedYogi).
///
///     m ← β1 m + (1-β1) Δ;   v ← v - (1-β2) Δ² sign(v - Δ²);   w ← w + η m / (√v + τ)
///
/// Source: Reddi et al. 2021, *Adaptive Federated Optimization*, algorithm 2 (FedYogi).
public struct ServerYogi: ServerOptimizer {
  /// What may be set.
  public typealias Parameters = AdaptiveServerParameters

  /// Name, meaning and source.
  public static let card = Card(
    name: "server-yogi",
    summary:
      "The server steps like Yogi: its mean square changes by no more than it must (FedYogi).",
    formula: "v ← v - (1-β2) Δ² sign(v - Δ²); w ← w + η m/(√v + τ)",
    citation: "Reddi et al. 2021, algorithm 2",
    parameters: AdaptiveStep.cardParameters)

  /// The paper's values.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A server step with these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    try AdaptiveStep.check(parameters)
    self.parameters = parameters
  }

  /// O(d).
  public func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) {
    let take = Float(1 - parameters.beta2)
    AdaptiveStep.step(&model, along: aggregate, memory: &memory, parameters) { v, square in
      v > square ? v - take * square : v < square ? v + take * square : v
    }
  }
}
