public import Components
public import Federation
public import Randomness
internal import Tensors

/// Inspects how an update's direction agrees with the global model and with the majority of signs,
/// and keeps updates that are ordinary in both.
///
///     TDA_i = cos(x_i, w_t)
///     MPSA_i = share of the largest 30% of x_i's coordinates whose sign is the majority's
///     z(v)_i = |v_i - median(v)| / σ(v);   S = {i: z(MPSA)_i < λ_s and z(TDA)_i < λ_c}
///     mean of x_i min(1, M / ‖x_i‖) over S, M the median norm in S
///
/// Agreement that is too high is as suspicious as one too low. σ divides by n; where all values are
/// equal every z is 0. The authors prove (f, κ)-robustness under assumptions of their own; against an attacker who knows the rule nothing is promised, and with λ = 1 a good part
/// of the honest updates is left out as well (with two updates, both: the model is held). Where
/// nobody is ordinary published code returns zeros; here the model is held too. Weights are ignored:
/// they are claims. Of equal magnitudes the lower coordinates are inspected.
///
/// Example: w = (1, 1), everything inspected: (1, 1), (1, 1), (2, 2), (-1, -1): the last agrees with
/// no majority and is out; M = √2 and the result is (1, 1).
///
/// Source: Xu, Zhang, Hu 2025, *Detecting Backdoor Attacks in Federated Learning via Direction
/// Alignment Inspection*, and its published code.
public struct AlignIns: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of coordinates, largest first, whose signs are inspected.
    public var inspected = 0.3
    /// λ_s: how far from the median the sign agreement may be, in deviations.
    public var signRadius = 1.0
    /// λ_c: how far from the median the cosine may be, in deviations.
    public var cosineRadius = 1.0
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "align-ins",
    summary:
      "Keeps updates ordinary in their cosine to the model and in their signs; clipped mean.",
    formula: "mean of clipped x_i with z(TDA_i) < λ_c and z(MPSA_i) < λ_s",
    citation: "Xu et al. 2025",
    needs: [.individualUpdates, .globalModel],
    claims: [.permutationInvariant, .scaleEquivariant, .idempotent],
    parameters: [
      .init(
        "inspected", "share of the largest coordinates whose signs count",
        range: "greater than 0, at most 1"),
      .init("sign-radius", "deviations of the sign agreement that pass", range: "greater than 0"),
      .init("cosine-radius", "deviations of the cosine that pass", range: "greater than 0"),
    ])

  /// 30% of the coordinates, one deviation each.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The rule with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "inspected", parameters.inspected > 0 && parameters.inspected <= 1,
      "must be greater than 0 and at most 1", got: parameters.inspected)
    check.positive("sign-radius", parameters.signRadius)
    check.positive("cosine-radius", parameters.cosineRadius)
    try check.finish()
    self.parameters = parameters
  }

  /// The rule with this share and these radii.
  public init(inspected: Double = 0.3, signRadius: Double = 1, cosineRadius: Double = 1) throws {
    try self.init(
      Parameters(inspected: inspected, signRadius: signRadius, cosineRadius: cosineRadius))
  }

  /// Inspects, keeps, clips. O(nd).
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let n = view.updates.count
    let norms = view.updates.squaredNorms.map { $0.squareRoot() }
    let share = parameters.inspected * Double(view.updates.dimension) * (1 + 1e-12)
    let inspected = min(view.updates.dimension, max(1, Int(share.rounded(.down))))
    let agreement = view.updates.signAgreement(
      with: view.updates.signSums(), amongLargest: inspected
    ).map { Double($0) }
    let modelNorm = view.globalModel.norm
    let cosines = zip(view.updates.innerProducts(with: view.globalModel), norms).map {
      $1 > 0 && modelNorm > 0 ? $0 / ($1 * modelNorm) : 0
    }
    let signScores = MedianScore.deviations(of: agreement)
    let cosineScores = MedianScore.deviations(of: cosines)
    let passesSigns = signScores.map { $0 < parameters.signRadius }
    let passesCosine = cosineScores.map { $0 < parameters.cosineRadius }
    let kept = (0..<n).filter { passesSigns[$0] && passesCosine[$0] }
    if kept.isEmpty { return Aggregation(.hold("found no update ordinary in both directions")) }

    let limit = MedianScore.median(of: kept.map { norms[$0] })
    var coefficients = [Double](repeating: 0, count: n)
    for row in kept {
      coefficients[row] =
        (norms[row] > limit ? limit / norms[row] : 1) / Double(kept.count)
    }
    var aggregation = Aggregation(
      .combination(coefficients), kept: (0..<n).map { passesSigns[$0] && passesCosine[$0] },
      scores: (0..<n).map {
        max(signScores[$0] / parameters.signRadius, cosineScores[$0] / parameters.cosineRadius)
      })
    for row in 0..<n where !(passesSigns[row] && passesCosine[row]) {
      aggregation.reasons[row] =
        passesSigns[row]
        ? "its cosine to the model is out of the ordinary"
        : "its agreement with the majority of signs is out of the ordinary"
    }
    return aggregation
  }
}
