public import Federation
internal import MembershipInference
public import Tensors

/// A round as a membership attack reads it: which client's update is which row.
public struct SeenRound {
  /// The round as observed.
  public let observation: Observation
  /// The row of each client whose update is to be seen by itself and finite.
  public let rows: [Int: Int]

  init(_ observation: Observation) {
    self.observation = observation
    let isFinite = observation.updates.finiteRows
    var rows: [Int: Int] = [:]
    for (row, item) in observation.items.enumerated() where isFinite[row] {
      if let clients = item.clients, clients.count == 1 { rows[clients[0]] = row }
    }
    self.rows = rows
  }

  /// The clients to be seen, in increasing order.
  public var clients: [Int] { rows.keys.sorted() }

  /// New weights minus old ones of `client`; nil if it is not to be seen.
  public func delta(of client: Int) -> Vector? { rows[client].map { observation.updates.row($0) } }

  /// The global model's own change.
  public var change: Vector { observation.modelAfter - observation.modelBefore }

  func probe(_ asked: Candidates) -> ExampleProbe {
    ExampleProbe(observation.network, asked.examples)
  }
}

extension SeenRound {
  /// What the view shows of a client's update; nil if it was not in the round.
  public func change(seenBy view: MembershipView, of client: Int) -> Vector? {
    switch view {
    case .client: delta(of: client)
    case .sum: change
    }
  }
}
