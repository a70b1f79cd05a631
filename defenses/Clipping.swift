public import Components
public import Federation
public import Randomness
internal import Tensors

/// Shortens every update that is longer than a fixed norm.
///
///     clip(x; C) = x · min(1, C / ‖x‖)
///
/// Bounds what one client can add, whatever it sends, but keeps its direction. Static clipping is
/// not translation equivariant, and a norm below the honest ones slows learning.
///
/// Example: C = 5 turns (6, 8) into (3, 4) and leaves (3, 0) as it is.
///
/// Source: Sun et al. 2019, *Can You Really Backdoor Federated Learning?*, section 4.
public struct Clipping: PreAggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The greatest Euclidean norm that passes unchanged.
    public var clippingNorm = 2.0
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "clipping",
    summary: "Shortens every update longer than the clipping norm; place it before a rule.",
    formula: "x_i · min(1, C/‖x_i‖)",
    citation: "Sun et al. 2019, section 4",
    needs: [.individualUpdates],
    claims: [.permutationInvariant, .orthogonallyEquivariant],
    parameters: [
      .init(
        "clipping-norm", "greatest Euclidean norm that passes unchanged", range: "greater than 0")
    ])

  /// A norm of 2, the field's usual value.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Clipping to `parameters.clippingNorm`.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("clipping-norm", parameters.clippingNorm)
    try check.finish()
    self.parameters = parameters
  }

  /// Clipping to `clippingNorm`.
  public init(clippingNorm: Double) throws {
    try self.init(Parameters(clippingNorm: clippingNorm))
  }

  /// The clipping norm.
  public var rowBound: Double? { parameters.clippingNorm }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// Scales the rows that are too long. O(nd) for the norms.
  public func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    let factors = view.updates.squaredNorms.map { square in
      let norm = square.squareRoot()
      return norm > parameters.clippingNorm ? parameters.clippingNorm / norm : 1
    }
    return Prepared(view.updates.scaled(by: factors))
  }
}
