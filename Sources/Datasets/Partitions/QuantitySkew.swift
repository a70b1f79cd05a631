public import Components
import Glibc
public import Randomness

/// Quantity skew: sizes in proportion to numbers drawn from a law, contents IID.
///
/// - `log-normal`: `w = exp(spread z)`, `z ~ N(0, 1)`. FedLab's unbalanced partition (`sigma` 0.3);
///   also what FedProx calls a power law, with 2.
/// - `power-law`: `w = u^(-1 / spread)`, `u` uniform: a Pareto number of tail index `spread`, so that
///   `P(w > t) = t^(-spread)` for `t >= 1`; smaller is more skewed.
/// - `zipf`: `w = r^(-spread)`, the ranks `r` from 1 to the number of clients in random order.
///
/// A random order of all examples is cut at `floor(N (w_1 + ... + w_j) / (w_1 + ... + w_n))`. Numbers
/// are drawn again until every client has `minimum-size` examples; Zipf's sizes are what they are, up
/// to order and rounding. Sizes from a Dirichlet distribution are `dirichlet-quantity`.
public struct QuantitySkew: Partition {
  /// Where sizes come from.
  public enum Law: String, Codable, Hashable, Sendable, CaseIterable {
    /// Log-normal numbers.
    case logNormal = "log-normal"
    /// Pareto numbers.
    case powerLaw = "power-law"
    /// Powers of ranks.
    case zipf
  }

  /// The law of sizes.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Where sizes come from.
    public var law: Law
    /// The law's parameter.
    public var spread: Double
    /// Fewest examples a client may have.
    public var minimumSize: Int

    /// Sizes of this law.
    public init(
      clients: Int = 20, law: Law = .logNormal, spread: Double = 1, minimumSize: Int = 1
    ) {
      self.clients = clients
      self.law = law
      self.spread = spread
      self.minimumSize = minimumSize
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "quantity-skew",
    summary: "Quantity skew: log-normal, power-law or Zipf sizes, contents IID.",
    formula:
      "cut a shuffle in proportion to w: log-normal exp(spread z), power-law u^(-1/spread), zipf "
      + "rank^(-spread); again until all have minimum-size examples",
    citation:
      "Zeng, Liang, Hu, Wang, Xu: FedLab: A Flexible Federated Learning Framework, JMLR 2023 "
      + "(log-normal)",
    claims: [.everyExample, .disjoint],
    parameters: [
      .clients,
      .init("law", "where sizes come from", range: "log-normal, power-law or zipf"),
      .init(
        "spread", "log-normal: sigma; power-law: tail index; zipf: exponent",
        range: "greater than 0"),
      .minimumSize,
    ])

  /// Twenty clients, log-normal sizes of sigma 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Sizes as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.positive("spread", parameters.spread)
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
    let sizes = try redrawn(
      minimumSize: parameters.minimumSize, variates: clients,
      remedy: parameters.law == .powerLaw
        ? "a larger spread or fewer clients" : "a smaller spread or fewer clients",
      using: &generator
    ) { (generator: inout Generator) -> ([Int], smallest: Int) in
      let sizes = proportionalSizes(pool.count, weights: drawWeights(using: &generator))
      return (sizes, sizes.min() ?? 0)
    }
    return ClientShares(dealt(sizes, using: &generator))
  }

  /// A number for each client, the largest 1 where they could overflow.
  private func drawWeights(using generator: inout Generator) -> [Double] {
    let (clients, spread) = (parameters.clients, parameters.spread)
    let logarithms: [Double] =
      switch parameters.law {
      case .logNormal: (0..<clients).map { _ in spread * generator.normal() }
      case .powerLaw: (0..<clients).map { _ in generator.exponential() / spread }
      case .zipf: generator.permutation(clients).map { -spread * log(Double($0 + 1)) }
      }
    return scaledExponentials(logarithms)
  }
}
