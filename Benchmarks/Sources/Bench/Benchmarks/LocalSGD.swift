import Harness
import Learning
import Randomness
import Tensors

/// Clients that train at the same time, one a core.
enum LocalSGDBenchmark: Benchmark {
  static let name = "local-sgd"
  static let summary = "an epoch of plain SGD on a client's 600 examples, one client a core"

  private static let cases: [(model: String, batch: Int, target: Double)] = [
    ("mlp", 10, 7), ("mlp", 64, 2.2), ("cnn-431k", 10, 5), ("cnn-431k", 64, 3),
  ]

  static func run(in session: Session) throws {
    let examples = session.isSmoke ? 128 : 600
    for (model, batch, target) in cases {
      let clients = try Clients(model: model, count: 2, examples: examples)
      let crew = Crew(clients, workers: 2, batch: batch)
      let plain = model == "mlp" ? [plainSide(clients, batch)] : []
      try session.compare(
        "\(model), batch \(batch)", unit: "examples/s", measure: .rate, target: .atLeast(target),
        peer: PeerTask(task: "local-sgd", model: model, batch: batch, examples: examples),
        baselines: plain
      ) { seconds in try crew.rate(for: seconds, workers: 0..<2) }
    }
  }

  /// The same work by OpenBLAS alone, beside which our kernels are to be seen.
  private static func plainSide(_ clients: Clients, _ batch: Int) -> Side {
    struct Pair: @unchecked Sendable { let jobs: [PlainBLAS] }
    let pair = Pair(
      jobs: clients.data.map { PlainBLAS($0, start: clients.start, batch: batch) })
    return Side("plain OpenBLAS") { seconds in
      WorkerPool.map(2, workers: 2) { index, _ in
        workRate(for: seconds) { pair.jobs[index].epoch() }
      }.reduce(0, +)
    }
  }
}

/// What a second brings of what `work` counts, by repeating it for about `seconds`.
func workRate<Failure: Error>(
  for seconds: Double, _ work: () throws(Failure) -> Int
) throws(Failure) -> Double {
  let clock = ContinuousClock()
  let start = clock.now
  var count = 0
  while true {
    count += try work()
    let taken = start.duration(to: clock.now) / .seconds(1)
    if taken >= seconds { return Double(count) / taken }
  }
}

/// Workers with a workspace each, that train clients until their time is over.
struct Crew: Sendable {
  let clients: Clients
  let batch: Int
  private let members: [Member]

  /// One worker's own memory; only the worker with its index touches it.
  private final class Member: @unchecked Sendable {
    let workspace: Workspace
    var generator: Generator
    init(_ network: Network, batch: Int, seed: UInt64) {
      workspace = Workspace(for: network, batchSize: batch)
      generator = Generator(seed: seed)
    }
  }

  init(_ clients: Clients, workers: Int, batch: Int) {
    self.clients = clients
    self.batch = batch
    members = (0..<workers).map {
      Member(clients.network, batch: batch, seed: UInt64($0))
    }
  }

  /// Examples a second of these workers at the same time, each on the core of its index if `pinned`;
  /// the sum of what each reached by its own clock.
  func rate(for seconds: Double, workers: Range<Int>, pinned: Bool = false) throws -> Double {
    let rates = try WorkerPool.map(workers.count, workers: workers.count) { index, _ in
      let worker = workers.lowerBound + index
      let member = members[worker]
      if pinned { try Core.pin(to: worker) }
      defer { if pinned { Core.unpin() } }
      return try workRate(for: seconds) {
        try clients.train(
          worker, batch: batch, workspace: member.workspace, generator: &member.generator)
        return clients.data[worker % clients.data.count].count
      }
    }
    return rates.reduce(0, +)
  }
}
