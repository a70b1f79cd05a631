import Accounting
import Harness
import Learning
import PrivateTraining
import Randomness
import Tensors

/// Whole steps of private training: clip, noise, ledger and update.
enum DPTrainingBenchmark: Benchmark {
  static let name = "dp-training"
  static let summary = "a DP-SGD step, noise included, a training a core; Opacus beside it"

  private static let cases: [(model: String, batch: Int, target: Double)] = [
    ("cnn-431k", 64, 3), ("cnn-431k", 256, 3), ("mlp", 64, 3), ("mlp", 256, 1.5),
  ]

  static func run(in session: Session) throws {
    session.remark("Opacus in both of its modes and both arrangements; the fastest counts")
    for model in ["mlp", "cnn-431k"] { try DPStepCheck.run(model, in: session) }
    for (model, batch, target) in cases {
      try compare(model, batch, target, in: session)
    }
    for (model, batch, _) in cases {
      try compareMemory(model, batch, in: session)
    }
  }

  private static func compare(
    _ model: String, _ batch: Int, _ target: Double, in session: Session
  ) throws {
    let clients = try Clients(model: model, count: 2, examples: 4 * batch)
    let own = try [true, false].map { isPrivate in
      let pair = Pair(
        jobs: try (0..<2).map { try StepJob(clients, $0, batch: batch, isPrivate: isPrivate) })
      return Side("Rampart") { seconds in
        try WorkerPool.map(2, workers: 2) { index, _ in
          try workRate(for: seconds) { try pair.jobs[index].step() }
        }.reduce(0, +)
      }
    }
    var peers: [Side] = []
    for mode in ["hooks", "ghost"] {
      let task = DPTask(model: model, batch: batch, mode: mode)
      peers += try session.peers.sides([.twoProcesses, .twoThreads], task, measure: .rate).map {
        Side("\(mode), \($0.name)", $0.run)
      }
    }
    let series = try session.effort.measure(own + peers)
    var record = Record(
      benchmark: session.name, label: "\(model), batch \(batch)", unit: "examples/s",
      measure: .rate, ours: series[0],
      others: zip(peers, series.dropFirst(2)).map { .init(name: $0.name, series: $1) })
    record.titles = .init(ours: "Rampart", other: "Opacus")
    record.target = .atLeast(target)
    session.add(record)
    // Both cores work, so a step takes twice the batch over the rate of both.
    let milliseconds = series[..<2].map { series in
      Series(series.rounds.map { 2000 * Double(batch) / $0 })
    }
    var cost = Record(
      benchmark: session.name, label: "\(model), batch \(batch)", unit: "ms/step",
      measure: .cost, ours: milliseconds[0],
      others: [.init(name: "plain step", series: milliseconds[1])])
    cost.titles = .init(ours: "private step", other: "plain step")
    cost.target = .atMost(1.35)
    session.add(cost)
  }

  private static func compareMemory(_ model: String, _ batch: Int, in session: Session) throws {
    let own = try [true, false].map { isPrivate in
      let probe = StepMemory(model: model, batch: batch, isPrivate: isPrivate)
      return Series(
        try (0..<(session.isSmoke ? 1 : 3)).map { _ in try probe.megabytes() })
    }
    var record = Record(
      benchmark: session.name, label: "\(model), batch \(batch), peak memory", unit: "MB",
      measure: .cost, ours: own[0], others: [.init(name: "plain", series: own[1])])
    record.titles = .init(ours: "private", other: "plain")
    record.target = .atMost(1.3)
    session.add(record)
  }

  private struct Pair: @unchecked Sendable { let jobs: [StepJob] }
}

/// What Opacus is to repeat: `private_step` of `peers/worker.py`.
private struct DPTask: Encodable {
  let `do` = "prepare"
  let task = "private-step"
  var model: String
  var batch: Int
  var mode: String
}

/// Steps of one kind, again and again; only one thread uses it at a time.
final class StepJob {
  private let network: Network
  private let examples: LabeledExamples
  private let batch: Int
  private let workspace: Workspace
  private var trainer: PrivateTrainer?
  private var parameters: Vector
  private var velocity: Vector
  private var position = 0

  /// - Parameter isPrivate: A step of multiplier 1 on shuffled batches, so that each has as many
  ///   examples as the peer's, or a plain step.
  init(_ clients: Clients, _ client: Int, batch: Int, isPrivate: Bool) throws {
    network = clients.network
    examples = clients.data[client]
    self.batch = batch
    parameters = clients.start
    let size = isPrivate ? min(batch, 64) : batch
    workspace = Workspace(for: network, batchSize: size)
    velocity = Vector(zeros: isPrivate ? 0 : parameters.count)
    guard isPrivate else { return }
    trainer = try PrivateTrainer(
      network: network, examples: examples,
      options: PrivateTrainingOptions(
        batchSize: batch, sampling: .shuffled, noiseMultiplier: 1,
        optimizer: OptimizerOptions(learningRate: 1e-4)),
      filter: PrivacyFilter(epsilon: .infinity, delta: 1e-5),
      randomness: .seeded(Generator(seed: UInt64(client))), workspace: workspace)
  }

  /// Takes one step; how many examples it took.
  func step() throws -> Int {
    if trainer != nil {
      guard try trainer?.step(&parameters) == true else {
        throw BenchError.failure("a budget without end was spent")
      }
      return batch
    }
    let rows = (0..<batch).map { (position + $0) % examples.count }
    position += batch
    try sgdStep(
      network: network, parameters: &parameters, velocity: &velocity, examples: examples,
      batch: rows, options: SGDOptions(learningRate: 1e-4), workspace: workspace)
    return batch
  }
}
