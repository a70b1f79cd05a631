public import Components
public import Federation
public import Learning

/// Clients keep their normalisation layers: scale, shift and running statistics never leave them.
///
/// Made for feature skew: what differs between clients is how their features are distributed, and a
/// batch norm of its own absorbs that. Group, layer and instance norms are kept just so.
///
/// Source: Li, Jiang, Zhang, Kamp, Dou 2021, *FedBN: Federated Learning on Non-IID Features via Local
/// Batch Normalization*, algorithm 1.
public struct FedBN: Personalizer {
  /// Name, meaning and source.
  public static let card = Card(
    name: "fedbn",
    summary: "Normalisation layers are each client's own and never leave it.",
    formula: "w_k = (shared weights, own norms_k); only the weights are sent",
    citation: "Li et al. 2021, algorithm 1")

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// The segments of all normalisation layers.
  ///
  /// - Throws: `FederationError.unsuitableModel` if there are none: that would be FedAvg under another
  ///   name.
  public func keptRanges(of network: Network) throws(FederationError) -> [Range<Int>] {
    let kinds: Set<SegmentKind> = [.normScale, .normShift, .statistics, .counter]
    let ranges = network.layout.segments.filter { kinds.contains($0.kind) }.map(\.range)
    guard !ranges.isEmpty else {
      throw .unsuitableModel(
        component: Self.card.name,
        problem: "the model has no normalisation layer to keep; use one that has, such as resnet-20"
      )
    }
    return ranges
  }
}
