import Algorithms
import Datasets
import Defenses
import Federation
import Foundation
import Harness
import Learning
import Randomness
import Tensors

/// A population that is much larger than a round: how fast, and that memory does not grow with it.
enum ManyClientsBenchmark: Benchmark {
  static let name = "many-clients"
  static let summary = "10,000 virtual clients, 100 a round; memory by the kernel's peak"

  static func run(in session: Session) throws {
    try rounds(in: session)
    try memory(in: session)
  }

  private static func rounds(in session: Session) throws {
    let clients = session.isSmoke ? 500 : 10_000
    let workers = min(2, Core.count)
    var scenario = try Self.scenario(
      model: "logistic", clients: clients, each: 6, cohort: min(100, clients))
    scenario.training.rounds = session.isSmoke ? 2 : 20
    let run = scenario
    let peers = try session.peers.sides(
      [.twoProcesses, .twoThreads],
      PeerTask(task: "clients", model: "logistic", batch: 10, examples: 6), measure: .rate)
    let series = try session.effort.measure(
      [
        Side("Rampart") { seconds in
          try workRate(for: seconds) {
            _ = try run.run(workers: workers)
            return run.training.rounds * min(100, clients)
          }
        }
      ] + peers)
    session.add(
      Record(
        benchmark: session.name, label: "logistic, \(clients) clients of 6 examples",
        unit: "clients/s", measure: .rate, ours: series[0],
        others: zip(peers, series.dropFirst()).map { .init(name: $0.name, series: $1) }))
  }

  private static func memory(in session: Session) throws {
    guard Memory.peak() != nil else {
      return session.check(
        "memory", outcome: .absent, "this system does not tell a process's peak memory")
    }
    // Rounds: what a run keeps must not grow with them.
    var small = try scenario(
      model: "logistic", clients: session.isSmoke ? 500 : 10_000, each: 6, cohort: 100)
    small.training.rounds = 5
    _ = try small.run()
    let few = try Memory.grown { _ = try small.run() }
    small.training.rounds = session.isSmoke ? 20 : 200
    let many = try Memory.grown { _ = try small.run() }
    session.check(
      "memory by rounds", outcome: many - few <= 4 ? .passed : .failed,
      "\(small.shares.count) clients: 5 rounds add \(Figure.text(few)) MB, "
        + "\(small.training.rounds) rounds \(Figure.text(many)) MB",
      values: ["few": few, "many": many])

    // The cohort: updates of 1.7 MB each, added up as they are made.
    let cohort = session.isSmoke ? 100 : 400
    var large = try scenario(model: "cnn-431k", clients: cohort, each: 1, cohort: 20)
    large.training.rounds = 1
    _ = try large.run()
    let of20 = try Memory.grown { _ = try large.run() }
    large.pipeline.sampler = try UniformSampling(clients: cohort)
    let ofAll = try Memory.grown { _ = try large.run() }
    let updates = Double(cohort * large.network.parameterCount * 4) / 1e6
    session.check(
      "memory by cohort", outcome: ofAll - of20 <= updates / 8 ? .passed : .failed,
      "20 clients of cnn-431k add \(Figure.text(of20)) MB, \(cohort) clients "
        + "\(Figure.text(ofAll)) MB; their updates together are \(Figure.text(updates)) MB",
      values: ["of20": of20, "ofAll": ofAll, "updates": updates])
  }

  /// Rounds of `cohort` of `clients` clients with noise for images, `each` examples apiece.
  static func scenario(
    model: String, clients: Int, each: Int, cohort: Int
  ) throws -> Scenario {
    let network = try makeNetwork(model, shape: [1, 28, 28], classes: 10)
    var generator = Generator(seed: 1)
    func examples(_ count: Int) throws -> LabeledExamples {
      try LabeledExamples(
        features: (0..<count * network.inputs).map { _ in Float(generator.uniform()) },
        labels: (0..<count).map { _ in Int32(generator.uniform(below: 10)) },
        shape: network.inputShape, classes: 10)
    }
    return Scenario(
      data: DataSplit(
        name: "noise", train: try examples(clients * each), test: try examples(100),
        attribution: "made up"),
      shares: ClientShares((0..<clients).map { Array($0 * each..<($0 + 1) * each) }),
      network: network,
      training: TrainingOptions(
        rounds: 1, epochs: 1, batchSize: 10, learningRate: 0.01, evaluateEvery: 1000),
      pipeline: try RoundPipeline(
        algorithm: [FedAvg(), try UniformSampling(clients: cohort)], transport: Plain(),
        attack: [], defense: [Mean()]),
      threat: ThreatModel(attackers: 0), seed: 1)
  }
}
