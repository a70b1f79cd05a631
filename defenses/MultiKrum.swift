public import Components
public import Federation
public import Randomness
internal import Tensors

/// The mean of the m updates that are closest to their neighbours.
///
///     multiKrum(x; f, m) = mean of the m updates of least Krum score;   m = n - f by default
///
/// Krum that averages: less variance, while m ≤ n - f and the scores still leave the outliers out.
/// With m = n - f an attacker who scores better than one honest update gets in. Equal scores go to
/// the lower row; scores are computed once, of all updates.
///
/// Published code differs. `n-minus-f` scores by the n - f nearest, the update itself included
/// (ByzFL), which allows f < n/2; `fourth-power` squares squared distances; both as in `krum`.
/// `rescoring` picks the best, removes it and scores the rest anew, by the r - f - 2 nearest of the
/// r that remain, the update itself included, until 2f + 2 remain (the code of Shejwalkar and
/// Houmansadr 2021): n - 2f - 2 picks whatever m says.
///
/// Example: f = 0, m = 2 on (0), (1), (5), (6), (7): the three nearest others give scores 62, 42,
/// 21, 27, 41; the mean of (5) and (6) is (5.5).
///
/// Source: Blanchard et al. 2017, *Machine Learning with Adversaries: Byzantine Tolerant Gradient
/// Descent*, section 5 (m-Krum). Some published code averages m = n - f - 2 by default, as do the
/// library `krum` of calicarpa and the code of SignGuard (Xu et al. 2022); others 1 (Blades), n - f
/// (ByzFL) or a fifth of n (FLPoison).
public struct MultiKrum: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Bad updates to withstand.
    public var f = FaultBound.assumed
    /// How many updates to average.
    public var m = KeepCount.allButFaults
    /// How they are picked.
    public var variant = Variant.original
  }

  /// How the updates are picked.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// The m of least score by the n - f - 2 nearest others.
    case original
    /// The m of least score by the n - f nearest, itself included.
    case nMinusF = "n-minus-f"
    /// The m of least score by fourth powers of the distances to the n - f - 2 nearest others.
    case fourthPower = "fourth-power"
    /// One at a time, scored anew among those that remain.
    case rescoring

    /// Krum's score that picks them all at once; nil for `rescoring`.
    var score: Krum.Variant? {
      switch self {
      case .original: .original
      case .nMinusF: .nMinusF
      case .fourthPower: .fourthPower
      case .rescoring: nil
      }
    }
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "multi-krum",
    summary: "The mean of the m updates whose nearest neighbours are closest to them.",
    formula: "mean of the m x_i of least Σ_{j ∈ N(i, n-f-2)} ‖x_i - x_j‖²",
    citation: "Blanchard et al. 2017, section 5",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant,
      .idempotent, .inCoordinateHull, .meanWithoutFaults, .boundedUnderFaults,
    ],
    parameters: [
      .init(
        "f", "bad updates to withstand",
        range: "0 ≤ f, 2f + 3 ≤ n (n-minus-f: f < n/2), or 'assumed'"),
      .init("m", "how many updates to average", range: "1 ≤ m ≤ n, 'n-f' or 'half'"),
      .init(
        "variant", "how updates are scored and picked",
        range: "original, n-minus-f, fourth-power or rescoring"),
    ])

  /// The n - f best by the original score.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Multi-Krum with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    parameters.m.check("m", &check)
    if parameters.variant == .rescoring {
      check(
        "m", parameters.m == .allButFaults, "cannot be set with 'rescoring', which picks n-2f-2",
        got: parameters.m)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// Multi-Krum that must withstand `f` bad updates: `MultiKrum(f: 3)`.
  public init(
    f: FaultBound = .assumed, m: KeepCount = .allButFaults, variant: Variant = .original
  ) throws {
    try self.init(Parameters(f: f, m: m, variant: variant))
  }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 2f + 3, or 2f + 1 for `n-minus-f`; m where that is more.
  public func minimumUpdates(faults: Int) -> Int {
    max(
      parameters.variant == .nMinusF ? 2 * faults + 1 : 2 * faults + 3, parameters.m.minimumUpdates)
  }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// Scores every row and averages the best. O(n² log n) beyond the shared Gram matrix, O(n³)
  /// for `rescoring`.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let (n, f) = (view.updates.count, view.faults)
    guard let score = parameters.variant.score else {
      let (picks, scores) = view.updates.squaredDistances.repeatedPicks(n - 2 * f - 2) {
        $0 - f - 3
      }
      return .mean(of: picks, count: n, scores: scores, otherwise: "farther from its neighbours")
    }
    let scores = score.scores(of: view.updates, faults: f)
    let picks = scores.leastFirst(parameters.m.resolved(updates: n, faults: f))
    return .mean(of: picks, count: n, scores: scores, otherwise: "farther from its neighbours")
  }
}
