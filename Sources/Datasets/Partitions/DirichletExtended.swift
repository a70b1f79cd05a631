public import Components
public import Randomness

/// Extended Dirichlet: every client first gets some labels, then each label is shared out among its
/// owners.
///
/// First every client draws `labels` different labels; all are drawn again until every label has at
/// least `max(floor(floor(C n / K) / 2), 1)` owners. Then, class by class, `p ~ Dir(alpha 1_n)` is set
/// to zero for those who do not own the label and for those who already have `N / n` examples,
/// normalised, and the shuffled class cut at `floor(N_c (p_1 + ... + p_j))`, its last owner taking what
/// rounding leaves. If all owners of a label have enough, it is shared out among all of them, where the
/// source divides by zero. Second steps are drawn again until every client has `minimum-size` examples.
public struct DirichletExtended: Partition {
  /// How many labels a client owns and how unequal the shares are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Labels of each client.
    public var labels: Int
    /// Concentration of the shares; smaller is more skewed.
    public var alpha: Double
    /// Fewest examples a client may have.
    public var minimumSize: Int

    /// This many labels for each client, in shares of this concentration.
    public init(
      clients: Int = 20, labels: Int = 2, alpha: Double = 100, minimumSize: Int = 10
    ) {
      self.clients = clients
      self.labels = labels
      self.alpha = alpha
      self.minimumSize = minimumSize
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "dirichlet-extended",
    summary:
      "Label skew: C labels for each client, then each label in Dirichlet shares to its owners.",
    formula:
      "C labels a client at random; for each class: p ~ Dir(alpha 1_n), p_j = 0 unless client j "
      + "owns the label and has fewer than N / n examples, normalise, cut at floor(N_c cumsum(p))",
    citation:
      "Li, Lyu: Convergence Analysis of Sequential Federated Learning on Heterogeneous Data, "
      + "NeurIPS 2023 (extended Dirichlet strategy); PFLlib's exdir",
    claims: [.everyExample, .disjoint],
    parameters: [
      .clients, .init("labels", "labels of each client (C)", range: "from 1 to the classes"),
      .alpha, .minimumSize,
    ])

  /// Twenty clients with two labels each, alpha 100, at least 10 examples each.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Shares as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.atLeastOne("labels", parameters.labels)
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
    try checkEnough(pool, clients: clients, minimumSize: parameters.minimumSize)
    let owners = try drawOwners(classes: pool.classes, using: &generator)
    let members = pool.membersOfClasses
    let drawn = try redrawn(
      minimumSize: parameters.minimumSize, variates: clients * parameters.labels,
      remedy: "a larger alpha, more labels or fewer clients", using: &generator
    ) { (generator: inout Generator) -> (ClassWiseShares, smallest: Int) in
      var shares = ClassWiseShares(clients: clients)
      for (positions, owners) in zip(members, owners) {
        shares.share(
          positions.count, among: owners, examples: pool.count, alpha: parameters.alpha,
          using: &generator)
      }
      return (shares, shares.totals.min() ?? 0)
    }
    return drawn.dealt(members, using: &generator)
  }

  /// For each label the clients that own it, ascending.
  private func drawOwners(
    classes: Int, using generator: inout Generator
  ) throws(DataError) -> [[Int]] {
    let (clients, labels) = (parameters.clients, parameters.labels)
    guard labels <= classes else {
      throw unfit("there are \(classes) classes, not \(labels)", "use \(classes) labels or fewer")
    }
    guard clients * labels >= classes else {
      throw unfit(
        "\(clients) clients with \(labels) labels each cannot own all \(classes) classes",
        "use at least \((classes + clients - 1) / clients) labels")
    }
    let fewest = max(labels * clients / classes / 2, 1)
    let draws = min(10_000, max(100, 20_000_000 / (clients * labels)))
    for _ in 0..<draws {
      var owners = [[Int]](repeating: [], count: classes)
      for client in 0..<clients {
        for label in generator.choice(labels, of: classes) { owners[label].append(client) }
      }
      if owners.allSatisfy({ $0.count >= fewest }) { return owners }
    }
    throw unfit(
      "in \(draws) draws some label always had fewer than \(fewest) owners",
      "use more labels or more clients")
  }
}
