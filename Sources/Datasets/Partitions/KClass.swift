public import Components
public import Randomness

/// Every client has examples of `k` labels: quantity-based label imbalance.
///
/// The rule of NIID-Bench: client `i` has label `i mod K` and `k - 1` others, drawn without
/// replacement; each class is shuffled and cut into equal parts for the clients that have its label,
/// in their order, the first parts one larger where the division does not come out even. With fewer
/// clients than classes a label may be nobody's, on which the source fails: labels are then drawn
/// again, as they are when a client has fewer than `minimum-size` examples.
public struct KClass: Partition {
  /// How many labels there are for each client.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Labels of each client.
    public var labels: Int
    /// Fewest examples a client may have.
    public var minimumSize: Int

    /// This many labels for each of this many clients.
    public init(clients: Int = 20, labels: Int = 2, minimumSize: Int = 1) {
      self.clients = clients
      self.labels = labels
      self.minimumSize = minimumSize
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "k-class",
    summary:
      "Label skew: every client has k labels, and a label's examples are shared out equally.",
    formula: "client i has label i mod K and k - 1 others at random; each class in equal parts",
    citation:
      "Li, Diao, Chen, He: Federated Learning on Non-IID Data Silos: An Experimental Study, "
      + "ICDE 2022, quantity-based label imbalance (#C = k)",
    claims: [.everyExample, .disjoint],
    parameters: [
      .clients, .init("labels", "labels of each client (k)", range: "from 1 to the classes"),
      .minimumSize,
    ])

  /// Twenty clients with two labels each.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Labels as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.atLeastOne("labels", parameters.labels)
    check.atLeastOne("minimum-size", parameters.minimumSize)
    try check.finish()
    self.parameters = parameters
  }

  /// The shares.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let (clients, k, classes) = (parameters.clients, parameters.labels, pool.classes)
    try checkEnough(pool, clients: clients, minimumSize: parameters.minimumSize)
    let members = pool.membersOfClasses
    let present = members.count { !$0.isEmpty }
    guard k <= classes else {
      throw unfit("there are \(classes) classes, not \(k)", "use \(classes) labels or fewer")
    }
    guard clients * k >= present else {
      throw unfit(
        "\(clients) clients with \(k) labels each cannot have all \(present) classes",
        "use at least \((present + clients - 1) / clients) labels")
    }
    let holders = try redrawn(
      minimumSize: parameters.minimumSize, variates: clients * k,
      remedy: "more labels or fewer clients", using: &generator
    ) { (generator: inout Generator) -> ([[Int]], smallest: Int) in
      let holders = Self.drawHolders(clients: clients, k: k, classes: classes, using: &generator)
      var sizes = [Int](repeating: 0, count: clients)
      for (label, holders) in holders.enumerated() {
        if holders.isEmpty, !members[label].isEmpty { return ([], 0) }
        for (part, client) in holders.enumerated() {
          sizes[client] += Self.size(of: part, of: members[label].count, among: holders.count)
        }
      }
      return (holders, sizes.min() ?? 0)
    }
    var shares = [[Int]](repeating: [], count: clients)
    for (positions, holders) in zip(members, holders) {
      let order = generator.permutation(positions.count)
      var start = 0
      for (part, client) in holders.enumerated() {
        let end = start + Self.size(of: part, of: positions.count, among: holders.count)
        for place in order[start..<end] { shares[client].append(positions[place]) }
        start = end
      }
    }
    return ClientShares(shares.map { $0.sorted() })
  }

  /// For each label the clients that have it, ascending.
  private static func drawHolders(
    clients: Int, k: Int, classes: Int, using generator: inout Generator
  ) -> [[Int]] {
    var holders = [[Int]](repeating: [], count: classes)
    for client in 0..<clients {
      let first = client % classes
      holders[first].append(client)
      // The others, without the first.
      for label in generator.choice(k - 1, of: classes - 1) {
        holders[label < first ? label : label + 1].append(client)
      }
    }
    return holders
  }

  /// The size of one of `parts` parts of `total`, the first ones one larger.
  private static func size(of part: Int, of total: Int, among parts: Int) -> Int {
    total / parts + (part < total % parts ? 1 : 0)
  }
}
