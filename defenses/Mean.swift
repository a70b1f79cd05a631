public import Components
public import Federation
public import Randomness
internal import Tensors

/// The mean of the updates, weighted as the clients claim: FedAvg's aggregation, no defense at all.
///
///     mean(x; w) = Σ w_i x_i / Σ w_i
///
/// One bad update moves the result anywhere (breakdown point 0), and since the weights are the
/// clients' own claims, one large claim is as good as a large update. It needs only the sum, so it
/// is the rule that every secure aggregation can carry.
///
/// A weight cap c audits the claims: no weight counts more than c medians of all weights. At least
/// half of the weights are no smaller than the median, so one of n clients then never weighs more
/// than c / (c + n/2 - 1) of the whole, whatever it claims. Its update may still be anything. With a
/// cap the rule must see every weight before it can add, so it no longer is the plain sum that
/// secure aggregation carries.
///
/// Example: the updates (1, 2), (3, 4), (8, 0) with weights 1, 1, 2 give (5, 1.5); with a cap of 1
/// every weight counts 1, and they give (4, 2).
///
/// Source: McMahan et al. 2017, *Communication-Efficient Learning of Deep Networks from
/// Decentralized Data*, algorithm 1.
public struct Mean: Aggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The largest weight that counts, in units of the median weight.
    public var weightCap = WeightCap.unlimited
  }

  /// The largest weight that counts.
  public enum WeightCap: WordOrNumber, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// Every claim counts in full.
    case unlimited
    /// This many medians of the round's weights.
    case medians(Double)

    /// `weightCap: 2.5` in code.
    public init(floatLiteral value: Double) { self = .medians(value) }

    /// `weightCap: 2` in code.
    public init(integerLiteral value: Int) { self = .medians(Double(value)) }

    /// `none`.
    public static let word = "none"

    /// The value for this number; nil is `none`.
    public init(_ number: Double?) { self = number.map(Self.medians) ?? .unlimited }

    /// The number, unless it is `none`.
    public var number: Double? {
      if case .medians(let number) = self { number } else { nil }
    }
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "mean",
    summary: "The weighted mean of the updates: plain FedAvg, no defense.",
    formula: "Σ w_i x_i / Σ w_i",
    citation: "McMahan et al. 2017, algorithm 1",
    needs: [.sum],
    claims: [
      .permutationInvariant, .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant,
      .idempotent, .inCoordinateHull, .meanWithoutFaults,
    ],
    parameters: [
      .init(
        "weight-cap", "largest weight that counts, in medians of all weights",
        range: "1 or more, or 'none'")
    ])

  /// No cap.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The weighted mean.
  public init() { parameters = Self.defaults }

  /// The weighted mean with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    if case .medians(let cap) = parameters.weightCap {
      check(
        "weight-cap", cap >= 1 && cap.isFinite, "must be a finite number of 1 or more, or 'none'",
        got: cap)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// The weighted mean with this cap.
  public init(weightCap: WeightCap) throws {
    try self.init(Parameters(weightCap: weightCap))
  }

  /// The sum, and with a cap also every weight by itself.
  public var needs: Set<Capability> { isWeightedMean ? [.sum] : [.individualUpdates] }

  /// All rows, weighted by their claims. O(n) beyond the mean itself.
  public func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    var weights = view.weights
    if case .medians(let cap) = parameters.weightCap {
      let limit = cap * MedianScore.median(of: weights)
      weights = weights.map { min($0, limit) }
    }
    return Aggregation(
      .weightedMean(weights), kept: weights.map { _ in true }, sensitivity: sensitivity(of: view))
  }

  /// Of n rows that all weigh 1, each moves the mean by its norm over n. Other weights are what
  /// clients claim, so nothing bounds what one of them moves. The only row there is has no bound
  /// either: without it there would be no result at all.
  private func sensitivity(of view: AggregationView) -> Double? {
    let n = view.updates.count
    guard n > 1, view.weights.allSatisfy({ $0 == 1 }) else { return nil }
    return (view.rowBound ?? 1) / Double(n)
  }

  /// Of rows that weigh the same; a cap changes nothing about these.
  public var certifiesSensitivity: Bool { true }

  /// Without a cap: rounds without an attack on the updates then need memory for one sum, not for
  /// every update.
  public var isWeightedMean: Bool { parameters.weightCap == .unlimited }
}

extension Aggregator where Self == Mean {
  /// The weighted mean.
  public static var mean: Mean { Mean() }
}
