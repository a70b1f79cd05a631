import Algorithms
import Components
import Datasets
import Defenses
import Federation
import Learning
import Randomness
import Synchronization
import Tensors
import TestSupport
import Testing

/// Keeps every update that the server received.
private struct Reader: Observer {
  static let card = Card(name: "update-reader", summary: "Keeps every round's updates.")
  final class Log: Sendable {
    private let storage = Mutex<[[[Float]]]>([])
    var rounds: [[[Float]]] { storage.withLock { $0 } }
    func append(_ round: [[Float]]) { storage.withLock { $0.append(round) } }
  }
  let log: Log
  init(_ parameters: NoParameters = NoParameters()) { log = Log() }
  init(_ log: Log) { self.log = log }
  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) {
    log.append((0..<observation.updates.count).map { observation.updates.row($0).array })
  }
  func guess(using generator: inout Generator, memory: inout Memory) {}
  func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion { Conclusion() }
}

/// Doubles every input of a batch and halves the gradient: a view whose effect is known.
private struct DoubleInputs: StepView {
  static let card = Card(name: "double-inputs", summary: "Doubles inputs, halves gradients.")
  init(_ parameters: NoParameters = NoParameters()) {}
  func view(
    _ batch: Batch<Float>, of network: Network, using generator: inout Generator
  ) -> Batch<Float> {
    var batch = batch
    for index in batch.inputs.indices { batch.inputs[index] *= 2 }
    return batch
  }
  func adjust(
    _ gradient: inout Vector, at parameters: Vector, batch: Batch<Float>, of network: Network,
    using generator: inout Generator
  ) { gradient.scale(by: 0.5) }
}

/// Refuses in the first round.
private struct RefuseUntrained: ModelInspection {
  static let card = Card(name: "refuse-untrained", summary: "Refuses a model whose biases are 0.")
  init(_ parameters: NoParameters = NoParameters()) {}
  func refusal(
    of received: Vector, network: Network, examples: LabeledExamples
  ) -> String? { examples.labels[0] == 0 ? "its first label is 0" : nil }
}

@Suite("Client defenses in a round")
struct RoundTests {
  private func scenario(
    _ defenses: [any Component], log: Reader.Log, trainer: any Component = FedSGD(),
    rounds: Int = 1
  ) throws -> Scenario {
    var generator = testGenerator(name: "client defenses")
    let labels = (0..<24).map { Int32($0 / 8 % 3) }
    func part() throws -> LabeledExamples {
      try LabeledExamples(
        features: (0..<96).map { _ in Float(generator.normal()) }, labels: labels, shape: [4],
        classes: 3)
    }
    return Scenario(
      data: DataSplit(name: "small", train: try part(), test: try part(), attribution: "made up"),
      shares: ClientShares([Array(0..<8), Array(8..<16), Array(16..<24)]),
      network: try MLP(MLP.Parameters(hidden: [6])).network(inputShape: [4], classes: 3),
      training: TrainingOptions(
        rounds: rounds, epochs: 1, batchSize: 8, learningRate: 0.1, evaluateEvery: 1),
      pipeline: try RoundPipeline(
        algorithm: [trainer], transport: Federation.Plain(), attack: [Reader(log)],
        defense: defenses + [Mean(Mean.defaults)]),
      threat: ThreatModel(attackers: 0), seed: 3)
  }

  private func updates(
    _ defenses: [any Component], trainer: any Component = FedSGD()
  ) throws -> [[Float]] {
    let log = Reader.Log()
    _ = try scenario(defenses, log: log, trainer: trainer).run(workers: 1)
    return try #require(log.rounds.first)
  }

  @Test("a step view changes batch and gradient of every trainer's steps")
  func views() throws {
    for trainer: any Component in [FedSGD(), FedAvg()] {
      let log = Reader.Log()
      let scenario = try scenario([DoubleInputs()], log: log, trainer: trainer)
      _ = try scenario.run(workers: 1)
      let sent = try #require(log.rounds.first)
      // One step of one batch: -η times half the gradient at doubled inputs.
      var generator = Generator(seed: scenario.seed).fork("initialization", 0, 0)
      let start = scenario.network.initialParameters(using: &generator)
      for client in 0..<3 {
        let own = try scenario.shares.examples(of: client, in: scenario.data.train)
        let batch = Batch(inputs: own.features.map { 2 * $0 }, labels: own.labels)
        var gradient = Vector(zeros: start.count)
        try scenario.network.differentiate(
          parameters: start, batch: batch, workspace: Workspace(for: scenario.network),
          gradient: &gradient)
        for index in 0..<start.count {
          #expect(abs(sent[client][index] + 0.05 * gradient[index]) < 1e-6)
        }
      }
    }
  }

  @Test("a null view changes nothing but the order of sums")
  func nullView() throws {
    for trainer: any Component in [FedSGD(), FedAvg()] {
      let plain = try updates([], trainer: trainer).joined()
      let viewed = try updates([PlainStep()], trainer: trainer).joined()
      #expect(zip(plain, viewed).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test("transforms know the model's layers: a frozen head sends nothing")
  func layers() throws {
    let sent = try updates([FrozenLayers()])
    // 4 x 6 + 6 parameters before a head of 6 x 3 + 3.
    for update in sent {
      #expect(update[30...].allSatisfy { $0 == 0 } && update[..<30].contains { $0 != 0 })
    }
    #expect(throws: FederationError.self) { try updates([FrozenLayers(layers: 2)]) }
  }

  @Test("Soteria and MixUp run in a round; a model that does not suit is refused before it")
  func stepDefenses() throws {
    let soteria = try updates([Soteria(ratio: 0.5)])
    let plain = try updates([])
    for (defended, plain) in zip(soteria, plain) {
      #expect(defended[..<30] == plain[..<30])
      #expect(defended[30..<48].count { $0 == 0 } == 9)
      #expect(defended[48...] == plain[48...])
    }
    #expect(try updates([MixUp(alpha: 1)]) != plain)
    #expect(throws: FederationError.self) { try updates([ATS(ATS.defaults)]) }
  }

  @Test("a client that refuses the model sends nothing, and the record says why")
  func refusal() throws {
    let log = Reader.Log()
    let record = try scenario([RefuseUntrained()], log: log, rounds: 2).run(workers: 1)
    #expect(log.rounds.map(\.count) == [2, 2])
    #expect(
      record.notes.map(\.text) == [
        "a client refused the model: refuse-untrained: its first label is 0"
      ])
    #expect(record.notes.map(\.rounds) == [2])
    let honest = try scenario([WeightInspection()], log: Reader.Log(), rounds: 2).run(workers: 1)
    #expect(honest.notes.isEmpty)
  }
}
