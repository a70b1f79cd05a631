public import Components
public import Federation
public import Randomness
internal import Tensors

/// An honest black box that adds the updates and shows the server the sum.
///
///     the server sees Σ w_i x_i and Σ w_i, nothing else
///
/// The ideal functionality that secure aggregation protocols realise, without any cryptography: what
/// cannot work over this transport cannot work over any secure aggregation, so the planner marks it
/// `n/a`. One non-finite update makes the sum useless, as it would a masked one.
///
/// Source: the ideal functionality of Bonawitz et al. 2017, *Practical Secure Aggregation for
/// Privacy-Preserving Machine Learning*, section 3.
public struct SumOnly: Transport {
  /// Name, meaning and source.
  public static let card = Card(
    name: "sum-only",
    summary: "An honest black box: the server sees the weighted sum of the round, nothing else.",
    formula: "Σ w_i x_i and Σ w_i",
    citation: "ideal functionality of Bonawitz et al. 2017, section 3")

  /// The black box.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// The sum and the global model.
  public var reveals: Set<Capability> { [.sum, .globalModel] }

  /// One item: the weighted mean and the total weight. O(nd).
  public func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery {
    let total = uploads.weights.reduce(0, +)
    let mean = UpdateView(uploads.updates).weightedMean(uploads.weights)
    return Delivery(
      updates: try UpdateMatrix(rows: [mean]),
      items: [.init(clients: nil, count: uploads.clients.count, weight: total)],
      bytesUp: 4 * uploads.updates.rows * uploads.updates.columns)
  }
}
