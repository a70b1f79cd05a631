public import Components
public import Randomness

/// Client-wise Dirichlet label skew out of one pool that empties: every client has label proportions
/// of its own, and no example twice.
///
/// The procedure of FedDyn, FedLab (balanced and unbalanced Dirichlet), Flower's inner Dirichlet and
/// pfl-research: client `j` draws a label distribution `p_j ~ Dir(alpha 1_K)` and has a size given
/// beforehand. As long as somebody lacks examples, one of those clients is picked at random, draws a
/// label from `p_j` restricted to the labels that are left, and takes an example of it. Towards the end
/// only few labels are left, so the clients that fill up last are less skewed than the first. A client
/// none of whose labels is left at all takes any example, where the sources loop forever or divide by
/// zero.
///
/// With `sigma` 0 sizes are equal (FedLab drops what a division leaves, here they differ by at most
/// one); else they are in proportion to log-normal numbers, FedLab's unbalanced Dirichlet.
public struct DirichletClient: Partition {
  /// How unequal label proportions and sizes are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Concentration of each client's label proportions; smaller is more skewed.
    public var alpha: Double
    /// Standard deviation of the logarithm of sizes; 0 for equal ones.
    public var sigma: Double
    /// Fewest examples a client may have.
    public var minimumSize: Int

    /// Label proportions of this concentration.
    public init(clients: Int = 20, alpha: Double = 0.5, sigma: Double = 0, minimumSize: Int = 1) {
      self.clients = clients
      self.alpha = alpha
      self.sigma = sigma
      self.minimumSize = minimumSize
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "dirichlet-client",
    summary: "Label skew: clients of given sizes draw Dirichlet label proportions from one pool.",
    formula: "p_j ~ Dir(alpha 1_K); a random client that lacks examples takes one of a label ~ p_j "
      + "restricted to what is left, until all is dealt out",
    citation:
      "Acar, Zhao, Matas Navarro, Mattina, Whatmough, Saligrama: Federated Learning Based on "
      + "Dynamic Regularization, ICLR 2021; FedLab's unbalanced Dirichlet with sigma",
    claims: [.everyExample, .disjoint],
    parameters: [
      .clients, .alpha,
      .init("sigma", "standard deviation of the logarithm of sizes; 0: equal", range: "at least 0"),
      .minimumSize,
    ])

  /// Twenty clients of equal size, alpha 0.5.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Proportions as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.positive("alpha", parameters.alpha)
    check(
      "sigma", parameters.sigma >= 0 && parameters.sigma.isFinite,
      "must be a number of at least 0", got: parameters.sigma)
    check.atLeastOne("minimum-size", parameters.minimumSize)
    try check.finish()
    self.parameters = parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    var open = try drawSizes(pool, using: &generator)
    var stock = pool.membersOfClasses
    for label in stock.indices {
      stock[label] = generator.permutation(stock[label].count).map { stock[label][$0] }
    }
    let classes = pool.classes
    let priors = open.flatMap { _ in
      generator.dirichlet(concentration: parameters.alpha, count: classes)
    }
    var shares = open.map { size in
      var share: [Int] = []
      share.reserveCapacity(size)
      return share
    }
    var unfilled = Array(open.indices)
    var left = (0..<classes).filter { !stock[$0].isEmpty }
    while !unfilled.isEmpty {
      let place = generator.uniform(below: unfilled.count)
      let client = unfilled[place]
      let index = drawIndex(
        of: left, row: client * classes, priors: priors, stock: stock, using: &generator)
      let label = left[index]
      shares[client].append(stock[label].removeLast())
      if stock[label].isEmpty { left.remove(at: index) }
      open[client] -= 1
      if open[client] == 0 {
        unfilled[place] = unfilled[unfilled.count - 1]
        unfilled.removeLast()
      }
    }
    return ClientShares(shares.map { $0.sorted() })
  }

  /// The place in `left` of a label drawn from one client's proportions; in proportion to what is left
  /// where the client has no mass there.
  private func drawIndex(
    of left: [Int], row: Int, priors: [Double], stock: [[Int]], using generator: inout Generator
  ) -> Int {
    var total = 0.0
    for label in left { total += priors[row + label] }
    if total <= 0 {
      var rest = generator.uniform(below: left.reduce(0) { $0 + stock[$1].count })
      for (index, label) in left.enumerated() {
        if rest < stock[label].count { return index }
        rest -= stock[label].count
      }
    }
    var rest = generator.uniform() * total
    var last = 0
    for (index, label) in left.enumerated() where priors[row + label] > 0 {
      if rest < priors[row + label] { return index }
      rest -= priors[row + label]
      last = index
    }
    return last
  }

  /// The clients' sizes, which sum to the size of the pool.
  private func drawSizes(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws(DataError) -> [Int] {
    let (clients, sigma) = (parameters.clients, parameters.sigma)
    try checkEnough(pool, clients: clients, minimumSize: parameters.minimumSize)
    if sigma == 0 { return equalSizes(pool.count, parts: clients) }
    return try redrawn(
      minimumSize: parameters.minimumSize, variates: clients,
      remedy: "a smaller sigma or fewer clients", using: &generator
    ) { (generator: inout Generator) -> ([Int], smallest: Int) in
      let sizes = proportionalSizes(
        pool.count,
        weights: scaledExponentials((0..<clients).map { _ in sigma * generator.normal() }))
      return (sizes, sizes.min() ?? 0)
    }
  }
}
