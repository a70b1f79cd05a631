public import Components
public import Randomness

/// Equal shares at random: a uniform permutation, cut into parts whose sizes differ by at most one.
///
/// Client `j` of `n` gets positions `floor(j N / n)` to `floor((j + 1) N / n)` of the permutation, so
/// 10 examples among 3 clients make shares of 3, 3 and 4. Every share is a simple random sample.
public struct IID: Partition {
  /// How many clients share.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int

    /// Equal shares for this many clients.
    public init(clients: Int = 20) { self.clients = clients }
  }

  /// Name and meaning.
  public static let card = Card(
    name: "iid",
    summary: "Equal shares at random: every client's data follows the global distribution.",
    formula: "client j of n holds positions floor(j N / n) ..< floor((j + 1) N / n) of a shuffle",
    claims: [.everyExample, .disjoint, .equalSizes],
    parameters: [.clients])

  /// Twenty clients.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Equal shares.
  ///
  /// - Throws: `ParameterError` if there is no client.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("clients", parameters.clients >= 1, "must be at least 1", got: parameters.clients)
    try check.finish()
    self.parameters = parameters
  }

  private var clients: Int { parameters.clients }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    try checkEnough(pool, clients: clients)
    let order = generator.permutation(pool.count)
    return ClientShares(
      (0..<clients).map { client in
        let start = client * pool.count / clients
        let end = (client + 1) * pool.count / clients
        return order[start..<end].sorted()
      })
  }
}
