public import Components
public import Federation
public import Randomness
internal import Tensors

/// Trusts each update as far as it points the way of one the server trained itself on a small clean
/// root set, and gives all of them that update's length.
///
///     g = the update of training on the root examples;   T_i = max(0, cos(x_i, g))
///     fltrust(x) = Σ T_i (‖g‖ / ‖x_i‖) x_i / Σ T_i
///
/// No number of attackers breaks it outright: the result is never longer than g and never points
/// away from it. It needs clean root examples whose distribution resembles the clients': a biased
/// root set discounts honest clients for being right, and an attacker who knows g may still send
/// updates of a small positive cosine. Where no update points the server's way the model is held;
/// published code falls back to the plain mean then, attackers included. Weights are ignored: they
/// are claims.
///
/// Example: g = (2, 0) on (5, 0), (0, 3), (-1, 0): trust 1, 0, 0; the result is (2, 0).
///
/// Source: Cao, Fang, Liu, Gong 2021, *FLTrust: Byzantine-robust Federated Learning via Trust
/// Bootstrapping*, algorithm 2.
public struct FLTrust: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many root examples the server trains on.
    public var rootExamples = 100
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "fltrust",
    summary: "Weights updates by their cosine to the server's own, trained on root data.",
    formula: "Σ T_i (‖g‖/‖x_i‖) x_i / Σ T_i, T_i = max(0, cos(x_i, g))",
    citation: "Cao et al. 2021, algorithm 2",
    needs: [.individualUpdates, .rootData],
    claims: [.permutationInvariant],
    parameters: [
      .init("root-examples", "clean examples the server trains on", range: "1 or more")
    ])

  /// 100 root examples.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The rule with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "root-examples", parameters.rootExamples > 0, "must be 1 or more",
      got: parameters.rootExamples)
    try check.finish()
    self.parameters = parameters
  }

  /// The rule with this many root examples.
  public init(rootExamples: Int = 100) throws {
    try self.init(Parameters(rootExamples: rootExamples))
  }

  /// Trains, compares, combines. O(nd) beyond the training.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Aggregation {
    let own = try view.rootData(for: cardName).update(examples: parameters.rootExamples)
    let length = own.norm
    guard length > 0, length.isFinite else {
      return Aggregation(.hold("has an update of its own without a direction"))
    }
    let norms = view.updates.squaredNorms.map { $0.squareRoot() }
    let trust = zip(view.updates.innerProducts(with: own), norms).map { inner, norm in
      norm > 0 ? min(1, max(0, inner / (norm * length))) : 0
    }
    let total = trust.reduce(0, +)
    let scores = trust.map { 1 - $0 }
    guard total > 0 else {
      return Aggregation(.hold("finds no update that points the way of the server's own"))
    }
    var reasons: [Int: String] = [:]
    for row in trust.indices where trust[row] == 0 {
      reasons[row] = "does not point the way of the server's own update"
    }
    return Aggregation(
      .combination(
        zip(trust, norms).map { $0 > 0 ? $0 / total * (length / $1) : 0 }),
      kept: trust.map { $0 > 0 }, scores: scores, reasons: reasons)
  }
}
