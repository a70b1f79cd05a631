public import Components
public import Randomness

/// Label skew: each class is shared out in proportions drawn from a symmetric Dirichlet distribution.
///
/// Seven procedures go by that name, each a partition of its own here. This is the class-wise,
/// uncapped one (FederatedScope; Flower without self-balancing): for each class `c` draw
/// `p ~ Dir(alpha 1_n)`, shuffle the class and cut it at `floor(N_c (p_1 + ... + p_j))`. If some
/// client ends up with fewer than `minimum-size` examples, everything is drawn again, at most 10,000
/// times. Shares of one class have mean `1/n` and variance `(n - 1) / (n^2 (n alpha + 1))`: a large
/// alpha approaches equal shares, a small one gives a class to few clients. Client sizes vary too,
/// since nothing caps them.
public struct DirichletPartition: Partition {
  /// How unequal the shares are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Concentration of the shares; smaller is more skewed.
    public var alpha: Double
    /// Fewest examples a client may have.
    public var minimumSize: Int

    /// Shares of this concentration.
    public init(clients: Int = 20, alpha: Double = 0.5, minimumSize: Int = 10) {
      self.clients = clients
      self.alpha = alpha
      self.minimumSize = minimumSize
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "dirichlet",
    summary: "Label skew: class by class, Dirichlet shares without a cap on client sizes.",
    formula: "for each class: p ~ Dir(alpha 1_n), cut the shuffled class at floor(N_c cumsum(p)); "
      + "again until every client has minimum-size examples",
    citation: "Yurochkin, Agarwal, Ghosh, Greenewald, Hoang, Khazaeni: Bayesian Nonparametric "
      + "Federated Learning of Neural Networks, ICML 2019",
    claims: [.everyExample, .disjoint],
    parameters: [.clients, .alpha, .minimumSize])

  /// Twenty clients, alpha 0.5, at least 10 examples each.
  public static let defaults = Parameters()

  /// How often shares are drawn before the partition is given up.
  public static let draws = 10_000

  /// The parameters in force.
  public let parameters: Parameters

  /// Shares as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("clients", parameters.clients >= 1, "must be at least 1", got: parameters.clients)
    check(
      "alpha", parameters.alpha > 0 && parameters.alpha.isFinite,
      "must be a number greater than 0", got: parameters.alpha)
    check(
      "minimum-size", parameters.minimumSize >= 1, "must be at least 1",
      got: parameters.minimumSize)
    try check.finish()
    self.parameters = parameters
  }

  private var clients: Int { parameters.clients }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    try checkEnough(pool, clients: clients)
    guard clients * parameters.minimumSize <= pool.count else {
      throw DataError.clientsTooLarge(
        partition: Self.card.name, clients: clients, minimumSize: parameters.minimumSize,
        examples: pool.count)
    }
    let members = pool.membersOfClasses
    let cuts = try drawCuts(members.map(\.count), using: &generator)
    var shares = [[Int]](repeating: [], count: clients)
    for (positions, cuts) in zip(members, cuts) {
      let shuffled = generator.permutation(positions.count).map { positions[$0] }
      for client in 0..<clients {
        shares[client] += shuffled[cuts[client]..<cuts[client + 1]]
      }
    }
    return ClientShares(shares.map { $0.sorted() })
  }

  /// Where to cut each class, from 0 to its size, such that every client gets enough.
  private func drawCuts(
    _ sizes: [Int], using generator: inout Generator
  ) throws(DataError) -> [[Int]] {
    var bestMinimum = 0
    for _ in 0..<Self.draws {
      var totals = [Int](repeating: 0, count: clients)
      var cuts: [[Int]] = []
      for size in sizes {
        let shares = generator.dirichlet(concentration: parameters.alpha, count: clients)
        var ends = [0]
        var sum = 0.0
        for (client, share) in shares.enumerated() {
          sum += share
          // Rounding must not leave the end of the class to nobody.
          let end = client == clients - 1 ? size : min(Int(sum * Double(size)), size)
          totals[client] += end - ends[client]
          ends.append(end)
        }
        cuts.append(ends)
      }
      let smallest = totals.min() ?? 0
      if smallest >= parameters.minimumSize { return cuts }
      bestMinimum = max(bestMinimum, smallest)
    }
    throw .clientsTooSmall(
      partition: Self.card.name, minimumSize: parameters.minimumSize, draws: Self.draws,
      bestMinimum: bestMinimum)
  }
}
