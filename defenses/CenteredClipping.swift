public import Components
public import Federation
public import Randomness
internal import Tensors

/// The mean of the updates, each pulled in to a ball around the last result.
///
///     v ← v + 1/n Σ (x_i - v) min(1, τ/‖x_i - v‖),   L times;   v starts at the previous result
///
/// A bad update moves the result by τ/n at most, honest ones within τ of v are averaged as they are,
/// and history tells where v should be: meant for updates with client momentum. In theory for a
/// small share of bad clients (about a tenth). Before the first round v is zero. Stateful: the
/// server remembers its last result, whatever the model did with it.
///
/// The authors suggest τ = 10/(1-β) for momentum β: 10 without, the default, with L = 1. ByzFL and
/// the authors' image experiments use 100; with updates much shorter than τ nothing is clipped and
/// the rule is the mean.
///
/// Sensitivity: with the centre given, replacing one update of norm at most 1 by another moves the
/// result by 2L min(1, τ)/n at most. A step is v ↦ 1/n Σ (v + P(x_i - v)), P the projection onto the
/// ball of radius τ. Another x_i moves it by ‖P(a) - P(b)‖/n ≤ min(‖a - b‖, 2τ)/n with a - b the
/// change; and another v by no more than v itself moved, as v + P(x - v) = x - (I - P)(x - v) and I - P
/// is nonexpansive for the projection onto a convex set. So the L steps add up, and none amplifies
/// those before it. But a later round's centre is this result, which carries what every client sent
/// before and was never released: a client can move that round further, whether or not it takes part.
/// The bound is therefore declared for the first round alone.
///
/// Example: τ = 100, v = 0 on (1, 2, 3), (4, 5, 6), (7, 8, 9) gives (4, 5, 6); τ = 1, v = 0 on (2),
/// (0), (-0.5) gives 0.5/3.
///
/// Source: Karimireddy, He, Jaggi 2021, *Learning from History for Byzantine Robust Optimization*,
/// section 4.
public struct CenteredClipping: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The greatest distance from the centre that counts in full.
    public var clippingRadius = 10.0
    /// How often the centre moves.
    public var iterations = 1
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "centered-clipping",
    summary: "The mean of the updates, each clipped to a ball around the previous result.",
    formula: "v + 1/n Σ (x_i - v) min(1, τ/‖x_i - v‖)",
    citation: "Karimireddy, He, Jaggi 2021, section 4",
    needs: [.individualUpdates],
    claims: [.permutationInvariant, .orthogonallyEquivariant, .boundedUnderFaults],
    parameters: [
      .init(
        "clipping-radius", "distance from the centre that counts in full", range: "greater than 0"),
      .init("iterations", "how often the centre moves a round", range: "1 or more"),
    ])

  /// A radius of 10 and one step.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Centered clipping with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("clipping-radius", parameters.clippingRadius)
    check.oneOrMore("iterations", parameters.iterations)
    try check.finish()
    self.parameters = parameters
  }

  /// Centered clipping to `clippingRadius`, `iterations` times a round.
  public init(clippingRadius: Double, iterations: Int = 1) throws {
    try self.init(Parameters(clippingRadius: clippingRadius, iterations: iterations))
  }

  private struct Centre: Codable {
    var value: Vector
  }

  /// Every coordinate, if one step is all.
  public var firstLook: FirstLook { parameters.iterations == 1 ? .coordinates : .nothing }

  /// Given the centre, which a server that promises privacy keeps at zero.
  public var certifiesSensitivity: Bool { true }

  /// Moves the centre. One pass over the updates beyond the result; when `iterations` is more than 1
  /// the shared Gram matrix and O(n³) besides.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let updates = view.updates
    let known = memory[Centre.self]?.value
    let centre = known?.count == updates.dimension ? known : nil
    let (coefficients, distances) = coefficients(of: updates, around: centre)

    var result = updates.combination(coefficients)
    if let centre { result.add(centre, scale: Float(1 - coefficients.reduce(0, +))) }
    if result.isFinite { memory[Centre.self] = Centre(value: result) }
    let reach =
      Double(parameters.iterations) * min(view.rowBound ?? 1, 2 * parameters.clippingRadius)
    return Aggregation(
      .vector(result), kept: coefficients.map { _ in true }, scores: distances,
      sensitivity: centre == nil ? reach / Double(updates.count) : nil)
  }

  /// c in v = centre + Σ c_i (x_i - centre) after all steps, and the distances of the rows to the
  /// centre of the last one.
  private func coefficients(
    of updates: UpdateView, around centre: Vector?
  ) -> (coefficients: [Double], distances: [Double]) {
    let n = Double(updates.count)
    func shares(_ distances: [Double]) -> [Double] {
      distances.map { ($0 > parameters.clippingRadius ? parameters.clippingRadius / $0 : 1) / n }
    }
    if parameters.iterations == 1 {
      let squares =
        centre.map { updates.squaredDistances(to: $0) }
        ?? updates.squaredNorms
      let distances = squares.map { $0.squareRoot() }
      return (shares(distances), distances)
    }
    let points = EmbeddedRows(
      gram: centre.map { updates.innerProducts(around: $0) } ?? updates.innerProducts)
    var coefficients = [Double](repeating: 0, count: updates.count)
    var distances: [Double] = []
    for _ in 0..<parameters.iterations {
      distances = points.distances(to: points.combination(coefficients))
      let shares = shares(distances)
      let left = 1 - shares.reduce(0, +)
      coefficients = zip(coefficients, shares).map { $0 * left + $1 }
    }
    return (coefficients, distances)
  }
}
