public import Components
public import Randomness

/// Quantity and label skew at once: Dirichlet sizes, and Dirichlet label proportions for each client.
///
/// The procedure of FLoX: sizes are `N` times a draw from `Dir(size-alpha 1_n)`, and client `j` draws
/// `p_j ~ Dir(alpha 1_K)`. Then every example goes to a client that is not full, with probability in
/// proportion to `p_j` of the example's label. Examples come in random order here, in the data's order
/// in the source; one whose label nobody with room likes goes to any client with room. Sizes are drawn
/// again until every client has `minimum-size`.
public struct DirichletTwoLevel: Partition {
  /// How unequal sizes and label proportions are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Concentration of sizes; smaller is more skewed.
    public var sizeAlpha: Double
    /// Concentration of each client's label proportions; smaller is more skewed.
    public var alpha: Double
    /// Fewest examples a client may have.
    public var minimumSize: Int

    /// Sizes and label proportions of these concentrations.
    public init(
      clients: Int = 20, sizeAlpha: Double = 1, alpha: Double = 0.5, minimumSize: Int = 1
    ) {
      self.clients = clients
      self.sizeAlpha = sizeAlpha
      self.alpha = alpha
      self.minimumSize = minimumSize
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "dirichlet-two-level",
    summary:
      "Quantity and label skew: Dirichlet sizes, and Dirichlet label proportions per client.",
    formula: "sizes ~ N Dir(size-alpha 1_n), p_j ~ Dir(alpha 1_K); an example of label l goes to a "
      + "client that is not full with probability in proportion to p_j(l)",
    citation: "Kotsehub et al.: FLoX: Federated Learning with FaaS at the Edge, eScience 2022, its "
      + "federated split by samples and labels; Plato's distribution_noniid draws the same two levels",
    claims: [.everyExample, .disjoint],
    parameters: [
      .clients,
      .init(
        "size-alpha", "concentration of sizes; smaller is more skewed", range: "greater than 0"),
      .init("alpha", "concentration of a client's label proportions", range: "greater than 0"),
      .minimumSize,
    ])

  /// Twenty clients, sizes of concentration 1, label proportions of 0.5.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Sizes and proportions as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.positive("size-alpha", parameters.sizeAlpha)
    check.positive("alpha", parameters.alpha)
    check.atLeastOne("minimum-size", parameters.minimumSize)
    try check.finish()
    self.parameters = parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let clients = parameters.clients
    var room = try DirichletQuantity.sizes(
      of: pool, clients: clients, alpha: parameters.sizeAlpha, minimumSize: parameters.minimumSize,
      for: self, using: &generator)
    let priors = room.map { _ in
      generator.dirichlet(concentration: parameters.alpha, count: pool.classes)
    }
    var likes = (0..<pool.classes).map { label in WeightTree(priors.map { $0[label] }) }
    var rooms = WeightTree(room.map(Double.init))
    var shares = [[Int]](repeating: [], count: clients)
    for index in generator.permutation(pool.count) {
      let label = Int(pool.labels[index])
      let liked = likes[label].total > 0
      let client = (liked ? likes[label] : rooms).draw(using: &generator)
      shares[client].append(index)
      room[client] -= 1
      rooms.set(client, to: Double(room[client]))
      if room[client] == 0 {
        for label in likes.indices { likes[label].set(client, to: 0) }
      }
    }
    return ClientShares(shares.map { $0.sorted() })
  }
}
