public import Components
public import Federation
public import Tensors

/// The server keeps a velocity: FedAvgM.
///
///     v ← β v + aggregate;   w ← w + η v
///
/// Not dampened: the effective step size is η/(1-β). β = 0 is `server-sgd`.
///
/// Source: Hsu, Qi, Brown 2019, *Measuring the Effects of Non-Identical Data Distribution for
/// Federated Visual Classification*, section 4.3.
public struct ServerMomentum: ServerOptimizer {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The server's step size η.
    public var learningRate = 1.0
    /// The share β of the velocity that is kept.
    public var momentum = 0.9
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "server-momentum",
    summary: "The server moves along a velocity that accumulates the aggregates (FedAvgM).",
    formula: "v ← β v + aggregate; w ← w + η v",
    citation: "Hsu et al. 2019, section 4.3",
    parameters: [
      .init("learning-rate", "the server's step size", range: "greater than 0"),
      .init("momentum", "share of the velocity kept", range: "in [0, 1)"),
    ])

  /// η = 1, β = 0.9.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A server step with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("learning-rate", parameters.learningRate)
    check.belowOne("momentum", parameters.momentum)
    try check.finish()
    self.parameters = parameters
  }

  /// A server step of size `learningRate` with this momentum.
  public init(learningRate: Double, momentum: Double) throws {
    try self.init(Parameters(learningRate: learningRate, momentum: momentum))
  }

  /// O(d).
  public func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) {
    var velocity = memory[Velocity.self]?.value ?? Vector(zeros: model.count)
    velocity.scale(by: Float(parameters.momentum))
    velocity.add(aggregate, scale: 1)
    model.add(velocity, scale: Float(parameters.learningRate))
    memory[Velocity.self] = Velocity(value: velocity)
  }

  private struct Velocity: Codable { var value: Vector }
}
