public import Components
public import Federation
public import Randomness
internal import Tensors

/// The point with the least sum of distances to the updates.
///
///     geometricMedian(x) = argmin_y Σ a_i ‖y - x_i‖,   a_i = 1, or the claimed weights
///
/// Withstands f < n/2 bad updates: an update pulls with its weight alone, however far away it is.
/// (f, κ)-robust with κ = 4 (1 + f/(n-2f))² (Allouah et al. 2023, appendix), for equal weights;
/// with `weighted` the weights are the clients' claims, and half of their sum decides everything.
/// Unlike the median of each coordinate it does not depend on the axes.
///
/// `exact` solves the problem to a slope of 1e-9 of the weights; where the minimiser is not unique
/// (updates on one line, an even number) it is the middle of all minimisers. `smoothed` is RFA:
/// `iterations` reweighted means y ← Σ b_i x_i / Σ b_i, b_i = a_i/max(ν, ‖y - x_i‖), from `start`.
/// Few steps from zero stay near zero while the updates are far, as published code does (3 steps,
/// ν = 0.1): not translation equivariant, and a large attack holds more than it should.
///
/// Example: (0, 0), (4, 0), (0, 3), (1, 1) give (1, 1), which lies inside the triangle of the others.
///
/// Source: Weiszfeld 1937 and Vardi, Zhang 2000 (*The multivariate L1-median and associated data
/// depth*) for the exact one; Pillutla, Kakade, Harchaoui 2022, *Robust Aggregation for Federated
/// Learning*, algorithm 2 for the smoothed one; Allouah, Farhadkhani, Guerraoui, Gupta, Pinot, Stephan
/// 2023, *Fixing by Mixing*, for the bound, which random search for a violation did not break either.
public struct GeometricMedian: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Bad updates to withstand, checked against n.
    public var f = FaultBound.assumed
    /// How it is computed.
    public var variant = Variant.exact
    /// Whether updates pull with the weights that their clients claim.
    public var weighted = false
    /// Smoothed only: distances below this count as this.
    public var nu = 0.1
    /// Smoothed only: reweighted means.
    public var iterations = 3
    /// Smoothed only: the first point.
    public var start = Start.zero
  }

  /// How the median is computed.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// To the end.
    case exact
    /// A few steps of RFA's smoothed iteration.
    case smoothed
  }

  /// Where the smoothed iteration starts.
  public enum Start: String, CaseIterable, Codable, Hashable, Sendable {
    /// The zero update.
    case zero
    /// The mean of the updates, with their weights.
    case mean
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "geometric-median",
    summary: "The point with the least sum of distances to the updates, exact or RFA's few steps.",
    formula: "argmin_y Σ a_i ‖y - x_i‖",
    citation: "Pillutla et al. 2022; Vardi, Zhang 2000; bound: Allouah et al. 2023, appendix",
    needs: [.individualUpdates],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant,
      .idempotent, .inCoordinateHull, .boundedUnderFaults,
    ],
    parameters: [
      .init("f", "bad updates to withstand, checked against n", range: "0 ≤ f < n/2, or 'assumed'"),
      .init("variant", "solved to the end, or RFA's smoothed steps", range: "exact or smoothed"),
      .init("weighted", "whether updates pull with their claimed weights", range: "true or false"),
      .init("nu", "smoothed: shorter distances count as this", range: "greater than 0"),
      .init("iterations", "smoothed: number of reweighted means", range: "1 or more"),
      .init("start", "smoothed: the first point", range: "zero or mean"),
    ])

  /// The exact median of equal weights.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The median with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    check.positive("nu", parameters.nu)
    check.oneOrMore("iterations", parameters.iterations)
    try check.finish()
    self.parameters = parameters
  }

  /// The median checked against `f` bad updates: `GeometricMedian(f: 3)`.
  public init(
    f: FaultBound = .assumed, variant: Variant = .exact, weighted: Bool = false, nu: Double = 0.1,
    iterations: Int = 3, start: Start = .zero
  ) throws {
    try self.init(
      Parameters(
        f: f, variant: variant, weighted: weighted, nu: nu, iterations: iterations, start: start))
  }

  /// The distances between all updates.
  public var firstLook: FirstLook { .distances }

  /// 2f + 1.
  public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }

  /// 4 (1 + f/(n-2f))² for the exact median of equal weights.
  public func robustnessCoefficient(updates n: Int, faults f: Int) -> Double? {
    guard parameters.variant == .exact, !parameters.weighted, n > 2 * f else { return nil }
    let factor = 1 + Double(f) / Double(n - 2 * f)
    return 4 * factor * factor
  }

  /// Finds the coefficients of the rows. O(n³) beyond the shared Gram matrix.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let weights = parameters.weighted ? view.weights : view.weights.map { _ in 1 }
    let (coefficients, distances): ([Double], [Double])
    switch parameters.variant {
    case .exact:
      let median = WeightedMedianPoint(of: view.updates, weights: weights)
      (coefficients, distances) = (median.coefficients, median.distances)
    case .smoothed: (coefficients, distances) = smoothed(view.updates, weights: weights)
    }
    var reasons: [Int: String] = [:]
    for row in coefficients.indices where coefficients[row] == 0 {
      reasons[row] = "the median is another update"
    }
    return Aggregation(
      .combination(coefficients), kept: coefficients.map { $0 > 0 }, scores: distances,
      reasons: reasons)
  }

  /// The coefficients after all steps, and the distances that the last step weighed by.
  private func smoothed(
    _ updates: UpdateView, weights: [Double]
  ) -> (coefficients: [Double], distances: [Double]) {
    func means(_ distances: [Double]) -> [Double] {
      let pulls = zip(weights, distances).map { $0 / max(parameters.nu, $1) }
      let total = pulls.reduce(0, +)
      return pulls.map { $0 / total }
    }
    var (coefficients, distances): ([Double], [Double])
    var steps = parameters.iterations
    switch parameters.start {
    case .zero:
      distances = (0..<updates.count).map { updates.norm($0) }
      coefficients = means(distances)
      steps -= 1
    case .mean:
      let total = weights.reduce(0, +)
      (coefficients, distances) = (weights.map { $0 / total }, [])
    }
    if steps == 0 { return (coefficients, distances) }
    let squares = updates.squaredDistances
    let typical = (0..<updates.count).map {
      squares.row($0).sorted()[(updates.count - 1) / 2]
    }.positionOfLeast
    let points = EmbeddedRows(gram: updates.innerProducts(around: typical))
    for _ in 0..<steps {
      distances = points.distances(to: points.combination(coefficients))
      coefficients = means(distances)
    }
    return (coefficients, distances)
  }
}
