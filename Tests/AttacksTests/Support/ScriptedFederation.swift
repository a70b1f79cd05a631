import Components
import Datasets
import Defenses
import Federation
import Learning
import Randomness
import Synchronization
import Tensors

/// A federation whose clients send what a test says, and which is watched at the server: for attacks
/// that remember earlier rounds.
struct ScriptedFederation {
  var clients = 8
  var attackers = 3
  var rounds = 4
  var seed: UInt64 = 1
  var knowledge = ThreatModel.Knowledge.omniscient
  var attack: any Component
  var defense: [any Component] = [Mean()]
  /// Examples and thus claimed weight of a client.
  var weight: @Sendable (_ client: Int) -> Double = { _ in 1 }
  /// What each client's training gives.
  let script: @Sendable (_ client: Int, _ round: Int) -> [Float]

  /// Two weights and a bias for each of two classes.
  static let dimension = 6

  /// What the server saw in a round.
  struct Round: Sendable {
    var modelBefore: [Float]
    var modelAfter: [Float]
    var sent: [Int: [Float]] = [:]
    var weights: [Int: Double] = [:]
  }

  func scenario(watchedBy log: Log = Log()) throws -> Scenario {
    let examples = try LabeledExamples(
      features: (0..<2 * clients).map { Float($0 % 3) - 1 },
      labels: (0..<clients).map { Int32($0 % 2) }, shape: [2], classes: 2)
    return Scenario(
      data: DataSplit(name: "scripted", train: examples, test: examples, attribution: "made up"),
      shares: ClientShares((0..<clients).map { [$0] }),
      network: try Logistic().network(inputShape: [2], classes: 2),
      training: TrainingOptions(
        rounds: rounds, epochs: 1, batchSize: 1, learningRate: 0.1, evaluateEvery: rounds),
      pipeline: try RoundPipeline(
        algorithm: [ScriptedTrainer(script: script, weight: weight)], transport: Plain(),
        attack: [attack, Watcher(log: log)], defense: defense),
      threat: ThreatModel(attackers: attackers, knowledge: knowledge), seed: seed)
  }

  func run() throws -> (rounds: [Round], colluders: [Int], record: RunRecord) {
    let log = Log()
    let record = try scenario(watchedBy: log).run()
    return (log.rounds, record.colluders, record)
  }

  final class Log: Sendable {
    private let storage = Mutex<[Round]>([])
    var rounds: [Round] { storage.withLock { $0 } }
    func add(_ round: Round) { storage.withLock { $0.append(round) } }
  }
}

private struct ScriptedTrainer: LocalTrainer {
  static let card = Card(name: "scripted-trainer", summary: "Updates made up by a test.")
  let script: @Sendable (_ client: Int, _ round: Int) -> [Float]
  let weight: @Sendable (_ client: Int) -> Double
  init(_ parameters: NoParameters) { self.init(script: { _, _ in [] }, weight: { _ in 1 }) }
  init(
    script: @escaping @Sendable (Int, Int) -> [Float], weight: @escaping @Sendable (Int) -> Double
  ) {
    self.script = script
    self.weight = weight
  }
  func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) -> Update {
    Update(
      client: task.client, startedRound: task.round, delta: Vector(script(task.client, task.round)),
      weight: weight(task.client), steps: 1, loss: 1)
  }
}

private struct Watcher: Observer {
  static let card = Card(name: "watcher", summary: "Writes down what the server receives.")
  let log: ScriptedFederation.Log
  init(_ parameters: NoParameters = NoParameters()) { log = .init() }
  init(log: ScriptedFederation.Log) { self.log = log }

  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) {
    var round = ScriptedFederation.Round(
      modelBefore: observation.modelBefore.array, modelAfter: observation.modelAfter.array)
    for (row, item) in observation.items.enumerated() {
      guard let client = item.clients?.first else { continue }
      round.sent[client] = observation.updates.row(row).array
      round.weights[client] = item.weight
    }
    log.add(round)
  }
  func guess(using generator: inout Generator, memory: inout Memory) {}
  func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion { Conclusion() }
}
