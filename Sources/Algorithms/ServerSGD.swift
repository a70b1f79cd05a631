public import Components
public import Federation
public import Tensors

/// The server moves along the aggregate by a step size.
///
///     w ← w + η · aggregate
///
/// η = 1 is FedAvg.
///
/// Source: Reddi et al. 2021, *Adaptive Federated Optimization*, algorithm 1.
public struct ServerSGD: ServerOptimizer {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The server's step size η.
    public var learningRate = 1.0
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "server-sgd",
    summary: "The server adds the aggregate times its own learning rate.",
    formula: "w ← w + η · aggregate",
    citation: "Reddi et al. 2021, algorithm 1",
    parameters: [.init("learning-rate", "the server's step size", range: "greater than 0")])

  /// A step size of 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A server step with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("learning-rate", parameters.learningRate)
    try check.finish()
    self.parameters = parameters
  }

  /// A server step of size `learningRate`.
  public init(learningRate: Double) throws {
    try self.init(Parameters(learningRate: learningRate))
  }

  /// O(d).
  public func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) {
    model.add(aggregate, scale: Float(parameters.learningRate))
  }
}
