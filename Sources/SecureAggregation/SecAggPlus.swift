public import Components
public import Federation
public import Randomness

/// Double masking along a sparse random graph: masks and shares go to a logarithmic number of
/// neighbours instead of everybody.
///
///     y_i = x_i + PRG(b_i) + Σ_{j ∈ N(i), j > i} PRG(s_ij) - Σ_{j ∈ N(i), j < i} PRG(s_ij)  mod R
///
/// As ``DoubleMasking``, on a ``HararyGraph`` that is drawn anew each round; its degree and threshold are
/// the least that withstand the fraction `corrupt` of colluding clients and the fraction `dropout`
/// of those that drop out, with the chances `rampart secagg parameters` prints. Where
/// no sparse graph is safe among so few clients, everybody is everybody's neighbour.
///
/// Source: Bell, Bonawitz, Gascón, Lepoint, Raykova 2020, *Secure Single-Server Aggregation with
/// (Poly)Logarithmic Overhead* (CCS 2020), section 3.
public struct SecAggPlus: Transport {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Coordinates are clipped to -clip...clip.
    public var clip = 8.0
    /// Bits of a coordinate.
    public var bits = 24
    /// The largest weight.
    public var maxWeight = 4096
    /// Whether the server may lie: keys and the list of survivors are signed.
    public var active = false
    /// The fraction of clients that may collude with the server.
    public var corrupt = 0.1
    /// The fraction of clients that may drop out.
    public var dropout = 0.1
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "secagg-plus",
    summary: "Updates are masked along a sparse random graph so that only their sum can be read.",
    formula: "y_i = x_i + PRG(b_i) + Σ_{j∈N(i),j>i} PRG(s_ij) - Σ_{j∈N(i),j<i} PRG(s_ij) mod R",
    citation: "Bell et al. 2020, section 3",
    parameters: [
      .init("clip", "coordinates are clipped to -clip...clip", range: "above 0"),
      .init("bits", "bits of a coordinate", range: "2 to 32"),
      .init("max-weight", "the largest weight, a whole number", range: "1 or more"),
      .init("active", "whether the server may lie, which signatures stop", range: "true or false"),
      .init("corrupt", "fraction of clients that may collude with the server", range: "0 to 0.5"),
      .init("dropout", "fraction of clients that may drop out", range: "0 to 0.5"),
    ])

  /// A tenth may collude, a tenth drop out.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Masks with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    MaskedDelivery.check(
      clip: parameters.clip, bits: parameters.bits, maxWeight: parameters.maxWeight, &check)
    for (key, rate) in [("corrupt", parameters.corrupt), ("dropout", parameters.dropout)] {
      check(key, (0...0.5).contains(rate), "must be in 0...0.5", got: rate)
    }
    let (corrupt, dropout) = (parameters.corrupt, parameters.dropout)
    let total = corrupt + dropout * (parameters.active ? 2 : 1)
    check(
      "dropout", total <= 0.9 && (!parameters.active || total < 1 - dropout),
      "leaves too few honest clients beside corrupt: \(corrupt)", got: dropout)
    try check.finish()
    self.parameters = parameters
  }

  private var delivery: MaskedDelivery {
    MaskedDelivery(
      name: cardName,
      quantization: .init(
        clip: parameters.clip, bits: parameters.bits, maxWeight: parameters.maxWeight))
  }

  /// The sum.
  public var reveals: Set<Capability> { [.sum, .globalModel] }

  /// Two.
  public var minimumClients: Int { delivery.minimumClients }

  /// The distance of two codes.
  public var resolution: Double { delivery.resolution }

  /// One item.
  ///
  /// - Throws: ``EncodingError`` if the sums of so many clients do not fit 63 bits, ``ParameterError`` if
  ///   no threshold withstands what it must among so few clients, `SystemRandomness.Failure`.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery {
    try delivery.deliver(
      uploads, using: &generator, security: parameters.active ? .active : .semiHonest
    ) { clients, generator in
      let policy = try SecureAggregationPolicy(
        clients: clients, corrupt: parameters.corrupt, dropout: parameters.dropout,
        adversary: parameters.active ? .active : .curious)
      guard let sparse = try? policy.regularParameters() else {
        return (graph: nil, threshold: try policy.fullGraphParameters().usualThreshold)
      }
      return (
        graph: try HararyGraph(clients: clients, degree: sparse.degree, using: &generator),
        threshold: sparse.usualThreshold
      )
    }
  }
}
