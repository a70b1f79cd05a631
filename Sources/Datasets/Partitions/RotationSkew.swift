public import Components
public import Randomness

/// Same label, different features: equal IID shares, the images of each cluster of clients turned by
/// an angle of its own.
///
/// Client `i` is of cluster `i mod clusters`, and cluster `c` sees images turned counter-clockwise by
/// `c span / clusters` degrees, bilinearly; four clusters of 360 degrees turn by 0, 90, 180 and 270,
/// exactly on square images. As many clusters as clients give each client its own angle. A test
/// example is turned for the client that is tested.
public struct RotationSkew: Partition {
  /// How many angles there are, and how far apart.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Number of angles.
    public var clusters: Int
    /// Degrees that the angles divide.
    public var span: Double

    /// This many angles.
    public init(clients: Int = 20, clusters: Int = 4, span: Double = 360) {
      self.clients = clients
      self.clusters = clusters
      self.span = span
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "rotation-skew",
    summary:
      "Feature skew, concept shift: same labels, images turned by an angle for each cluster.",
    formula: "IID shares; client i sees images turned by (i mod clusters) span / clusters degrees",
    citation: "Ghosh, Chung, Yin, Ramchandran: An Efficient Framework for Clustered Federated "
      + "Learning, NeurIPS 2020, section 6 (rotated MNIST)",
    claims: [.everyExample, .disjoint, .equalSizes],
    parameters: [
      .clients, .clusters,
      .init("span", "degrees that the angles divide", range: "greater than 0, at most 360"),
    ])

  /// Twenty clients, four quarter turns.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Angles as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.atLeastOne("clusters", parameters.clusters)
    check(
      "span", parameters.span > 0 && parameters.span <= 360,
      "must be greater than 0 and at most 360", got: parameters.span)
    try check.finish()
    self.parameters = parameters
  }

  /// Equal shares with shifts.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let (clients, clusters) = (parameters.clients, parameters.clusters)
    try checkEnough(pool, clients: clients)
    try checkImages(pool, for: "rotation")
    return ClientShares(
      dealt(equalSizes(pool.count, parts: clients), using: &generator),
      shifts: (0..<clients).map { client in
        let cluster = client % clusters
        guard cluster > 0 else { return DomainShift([]) }
        return DomainShift([
          .rotate(degrees: Double(cluster) * parameters.span / Double(clusters))
        ])
      })
  }
}
