internal import Components
internal import Randomness
public import Tensors

extension PreAggregator {
  /// What this pre-aggregator makes of one round's updates in your own loop, written out.
  ///
  ///     let mixed = try NNM(f: 2).prepared(updates)    // UpdateMatrix -> UpdateMatrix
  ///
  /// In a chain (`RobustAggregation`) the rows are never written out: rules look at them through
  /// their coefficients.
  ///
  /// - Parameters:
  ///   - updates: One row a client, finite.
  ///   - weights: Positive, one a row; 1 each when left out.
  ///   - assumedFaults: The `f` of a component that has none of its own.
  ///   - seed: The seed of components that draw at random.
  ///   - workers: How many threads may run; the result does not depend on it.
  /// - Throws: `FederationError.tooFewUpdates` when there are too few for `f`, `.invalidUpdates` for
  ///   rows that are not finite or weights that do not fit.
  public func prepared(
    _ updates: UpdateMatrix, weights: [Double]? = nil, assumedFaults: Int = 0, seed: UInt64 = 0,
    workers: Int = 1
  ) throws -> UpdateMatrix {
    guard updates.rows > 0, updates.columns > 0 else {
      throw FederationError.invalidUpdates("no updates to prepare; hand in at least one")
    }
    let weights = weights ?? [Double](repeating: 1, count: updates.rows)
    guard weights.count == updates.rows else {
      throw FederationError.invalidUpdates(
        "\(weights.count) weights for \(updates.rows) updates; hand in one each")
    }
    let rows = UpdateView(updates, workers: workers)
    let isFinite = rows.finiteRows(besideDistances: firstLook == .distances)
    for (row, weight) in weights.enumerated() {
      if let problem = ServerStage.refusal(isFinite: isFinite[row], weight: weight) {
        throw FederationError.invalidUpdates("row \(row): \(problem)")
      }
    }
    let count = updates.rows
    let view = AggregationView(
      round: 0, updates: rows, weights: weights,
      clients: Array(0..<count), steps: [Double?](repeating: nil, count: count),
      staleness: [Int?](repeating: 0, count: count),
      faults: try checkedFaults(assumed: assumedFaults, received: count),
      globalModel: Vector(zeros: updates.columns), segments: [.whole(updates.columns)], root: nil)
    var generator = Streams(seed: seed).stream(.preparation)
    var memory = Memory()
    let prepared = try prepare(view, using: &generator, memory: &memory)
    return prepared.updates.materialized()
  }
}
