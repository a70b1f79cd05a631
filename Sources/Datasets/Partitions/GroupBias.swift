public import Components
public import Randomness

/// Label skew by groups of clients, the standard of the literature on robust aggregation.
///
/// The clients form as many groups as there are classes, group `g` from `floor(g n / K)` to
/// `floor((g + 1) n / K)`. An example of label `l` goes to group `l` with probability `q` and to each
/// other group with probability `(1 - q) / (K - 1)`, and there to a client at random. `q = 1 / K` is
/// IID, up to sizes; `q = 1` gives every group one label. If some client ends up with fewer than
/// `minimum-size` examples, everything is drawn again.
public struct GroupBias: Partition {
  /// How biased the groups are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Probability that an example goes to the group of its label.
    public var q: Double
    /// Fewest examples a client may have.
    public var minimumSize: Int

    /// Groups of this bias.
    public init(clients: Int = 20, q: Double = 0.5, minimumSize: Int = 1) {
      self.clients = clients
      self.q = q
      self.minimumSize = minimumSize
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "group-bias",
    summary:
      "Label skew of robust aggregation: an example goes to its label's group with chance q.",
    formula:
      "label l to group l with probability q, to each other with (1 - q) / (K - 1); inside a "
      + "group to a client at random",
    citation: "Fang, Cao, Jia, Gong: Local Model Poisoning Attacks to Byzantine-Robust Federated "
      + "Learning, USENIX Security 2020, section 5.1; Cao, Fang, Liu, Gong: FLTrust, NDSS 2021",
    claims: [.everyExample, .disjoint],
    parameters: [
      .clients,
      .init(
        "q", "probability of the group of an example's label; 1/K is IID", range: "from 0 to 1"),
      .minimumSize,
    ])

  /// Twenty clients, half of a label to its group.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Groups as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.fraction("q", parameters.q)
    check.atLeastOne("minimum-size", parameters.minimumSize)
    try check.finish()
    self.parameters = parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let (clients, groups) = (parameters.clients, pool.classes)
    try checkEnough(pool, clients: clients, minimumSize: parameters.minimumSize)
    guard clients >= groups else {
      throw unfit(
        "\(groups) classes make \(groups) groups of clients, more than the \(clients) clients",
        "use at least \(groups) clients")
    }
    let owners = try redrawn(
      minimumSize: parameters.minimumSize, variates: 2 * pool.count,
      remedy: "a q nearer to 1/\(groups) or fewer clients", using: &generator
    ) { (generator: inout Generator) -> ([Int], smallest: Int) in
      var sizes = [Int](repeating: 0, count: clients)
      let owners = pool.labels.map { label in
        let client = owner(of: Int(label), groups: groups, using: &generator)
        sizes[client] += 1
        return client
      }
      return (owners, sizes.min() ?? 0)
    }
    var shares = [[Int]](repeating: [], count: clients)
    for (index, owner) in owners.enumerated() { shares[owner].append(index) }
    return ClientShares(shares)
  }

  /// The client that an example of this label goes to.
  private func owner(of label: Int, groups: Int, using generator: inout Generator) -> Int {
    var group = label
    if groups > 1, !generator.bernoulli(parameters.q) {
      let other = generator.uniform(below: groups - 1)
      group = other < label ? other : other + 1
    }
    let start = group * parameters.clients / groups
    return start + generator.uniform(below: (group + 1) * parameters.clients / groups - start)
  }
}
