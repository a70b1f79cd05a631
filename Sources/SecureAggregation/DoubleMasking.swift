public import Components
public import Federation
public import Randomness

/// Secure aggregation by double masking: the server sees the sum of masked updates, in which the masks
/// cancel.
///
///     y_i = x_i + PRG(b_i) + Σ_{j > i} PRG(s_ij) - Σ_{j < i} PRG(s_ij)  mod R
///
/// Every round is a session of its own with real keys: what travels, and its cost, is what a deployment
/// of ``MaskingClient`` and ``MaskingServer`` would see. Coordinates are clipped to -`clip`...`clip` and
/// rounded at random to `bits` bits, weights are whole numbers up to `max-weight`; the rest is exact. So
/// a round's mean is within `clip` · 2^(1-bits) of the plain one in each coordinate. Whose update is
/// not finite has nothing to send and drops out.
///
/// With `groups` above 1 the clients of a round are divided at random, and each group is summed by
/// itself: rules that need several updates work on the means of the groups, each of which a single
/// colluder can spoil. The fewer clients a group has, the less its sum hides.
///
/// Shares of more than two thirds of the clients open a secret. O(n (n + d)) a client's group of n.
///
/// Source: Bonawitz et al. 2017, *Practical Secure Aggregation for Privacy-Preserving Machine Learning*
/// (CCS 2017), figure 4; groups in He, Karimireddy, Jaggi 2020, *Secure Byzantine-Robust Machine
/// Learning*, and Velicheti, Xia, Koyejo 2021, *Secure Byzantine-Robust Distributed Learning via
/// Clustering*.
public struct DoubleMasking: Transport {
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
    /// How many groups are summed, each by itself.
    public var groups = 1
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "double-masking",
    summary: "Updates are masked so that only their sum, or that of each group, can be read.",
    formula: "y_i = x_i + PRG(b_i) + Σ_{j>i} PRG(s_ij) - Σ_{j<i} PRG(s_ij) mod R",
    citation: "Bonawitz et al. 2017, figure 4",
    parameters: [
      .init("clip", "coordinates are clipped to -clip...clip", range: "above 0"),
      .init("bits", "bits of a coordinate", range: "2 to 32"),
      .init("max-weight", "the largest weight, a whole number", range: "1 or more"),
      .init("active", "whether the server may lie, which signatures stop", range: "true or false"),
      .init("groups", "groups summed each by itself, for rules to work on", range: "1 or more"),
    ])

  /// One sum of coordinates of 24 bits, up to 8.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Masks with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    MaskedDelivery.check(
      clip: parameters.clip, bits: parameters.bits, maxWeight: parameters.maxWeight, &check)
    check(
      "groups", (1...10_000).contains(parameters.groups), "must be in 1...10000",
      got: parameters.groups)
    try check.finish()
    self.parameters = parameters
  }

  private var delivery: MaskedDelivery {
    MaskedDelivery(
      name: cardName,
      quantization: .init(
        clip: parameters.clip, bits: parameters.bits, maxWeight: parameters.maxWeight),
      groups: parameters.groups)
  }

  /// The sum, or those of the groups.
  public var reveals: Set<Capability> {
    parameters.groups == 1 ? [.sum, .globalModel] : [.sum, .groupSums, .globalModel]
  }

  /// Two, or three a group.
  public var minimumClients: Int { delivery.minimumClients }

  /// A row a group.
  public func visibleRows(of clients: Int) -> Int { parameters.groups }

  /// The distance of two codes.
  public var resolution: Double { delivery.resolution }

  /// One item a group.
  ///
  /// - Throws: ``EncodingError`` if the sums of so many clients do not fit 63 bits,
  ///   `SystemRandomness.Failure`.
  public func deliver(_ uploads: Uploads, using generator: inout Generator) throws -> Delivery {
    try delivery.deliver(
      uploads, using: &generator, security: parameters.active ? .active : .semiHonest
    ) { clients, _ in
      (graph: nil, threshold: 2 * clients / 3 + 1)
    }
  }
}
