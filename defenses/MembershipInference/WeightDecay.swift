public import Components
public import Federation
public import Tensors

/// Clients' parameters are drawn to zero: an L2 penalty in every client's loss.
///
///     min F_k(w) + λ/2 ‖w‖²,   its gradient   λ w
///
/// The same as the training option `weight-decay` with SGD, as a defense of its own that a matrix
/// can put beside others; the two add up.
///
/// Source: Krogh, Hertz 1991, *A Simple Weight Decay Can Improve Generalization*; as a defense in
/// Shokri et al. 2017, *Membership Inference Attacks Against Machine Learning Models*, section
/// VIII.
public struct WeightDecay: Objective {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The strength λ.
    public var lambda = 0.001

    /// λ = 0.001.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "weight-decay",
    summary: "Clients' parameters are drawn to zero by an L2 penalty.",
    formula: "min F_k(w) + λ/2 ‖w‖²",
    citation: "Krogh, Hertz 1991; Shokri et al. 2017, section VIII",
    parameters: [.init("lambda", "strength of the penalty", range: "at least 0")])

  /// λ = 0.001.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A penalty of `parameters.lambda`.
  ///
  /// - Throws: `ParameterError` if λ is negative or not finite.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check.notNegative("lambda", parameters.lambda)
    try check.finish()
    self.parameters = parameters
  }

  /// Adds λ w. O(d).
  public func addGradient(
    at parameters: Vector, reference: Vector, to gradient: inout Vector
  ) {
    gradient.add(parameters, scale: Float(self.parameters.lambda))
  }
}
