public import Components
public import Randomness

/// A fraction `rho` of every client's examples has one label, the rest is IID.
///
/// Sizes are equal. Client `i` first gets `round(rho n_i)` examples of label `i mod K`; what is left
/// of all classes is then dealt out at random, so `rho` 0 is `iid` and `rho` 1 gives one label each.
/// The rest of a client may hold its dominant label too.
public struct DominantLabel: Partition {
  /// How dominant a label is.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Fraction of a client's examples that have its label.
    public var rho: Double

    /// This fraction for each of this many clients.
    public init(clients: Int = 20, rho: Double = 0.8) {
      self.clients = clients
      self.rho = rho
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "dominant-label",
    summary: "Label skew: a fraction of every client's examples has one label, the rest is IID.",
    formula: "client i: round(rho n_i) of label i mod K, the rest at random from what is left",
    citation: "Wang, Kaplan, Niu, Li: Optimizing Federated Learning on Non-IID Data with "
      + "Reinforcement Learning, INFOCOM 2020 (rho = 0.8)",
    claims: [.everyExample, .disjoint, .equalSizes],
    parameters: [
      .clients,
      .init("rho", "fraction of a client's examples that have its label", range: "from 0 to 1"),
    ])

  /// Twenty clients, 80% of one label.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A fraction as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.fraction("rho", parameters.rho)
    try check.finish()
    self.parameters = parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    try checkEnough(pool, clients: parameters.clients)
    let sizes = equalSizes(pool.count, parts: parameters.clients)
    var stock = pool.membersOfClasses
    for label in stock.indices {
      stock[label] = generator.permutation(stock[label].count).map { stock[label][$0] }
    }
    try checkStock(stock.map(\.count), sizes: sizes)
    var shares = sizes.enumerated().map { client, size in
      let label = client % pool.classes
      let own = dominant(size)
      defer { stock[label].removeLast(own) }
      return Array(stock[label].suffix(own))
    }
    let rest = stock.flatMap { $0 }
    var order = generator.permutation(rest.count)[...]
    for (client, size) in sizes.enumerated() {
      let missing = size - shares[client].count
      shares[client] += order.prefix(missing).map { rest[$0] }
      order = order.dropFirst(missing)
    }
    return ClientShares(shares.map { $0.sorted() })
  }

  /// How many of `size` examples have the client's label.
  private func dominant(_ size: Int) -> Int { Int((parameters.rho * Double(size)).rounded()) }

  /// Throws if a class is too small for the clients it dominates.
  private func checkStock(_ stock: [Int], sizes: [Int]) throws {
    var needed = [Int](repeating: 0, count: stock.count)
    var served = [Int](repeating: 0, count: stock.count)
    for (client, size) in sizes.enumerated() {
      needed[client % stock.count] += dominant(size)
      served[client % stock.count] += size
    }
    guard let short = stock.indices.first(where: { needed[$0] > stock[$0] }) else { return }
    // Rounding adds at most half an example a client, which a hundredth less makes up for.
    let fitting =
      stock.indices.filter { served[$0] > 0 }.map { label in
        let clients = Double((sizes.count - label - 1) / stock.count + 1)
        return (Double(stock[label]) - clients / 2) / Double(served[label])
      }.min() ?? 0
    throw unfit(
      "the clients with label \(short) need \(needed[short]) examples of it, there are "
        + "\(stock[short])",
      fitting > 0
        ? "use a rho of \((fitting * 1000).rounded(.down) / 1000) or less"
        : "use fewer clients or another partition")
  }
}
