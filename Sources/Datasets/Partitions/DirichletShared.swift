public import Components
public import Randomness

/// Client-wise Dirichlet label skew out of the whole pool for every client: **two clients may hold the
/// same example**.
///
/// The procedure of Plato: each client draws `p ~ Dir(alpha 1_K)`, gives every example the weight of its
/// label and draws `size` examples without replacement, whatever the others have. So a class counts by
/// its weight times its size, many examples belong to several clients and others to nobody: neither
/// claim of a proper partition is on the card, and what membership or source inference measures on
/// these clients means nothing (`ClientShares.isDisjoint`). Plato also starts the generator of every
/// client's draw from one seed, so that equal uniform numbers are behind all of them; here draws are
/// independent.
public struct DirichletShared: Partition {
  /// How unequal label proportions are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Concentration of each client's label proportions; smaller is more skewed.
    public var alpha: Double
    /// Examples of each client; 0 for an equal part of the pool.
    public var size: Int

    /// Label proportions of this concentration.
    public init(clients: Int = 20, alpha: Double = 0.5, size: Int = 0) {
      self.clients = clients
      self.alpha = alpha
      self.size = size
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "dirichlet-shared",
    summary:
      "Label skew with overlap: every client draws from the whole pool; clients share examples.",
    formula: "p_j ~ Dir(alpha 1_K); client j draws its examples with weights p_j(label), without "
      + "replacement within the client only",
    citation: "Plato (github.com/TL-System/plato), sampler dirichlet",
    parameters: [
      .clients, .alpha,
      .init(
        "size", "examples of each client; 0: an equal part of the pool",
        range: "an integer, at least 0"),
    ])

  /// Twenty clients, alpha 0.5, an equal part each.
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
    check("size", parameters.size >= 0, "must be at least 0", got: parameters.size)
    try check.finish()
    self.parameters = parameters
  }

  /// The shares, which overlap.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    try checkEnough(pool, clients: parameters.clients)
    let size = parameters.size == 0 ? pool.count / parameters.clients : parameters.size
    guard size <= pool.count else {
      throw unfit(
        "a client cannot have \(size) of \(pool.count) examples",
        "use a size of at most \(pool.count)")
    }
    let members = pool.membersOfClasses
    // Who took an example last: tells a client's own from others' without clearing anything.
    var taker = [Int](repeating: -1, count: pool.count)
    return ClientShares(
      (0..<parameters.clients).map { client in
        let prior = generator.dirichlet(concentration: parameters.alpha, count: pool.classes)
        var share: [Int] = []
        share.reserveCapacity(size)
        let counts = Self.drawCounts(size, prior: prior, of: members, using: &generator)
        for (positions, count) in zip(members, counts) {
          // Floyd's uniform subset: one draw an example (Bentley, CACM 30(9), 1987).
          for last in (positions.count - count)..<positions.count {
            let drawn = positions[generator.uniform(below: last + 1)]
            let taken = taker[drawn] == client ? positions[last] : drawn
            taker[taken] = client
            share.append(taken)
          }
        }
        return share.sorted()
      })
  }

  /// How many examples of each class successive weighted draws without replacement take: a class comes
  /// next with probability in proportion to its weight times what the client has left of it.
  private static func drawCounts(
    _ size: Int, prior: [Double], of members: [[Int]], using generator: inout Generator
  ) -> [Int] {
    var counts = [Int](repeating: 0, count: members.count)
    // Where the weights of all that is left have underflowed, examples count alike.
    var weights = prior
    for _ in 0..<size {
      var total = 0.0
      for label in counts.indices {
        total += weights[label] * Double(members[label].count - counts[label])
      }
      if total <= 0 {
        weights = prior.map { _ in 1 }
        total = Double(members.reduce(0) { $0 + $1.count } - counts.reduce(0, +))
      }
      var rest = generator.uniform() * total
      var drawn = -1
      for label in counts.indices {
        let mass = weights[label] * Double(members[label].count - counts[label])
        guard mass > 0 else { continue }
        drawn = label
        if rest < mass { break }
        rest -= mass
      }
      counts[drawn] += 1
    }
    return counts
  }
}
