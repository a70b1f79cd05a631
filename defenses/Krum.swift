public import Components
public import Federation
public import Randomness
internal import Tensors

/// The one update that is closest to its neighbours.
///
///     s(i) = Σ of the n-f-2 smallest ‖x_i - x_j‖², j ≠ i;   krum(x; f) = x_i of least s(i)
///
/// Proposed for n > 2f + 2 (Blanchard et al. 2017, definition 3.2 and proposition 4.2). It returns
/// a client's own update, so it averages nothing: with differing clients it is biased to whoever
/// sits in the densest corner, and it reveals that client's update to everybody. Equal scores go to
/// the lower row; attackers sit at random rows.
///
/// Published code has other scores. `n-minus-f` counts the n - f nearest, the update itself among
/// them, as ByzFL and the theory of Allouah et al. 2023 do: f < n/2 suffices, and it is (f, κ)-robust
/// with κ = 6 (1 + f/(n-2f)) (their appendix). `fourth-power` squares distances that are squared
/// already, as the code of Karimireddy et al. and copies of it do: far neighbours weigh more, and
/// about one pick in fourteen changes.
///
/// Example: f = 0 on (0, 0), (1, 0), (5, 0): scores 1, 1, 16; the tie goes to (0, 0).
///
/// Source: Blanchard et al. 2017, *Machine Learning with Adversaries: Byzantine Tolerant Gradient
/// Descent*, section 4; Allouah, Farhadkhani, Guerraoui, Gupta, Pinot, Stephan 2023, *Fixing by Mixing*,
/// for `n-minus-f`.
public struct Krum: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Bad updates to withstand.
    public var f = FaultBound.assumed
    /// Which neighbours count, and how much.
    public var variant = Variant.original
  }

  /// How an update is scored by its neighbours.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// Squared distances to the n - f - 2 nearest others.
    case original
    /// Squared distances to the n - f nearest, itself included.
    case nMinusF = "n-minus-f"
    /// Fourth powers of the distances to the n - f - 2 nearest others.
    case fourthPower = "fourth-power"
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "krum",
    summary: "The single update whose n-f-2 nearest neighbours are closest to it.",
    formula: "argmin_{x_i} Σ_{j ∈ N(i, n-f-2)} ‖x_i - x_j‖²",
    citation: "Blanchard et al. 2017, section 4",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant,
      .idempotent, .inCoordinateHull, .boundedUnderFaults,
    ],
    parameters: [
      .init(
        "f", "bad updates to withstand",
        range: "0 ≤ f, 2f + 3 ≤ n (n-minus-f: f < n/2), or 'assumed'"),
      .init(
        "variant", "which neighbours count, and how much",
        range: "original, n-minus-f or fourth-power"),
    ])

  /// The paper's rule with the `f` of the threat model.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Krum with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    try check.finish()
    self.parameters = parameters
  }

  /// Krum that must withstand `f` bad updates: `Krum(f: 3)`.
  public init(f: FaultBound = .assumed, variant: Variant = .original) throws {
    try self.init(Parameters(f: f, variant: variant))
  }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 2f + 3, or 2f + 1 for `n-minus-f`.
  public func minimumUpdates(faults: Int) -> Int {
    parameters.variant.minimumUpdates(faults: faults)
  }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// 6 (1 + f/(n-2f)) for `n-minus-f`; none is known for the others.
  public func robustnessCoefficient(updates n: Int, faults f: Int) -> Double? {
    guard parameters.variant == .nMinusF, n > 2 * f else { return nil }
    return 6 * (1 + Double(f) / Double(n - 2 * f))
  }

  /// Scores every row and keeps the best. O(n² log n) beyond the shared Gram matrix.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let scores = parameters.variant.scores(of: view.updates, faults: view.faults)
    return .mean(
      of: [scores.positionOfLeast], count: scores.count, scores: scores,
      otherwise: "farther from its neighbours")
  }
}

extension Krum.Variant {
  /// The least n that leaves an update neighbours to be scored by.
  func minimumUpdates(faults: Int) -> Int { 2 * faults + (self == .nMinusF ? 1 : 3) }

  /// The score of every row; smaller is better.
  func scores(of updates: UpdateView, faults f: Int) -> [Double] {
    let (n, distances) = (updates.count, updates.squaredDistances)
    return switch self {
    case .original: distances.sumsOfNearest(n - f - 2)
    case .nMinusF: distances.sumsOfNearest(n - f - 1)
    case .fourthPower: distances.squared.sumsOfNearest(n - f - 2)
    }
  }
}
