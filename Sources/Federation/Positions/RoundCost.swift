/// What one side of a protocol spent in one of the protocol's rounds.
public struct RoundCost: Sendable, Hashable, Codable {
  /// Whose cost it is.
  public enum Role: String, Sendable, Hashable, Codable, CaseIterable { case client, server }

  /// What was sent.
  public let round: String
  /// Who sent it; for clients the numbers are those of all of them together.
  public let role: Role
  /// How many messages were sent.
  public var messages: Int
  /// Their bytes, envelopes included.
  public var bytes: Int
  /// Processor time to make the messages and, on the side of the server, to take them.
  public var cpuSeconds: Double

  /// A cost.
  public init(
    round: String, role: Role, messages: Int = 0, bytes: Int = 0, cpuSeconds: Double = 0
  ) {
    self.round = round
    self.role = role
    self.messages = messages
    self.bytes = bytes
    self.cpuSeconds = cpuSeconds
  }

  /// Adds what another one spent in the same round and role.
  mutating func add(_ other: RoundCost) {
    messages += other.messages
    bytes += other.bytes
    cpuSeconds += other.cpuSeconds
  }
}

/// What a transport that is a protocol cost over a run, by round of training and by round of the
/// protocol.
public struct TransportLedger: Sendable, Hashable, Codable {
  /// What one side spent in one round of training.
  public struct Entry: Sendable, Hashable, Codable {
    /// The round of training, from 1.
    public var round: Int
    /// Whose cost it is, of all clients together.
    public var role: RoundCost.Role
    /// How many messages were sent.
    public var messages: Int
    /// Their bytes, envelopes included.
    public var bytes: Int
    /// Processor time in seconds: measured, so that no two runs agree in it.
    public var cpuSeconds: Double
    /// How many clients uploaded something.
    public var clients: Int
  }

  /// Two entries, the clients' and the server's, for every round in which anything was sent.
  public private(set) var entries: [Entry] = []
  /// What each round of the protocol cost over the run, in their order.
  public private(set) var rounds: [RoundCost] = []

  /// Nothing yet.
  public init() {}

  /// Adds the costs of a round of training, counted from 1, in which `clients` uploaded.
  public mutating func add(_ costs: [RoundCost], round: Int, clients: Int) {
    for role in RoundCost.Role.allCases {
      let own = costs.filter { $0.role == role }
      if own.isEmpty { continue }
      entries.append(
        Entry(
          round: round, role: role, messages: own.reduce(0) { $0 + $1.messages },
          bytes: own.reduce(0) { $0 + $1.bytes },
          cpuSeconds: own.reduce(0) { $0 + $1.cpuSeconds }, clients: clients))
    }
    rounds.add(costs)
  }

  /// What all rounds of training together cost one side.
  public func total(_ role: RoundCost.Role) -> RoundCost {
    rounds.filter { $0.role == role }.reduce(into: RoundCost(round: "all", role: role)) {
      $0.add($1)
    }
  }
}

extension [RoundCost] {
  /// Adds costs to those of the same round and role, and takes up those that are new.
  public mutating func add(_ costs: [RoundCost]) {
    for cost in costs {
      if let known = firstIndex(where: { $0.round == cost.round && $0.role == cost.role }) {
        self[known].add(cost)
      } else {
        append(cost)
      }
    }
  }
}
