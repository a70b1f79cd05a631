public import Components
public import Federation
public import Tensors

/// The server steps like Adagrad: coordinates that moved much move less (FedAdagrad).
///
///     v ← v + Δ²;   w ← w + η Δ / (√v + τ)
///
/// Source: Reddi et al. 2021, *Adaptive Federated Optimization*, algorithm 2 (FedAdagrad).
public struct ServerAdagrad: ServerOptimizer {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The server's step size η.
    public var learningRate = 0.1
    /// τ, what is added to the root; v starts at its square.
    public var adaptivity = 1e-3

    /// The paper's values.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "server-adagrad",
    summary: "The server steps like Adagrad: coordinates that moved much move less (FedAdagrad).",
    formula: "v ← v + Δ²; w ← w + η Δ/(√v + τ)",
    citation: "Reddi et al. 2021, algorithm 2",
    parameters: AdaptiveStep.cardParameters.filter { !$0.key.hasPrefix("beta") })

  /// The paper's values.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A server step with these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    try AdaptiveStep.check(Self.all(parameters))
    self.parameters = parameters
  }

  /// O(d).
  public func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) {
    AdaptiveStep.step(&model, along: aggregate, memory: &memory, Self.all(parameters)) {
      v, square in v + square
    }
  }

  /// Adagrad is the rule without momentum.
  private static func all(_ parameters: Parameters) -> AdaptiveServerParameters {
    AdaptiveServerParameters(
      learningRate: parameters.learningRate, beta1: 0, adaptivity: parameters.adaptivity)
  }
}
