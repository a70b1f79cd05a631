internal import Components
public import Learning
public import Randomness
public import Tensors

/// Position *aggregation*: the rule that makes one update of many.
///
/// The null component of this position is the catalogue's `mean`.
public protocol Aggregator: FaultTolerant {
  /// Aggregates at least one finite row; `memory` is the server's.
  ///
  /// Called only with `minimumUpdates` satisfied; `view.faults` is the `f` in force.
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Aggregation

  /// Whether the result is always the mean of the rows, weighted by the view's weights: then a round
  /// can add the updates up as they are made, and none of them has to be kept.
  var isWeightedMean: Bool { get }

  /// Whether every aggregation says its `Aggregation.sensitivity`, proven for rows that are clipped:
  /// what central privacy needs of a rule.
  var certifiesSensitivity: Bool { get }

  /// The κ for which the rule is (f, κ)-robust on `n` rows; nil where no bound is known.
  ///
  ///     ‖F(x) - x̄_S‖² ≤ κ · 1/|S| Σ_{i ∈ S} ‖x_i - x̄_S‖²   for every S of n - f rows, x̄_S their mean
  ///
  /// Source: Allouah et al. 2023, *Fixing by Mixing*, definition 2.
  func robustnessCoefficient(updates n: Int, faults f: Int) -> Double?
}

extension Aggregator {
  /// No.
  public var certifiesSensitivity: Bool { false }
  /// No.
  public var isWeightedMean: Bool { false }
  /// Unknown.
  public func robustnessCoefficient(updates n: Int, faults f: Int) -> Double? { nil }
}

/// What a server-side rule can see: no more than the transport reveals.
///
/// Only the round can make one; your own loop gets the same through
/// `Aggregator.aggregate(_:weights:)` and `RobustAggregation`.
public struct AggregationView: Sendable {
  /// The round, from 0.
  public let round: Int
  /// The visible updates, one row an item.
  public internal(set) var updates: UpdateView
  /// The weight of each row, positive.
  public internal(set) var weights: [Double]
  /// The client behind each row, where the transport tells.
  public internal(set) var clients: [Int?]
  /// The effective optimiser steps that the client behind each row claims, where the transport tells.
  public internal(set) var steps: [Double?]
  /// How many server steps have been made since the client behind each row received its model, where
  /// the transport tells: 0 in synchronous rounds.
  public internal(set) var staleness: [Int?]
  /// How many of the rows the component must withstand: its own `f`, or the assumed number.
  public internal(set) var faults: Int
  /// The greatest norm a row can have where steps before the rule made each row of its own update
  /// alone; nil where there were no such steps, or others.
  public internal(set) var rowBound: Double?
  /// The global model that the updates are relative to.
  public let globalModel: Vector
  /// The tensors that lie in an update one after another; a single one where nothing is known.
  public let segments: [Segment]
  /// What the server can do with examples of its own; nil where it has none.
  public let root: RootData?

  init(
    round: Int, updates: UpdateView, weights: [Double], clients: [Int?], steps: [Double?],
    staleness: [Int?], faults: Int, globalModel: Vector, segments: [Segment], root: RootData?
  ) {
    self.round = round
    self.updates = updates
    self.weights = weights
    self.clients = clients
    self.steps = steps
    self.staleness = staleness
    self.faults = faults
    self.globalModel = globalModel
    self.segments = segments
    self.root = root
  }
}

/// What a rule decided, and why.
public struct Aggregation: Sendable {
  /// The result.
  public enum Output: Sendable {
    /// The combination of the rows with these coefficients.
    case combination([Double])
    /// The mean of the rows with these weights, which have a positive sum.
    case weightedMean([Double])
    /// A vector that is no fixed combination of the rows.
    case vector(Vector)
    /// No usable update: the model stays as it is, for this reason.
    case hold(String)
  }

  /// The result.
  public var output: Output
  /// Which rows had a part in the result; nil when every coordinate has its own.
  public var kept: [Bool]?
  /// A score for each row in the rule's own meaning; smaller is more trusted.
  public var scores: [Double]?
  /// Why a row had no part in the result or less than its share, for rows where the rule can say.
  public var reasons: [Int: String]
  /// The most the result can move when one row is exchanged for zeros, if its norm is at most the
  /// view's `rowBound` (1 where that is nil) and whatever the other rows are; nil when no bound is
  /// known. Exchanging it for another such row moves the result twice as far at most. Where steps
  /// before the rule mix or leave out rows it says nothing of updates, and the server drops it.
  public var sensitivity: Double?

  /// A result; what is left out is unknown.
  public init(
    _ output: Output, kept: [Bool]? = nil, scores: [Double]? = nil,
    reasons: [Int: String] = [:], sensitivity: Double? = nil
  ) {
    self.output = output
    self.kept = kept
    self.scores = scores
    self.reasons = reasons
    self.sensitivity = sensitivity
  }

  /// The mean of the rows at `indices` out of `count`.
  ///
  /// - Parameter reason: Why the other rows had no part.
  public static func mean(
    of indices: [Int], count: Int, scores: [Double]? = nil, otherwise reason: String? = nil
  ) -> Aggregation {
    var coefficients = [Double](repeating: 0, count: count)
    var kept = [Bool](repeating: false, count: count)
    for index in indices {
      coefficients[index] = 1 / Double(indices.count)
      kept[index] = true
    }
    var reasons: [Int: String] = [:]
    if let reason {
      for index in kept.indices where !kept[index] { reasons[index] = reason }
    }
    return Aggregation(.combination(coefficients), kept: kept, scores: scores, reasons: reasons)
  }
}
