public import Components
public import Randomness

/// Same features, different label: equal IID shares, and each cluster of clients has names of its own
/// for the classes.
///
/// Client `i` is of cluster `i mod clusters`. Cluster 0 keeps the labels; every other cluster draws a
/// permutation of the classes, different from those before. One model cannot be right for two clusters,
/// which is what clustered and personalised methods are for. A test example is renamed for the client
/// that is tested.
public struct LabelPermutation: Partition {
  /// How many ways of naming there are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Number of ways to name the classes.
    public var clusters: Int

    /// This many ways.
    public init(clients: Int = 20, clusters: Int = 4) {
      self.clients = clients
      self.clusters = clusters
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "label-permutation",
    summary: "Concept shift: same features, each cluster of clients permutes the labels.",
    formula:
      "IID shares; cluster i mod clusters calls class c pi(c), pi a random permutation; cluster "
      + "0 calls it c",
    citation: "Sattler, Mueller, Samek: Clustered Federated Learning: Model-Agnostic Distributed "
      + "Multi-Task Optimization under Privacy Constraints, TNNLS 2021",
    claims: [.everyExample, .disjoint, .equalSizes],
    parameters: [.clients, .clusters])

  /// Twenty clients, four ways.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Permutations as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.atLeastOne("clusters", parameters.clusters)
    try check.finish()
    self.parameters = parameters
  }

  /// Equal shares with shifts.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let (clients, clusters) = (parameters.clients, min(parameters.clusters, parameters.clients))
    try checkEnough(pool, clients: clients)
    // The number of permutations, as far as it matters.
    var ways = 1
    for factor in 1...pool.classes where ways < clusters { ways *= factor }
    guard clusters <= ways else {
      throw unfit(
        "\(pool.classes) classes can be named in \(ways) ways, not in \(clusters)",
        "use at most \(ways) clusters")
    }
    let shares = dealt(equalSizes(pool.count, parts: clients), using: &generator)
    var names = [Array(0..<Int32(pool.classes))]
    var known = Set(names)
    while names.count < clusters {
      let drawn = generator.permutation(pool.classes).map(Int32.init)
      if known.insert(drawn).inserted { names.append(drawn) }
    }
    return ClientShares(
      shares,
      shifts: (0..<clients).map { client in
        let cluster = client % clusters
        return DomainShift(cluster == 0 ? [] : [.relabel(names[cluster])])
      })
  }
}
