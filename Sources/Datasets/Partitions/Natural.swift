public import Components
public import Randomness

/// One client for each natural group of the data: a writer, a speaker, a hospital.
///
/// Groups of fewer than `minimum-size` examples are left out, as LEAF does. With `clients` fewer than
/// the groups that remain, `surplus` says what happens to the others: `draw` picks that many groups at
/// random and leaves the rest out; `merge` puts all groups, small ones too, in random order and gives
/// the `j`-th to client `j mod n`. No example has two clients, but some may have none.
public struct Natural: Partition {
  /// What becomes of groups that are more than the clients.
  public enum Surplus: String, Codable, Hashable, Sendable, CaseIterable {
    /// They are left out.
    case draw
    /// They join others.
    case merge
  }

  /// Which groups, and how many clients of them.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients; 0 for one a group.
    public var clients: Int
    /// What becomes of groups that are more than the clients.
    public var surplus: Surplus
    /// Fewest examples a client may have.
    public var minimumSize: Int

    /// One client a group, or this many.
    public init(clients: Int = 0, surplus: Surplus = .draw, minimumSize: Int = 1) {
      self.clients = clients
      self.surplus = surplus
      self.minimumSize = minimumSize
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "natural",
    summary:
      "One client for each natural group of the data, such as a writer, or some or merged ones.",
    formula: "client = group; groups below minimum-size are left out",
    citation: "Caldas, Duddu, Wu, Li, Konecny, McMahan, Smith, Talwalkar: LEAF: A Benchmark for "
      + "Federated Settings, 2018",
    claims: [.disjoint],
    parameters: [
      .init(
        "clients", "number of clients; 0: one for each group", range: "an integer of at least 0"),
      .init("surplus", "more groups than clients: left out, or joined", range: "draw or merge"),
      .minimumSize,
    ])

  /// One client for each group.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Groups as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("clients", parameters.clients >= 0, "must be at least 0", got: parameters.clients)
    check.atLeastOne("minimum-size", parameters.minimumSize)
    try check.finish()
    self.parameters = parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    guard let groups = pool.groups else {
      throw unfit(
        "the data does not say which group an example comes from",
        "use data with groups, or another partition such as dirichlet")
    }
    if parameters.clients > 0 { try checkEnough(pool, clients: parameters.clients) }
    var members = [[Int]](repeating: [], count: groups.names.count)
    for (index, group) in groups.members.enumerated() { members[Int(group)].append(index) }
    let merges = parameters.surplus == .merge && parameters.clients > 0
    let usable = members.filter { $0.count >= (merges ? 1 : parameters.minimumSize) }
    let clients = parameters.clients == 0 ? usable.count : parameters.clients
    guard clients >= 1, clients <= usable.count else {
      let largest = members.map(\.count).max() ?? 0
      throw unfit(
        "\(usable.count) of \(members.count) groups have \(parameters.minimumSize) examples or more"
          + (parameters.clients > 0 ? ", too few for \(parameters.clients) clients" : ""),
        usable.isEmpty
          ? "use a minimum-size of at most \(largest)"
          : "use at most \(usable.count) clients or a smaller minimum-size")
    }
    guard merges else {
      if clients == usable.count { return ClientShares(usable) }
      return ClientShares(generator.choice(clients, of: usable.count).map { usable[$0] })
    }
    let order = try redrawn(
      minimumSize: parameters.minimumSize, variates: usable.count, remedy: "fewer clients",
      using: &generator
    ) { (generator: inout Generator) -> ([Int], smallest: Int) in
      let order = generator.permutation(usable.count)
      var sizes = [Int](repeating: 0, count: clients)
      for (place, group) in order.enumerated() { sizes[place % clients] += usable[group].count }
      return (order, sizes.min() ?? 0)
    }
    var shares = [[Int]](repeating: [], count: clients)
    for (place, group) in order.enumerated() { shares[place % clients] += usable[group] }
    return ClientShares(shares.map { $0.sorted() })
  }
}
