public import Components
public import Federation
public import Randomness
internal import Tensors

/// Tries every update on a few examples of the server's own, and averages those that lower the loss
/// most for their size.
///
///     score(x) = L(w) - L(w + x) - ρ ‖x‖²;   mean of the n - b updates of greatest score
///
/// Withstands any number of bad updates as long as one is honest and b is no smaller than their
/// number. It is as good as the server's examples: an update that lowers their loss passes, whatever
/// else it does, backdoors included. An update whose loss is no number is never kept; where that
/// leaves none, the model is held. Equal scores go to the lower row.
///
/// x is the whole step. In the paper it is -γ times a gradient, and ρ multiplies the gradient's
/// squared norm: its ρ is γ² times the one here.
///
/// Example: L(w) = w², w = 1, ρ = 0, b = 1: steps -1, -0.5 and 1 score 1, 0.75 and -3; the mean of
/// the first two is -0.75.
///
/// Source: Xie, Koyejo, Gupta 2019, *Zeno: Distributed Stochastic Gradient Descent with
/// Suspicion-based Fault-tolerance*, definitions 2 and 3.
public struct Zeno: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// b: how many updates to leave out.
    public var f = FaultBound.assumed
    /// ρ: the price of a step's squared length, in units of the loss.
    public var rho = 0.001
    /// How many root examples the loss is measured on.
    public var rootExamples = 100
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "zeno",
    summary: "The mean of the n-b updates that most lower the loss on the server's own examples.",
    formula: "mean of the n-b greatest L(w) - L(w + x_i) - ρ‖x_i‖²",
    citation: "Xie et al. 2019, definitions 2 and 3",
    needs: [.individualUpdates, .globalModel, .rootData],
    claims: [.permutationInvariant, .idempotent, .inCoordinateHull, .meanWithoutFaults],
    parameters: [
      .init("f", "updates to leave out (b)", range: "0 ≤ f < n, or 'assumed'"),
      .init("rho", "price of a step's squared length", range: "0 or more"),
      .init("root-examples", "examples the loss is measured on", range: "1 or more"),
    ])

  /// The assumed f, ρ = 0.001, 100 examples.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The rule with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    check.notNegative("rho", parameters.rho)
    check(
      "root-examples", parameters.rootExamples > 0, "must be 1 or more",
      got: parameters.rootExamples)
    try check.finish()
    self.parameters = parameters
  }

  /// The rule that leaves out `f` updates.
  public init(f: FaultBound = .assumed, rho: Double = 0.001, rootExamples: Int = 100) throws {
    try self.init(Parameters(f: f, rho: rho, rootExamples: rootExamples))
  }

  /// Its own b, else the assumed number.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// f + 1.
  public func minimumUpdates(faults: Int) -> Int { faults + 1 }

  /// Scores and keeps. n + 1 evaluations of the root examples.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Aggregation {
    let n = view.updates.count
    let root = try view.rootData(for: cardName)
    let before = try root.loss(examples: parameters.rootExamples, adding: nil)
    let squares = view.updates.squaredNorms
    let scores = try (0..<n).map { row in
      let after = try root.loss(examples: parameters.rootExamples, adding: view.updates.row(row))
      let score = after - before + parameters.rho * squares[row]
      return score.isFinite ? score : .greatestFiniteMagnitude
    }
    let best = (0..<n).sorted { (scores[$0], $0) < (scores[$1], $1) }.prefix(n - view.faults)
      .filter { scores[$0] < .greatestFiniteMagnitude }
    if best.isEmpty { return Aggregation(.hold("finds no update with a finite loss")) }
    return .mean(
      of: best.sorted(), count: n, scores: scores,
      otherwise: "\(best.count) others lower the loss on the server's examples more")
  }
}
