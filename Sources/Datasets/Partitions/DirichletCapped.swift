public import Components
public import Randomness

/// Class-wise Dirichlet label skew with a cap: clients that have enough get nothing more.
///
/// The procedure of NIID-Bench, PFLlib and FedML, and FedLab's hetero-dir: for each class in turn draw
/// `p ~ Dir(alpha 1_n)`, set the shares of all clients that already have `N / n` examples to zero,
/// normalise, and cut the shuffled class at `floor(N_c (p_1 + ... + p_j))`. A client can exceed the
/// mean by the last class it gets only, so sizes vary less than without the cap, and later classes are
/// skewed more than earlier ones. If some client ends up with fewer than `minimum-size` examples,
/// everything is drawn again.
public struct DirichletCapped: Partition {
  /// How unequal the shares are.
  public typealias Parameters = DirichletPartition.Parameters

  /// Name, meaning and source.
  public static let card = Card(
    name: "dirichlet-capped",
    summary: "Label skew: class by class, Dirichlet shares among clients below the mean size.",
    formula:
      "for each class: p ~ Dir(alpha 1_n), p_j = 0 where client j has N / n examples or more, "
      + "normalise, cut at floor(N_c cumsum(p)); again until all have minimum-size examples",
    citation:
      "Li, Diao, Chen, He: Federated Learning on Non-IID Data Silos: An Experimental Study, "
      + "ICDE 2022, distribution-based label imbalance, as its authors' code has it",
    claims: [.everyExample, .disjoint],
    parameters: [.clients, .alpha, .minimumSize])

  /// Twenty clients, alpha 0.5, at least 10 examples each.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Shares as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    self.parameters = try DirichletPartition(parameters).parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let clients = parameters.clients
    try checkEnough(pool, clients: clients, minimumSize: parameters.minimumSize)
    let members = pool.membersOfClasses
    let drawn = try redrawn(
      minimumSize: parameters.minimumSize, variates: clients * pool.classes,
      remedy: "a larger alpha or fewer clients", using: &generator
    ) { (generator: inout Generator) -> (ClassWiseShares, smallest: Int) in
      var shares = ClassWiseShares(clients: clients)
      for positions in members {
        shares.share(
          positions.count, among: Array(0..<clients), examples: pool.count,
          alpha: parameters.alpha, using: &generator)
      }
      return (shares, shares.totals.min() ?? 0)
    }
    return drawn.dealt(members, using: &generator)
  }
}
