import Harness
import Learning
import Randomness
import Tensors

/// Rounds of many small clients: what surrounds a step counts as much as the step.
enum LogisticClientsBenchmark: Benchmark {
  static let name = "logistic-clients"
  static let summary = "rounds of 100 clients of 60 examples, 784 inputs, an epoch in batches of 10"

  static func run(in session: Session) throws {
    let workers = min(2, Core.count)
    let clients = try Clients(model: "logistic", count: 100, examples: 60)
    let workspaces = Workspaces(
      (0..<workers).map { _ in Workspace(for: clients.network, batchSize: 10) })
    let peers = try session.peers.sides(
      [.twoProcesses, .twoThreads], PeerTask(task: "clients", model: "logistic", batch: 10),
      measure: .rate)
    let sides = [
      Side("Rampart") { seconds in
        try workRate(for: seconds) {
          try WorkerPool.forEach(clients.data.count, workers: workers) { client, worker in
            var generator = Generator(seed: UInt64(client))
            try clients.train(
              client, batch: 10, workspace: workspaces.list[worker], generator: &generator)
          }
          return clients.data.count
        }
      }
    ]
    let series = try session.effort.measure(sides + peers).map { series in
      Series(series.rounds.map { $0 / Double(workers) })
    }
    var record = Record(
      benchmark: session.name, label: "logistic, batch 10", unit: "clients/s per core",
      measure: .rate, ours: series[0],
      others: zip(peers, series.dropFirst()).map { .init(name: $0.name, series: $1) })
    record.target = .atLeast(1000)
    record.isTargetOnRatio = false
    session.add(record)
  }

  /// A workspace a worker; each is used by the worker of its index alone.
  private struct Workspaces: @unchecked Sendable {
    let list: [Workspace]
    init(_ list: [Workspace]) { self.list = list }
  }
}
