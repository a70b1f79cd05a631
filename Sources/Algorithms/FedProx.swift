public import Components
public import Federation
public import Tensors

/// Keeps clients near the model they received: a proximal term in every client's loss.
///
///     min F_k(w) + μ/2 ‖w - w^t‖²,   its gradient   μ (w - w^t)
///
/// Named beside a trainer, `[fedavg, fedprox]`; clients may then do different amounts of work. The
/// paper offers no universal μ: it tries 0.001, 0.01, 0.1, 0.5 and 1.
///
/// Source: Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith 2020, *Federated Optimization in Heterogeneous
/// Networks*, algorithm 2.
public struct FedProx: Objective {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Strength μ of the pull.
    public var mu = 0.01
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "fedprox",
    summary: "Clients are pulled towards the model they received by a proximal term.",
    formula: "min F_k(w) + μ/2 ‖w - w^t‖²",
    citation: "Li et al. 2020, algorithm 2",
    parameters: [.init("mu", "strength of the pull", range: "at least 0")])

  /// μ = 0.01.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A proximal term with these parameters.
  ///
  /// - Throws: `ParameterError` if μ is negative or not finite.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.notNegative("mu", parameters.mu)
    try check.finish()
    self.parameters = parameters
  }

  /// A proximal term of strength `mu`.
  public init(mu: Double) throws { try self.init(Parameters(mu: mu)) }

  /// μ.
  public var pull: Double { parameters.mu }

  /// Adds μ (w - w^t). O(d).
  public func addGradient(
    at parameters: Vector, reference: Vector, to gradient: inout Vector
  ) {
    gradient.add(parameters - reference, scale: Float(self.parameters.mu))
  }
}
