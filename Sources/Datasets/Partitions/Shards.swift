public import Components
public import Randomness

/// Pathological label skew of the FedAvg paper: sort by label, cut into equal shards, deal them out.
///
/// The examples are sorted by label (equal labels stay in the data's order) and cut into `n s`
/// shards, shard `j` from `floor(j N / (n s))` to `floor((j + 1) N / (n s))`; every client gets `s` of
/// them at random. A shard may straddle two labels, so a client sees at most `2 s` of them where no
/// class is smaller than a shard. FedLab drops what is left of a division that does not come out
/// even; here sizes of shards differ by at most one instead.
public struct Shards: Partition {
  /// How many shards go where.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Shards of each client.
    public var shardsPerClient: Int

    /// This many shards for each of this many clients.
    public init(clients: Int = 20, shardsPerClient: Int = 2) {
      self.clients = clients
      self.shardsPerClient = shardsPerClient
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "shards",
    summary: "Label skew of the FedAvg paper: equal shards of the examples sorted by label.",
    formula: "sort by label, cut into n s equal shards, s of them at random to each client",
    citation:
      "McMahan, Moore, Ramage, Hampson, Aguera y Arcas: Communication-Efficient Learning of "
      + "Deep Networks from Decentralized Data, AISTATS 2017, section 3",
    claims: [.everyExample, .disjoint],
    parameters: [
      .clients, .init("shards-per-client", "shards of each", range: "an integer of at least 1"),
    ])

  /// Twenty clients with two shards each.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Shards as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.atLeastOne("shards-per-client", parameters.shardsPerClient)
    try check.finish()
    self.parameters = parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let (clients, each) = (parameters.clients, parameters.shardsPerClient)
    try checkEnough(pool, clients: clients)
    guard each <= pool.count / clients else {
      throw unfit(
        "\(clients) clients with \(each) shards each need \(clients * each) examples, there are "
          + "\(pool.count)", "use at most \(pool.count / clients) shards-per-client")
    }
    let sorted = pool.membersOfClasses.flatMap { $0 }
    let order = generator.permutation(clients * each)
    return ClientShares(
      (0..<clients).map { client in
        order[(client * each)..<((client + 1) * each)].flatMap { shard in
          let start = shard * pool.count / (clients * each)
          return sorted[start..<((shard + 1) * pool.count / (clients * each))]
        }.sorted()
      })
  }
}
