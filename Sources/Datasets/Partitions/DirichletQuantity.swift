public import Components
public import Randomness

/// Quantity skew alone: sizes in Dirichlet proportions, contents IID.
///
/// The iid-diff-quantity of NIID-Bench: `p ~ Dir(alpha 1_n)`, drawn again until the smallest client has
/// `minimum-size` examples, and a random order of all examples cut at `floor(N (p_1 + ... + p_j))`.
public struct DirichletQuantity: Partition {
  /// How unequal sizes are.
  public typealias Parameters = DirichletPartition.Parameters

  /// Name, meaning and source.
  public static let card = Card(
    name: "dirichlet-quantity",
    summary: "Quantity skew: sizes in Dirichlet proportions, contents IID.",
    formula:
      "p ~ Dir(alpha 1_n) until N min(p) >= minimum-size; cut a shuffle at floor(N cumsum(p))",
    citation:
      "Li, Diao, Chen, He: Federated Learning on Non-IID Data Silos: An Experimental Study, "
      + "ICDE 2022, quantity skew",
    claims: [.everyExample, .disjoint],
    parameters: [.clients, .alpha, .minimumSize])

  /// Twenty clients, alpha 0.5, at least 10 examples each.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Sizes as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    self.parameters = try DirichletPartition(parameters).parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let sizes = try Self.sizes(
      of: pool, clients: parameters.clients, alpha: parameters.alpha,
      minimumSize: parameters.minimumSize, for: self, using: &generator)
    return ClientShares(dealt(sizes, using: &generator))
  }

  /// Sizes in Dirichlet proportions, for a partition that errors name.
  static func sizes(
    of pool: ExamplePool, clients: Int, alpha: Double, minimumSize: Int,
    for partition: any Partition,
    using generator: inout Generator
  ) throws(DataError) -> [Int] {
    try partition.checkEnough(pool, clients: clients, minimumSize: minimumSize)
    return try partition.redrawn(
      minimumSize: minimumSize, variates: clients,
      remedy: "a larger concentration or fewer clients",
      using: &generator
    ) { (generator: inout Generator) -> ([Int], smallest: Int) in
      let sizes = proportionalSizes(
        pool.count, weights: generator.dirichlet(concentration: alpha, count: clients))
      return (sizes, sizes.min() ?? 0)
    }
  }
}
