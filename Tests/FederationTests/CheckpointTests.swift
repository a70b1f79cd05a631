import Algorithms
import Attacks
import Components
import Datasets
import Defenses
import Federation
import Foundation
import Learning
import Randomness
import SecureAggregation
import Tensors
import Testing
import VerifiableAggregation

@Suite("Checkpoints")
struct CheckpointTests {
  /// A small scenario with a hidden layer and batch normalisation, so that every algorithm finds what
  /// it works on.
  static func scenario(
    population: [any Component] = [], algorithm: [any Component] = [FedAvg()],
    transport: any Component = Plain(), attack: [any Component] = [],
    defense: [any Component] = [Mean()], rounds: Int = 5
  ) throws -> Scenario {
    var scenario = try TinyFederation(clients: 9, rounds: rounds).scenario()
    scenario.network = try Network(
      input: [2], [.dense(outputs: 3), .batchNorm(), .relu, .dense(outputs: 2)])
    scenario.pipeline = try RoundPipeline(
      population: population, algorithm: algorithm, transport: transport, attack: attack,
      defense: defense)
    return scenario
  }

  /// Devices that differ by a lot, so that updates come late.
  static func latency() throws -> Latency {
    var parameters = Latency.Parameters()
    parameters.deviceSpread = 1.5
    parameters.compute = 0.1
    return try Latency(parameters)
  }

  @Test("a run that remembers something at every position goes on with the same bits")
  func everywhere() throws {
    let scenario = try Self.scenario(
      population: [Self.latency()], algorithm: [Elephant()], attack: [HostileElephant()],
      defense: [], rounds: 12)
    let resumption = try Resumption(scenario)
    #expect(resumption.wrong == [])
    // It was worth the trouble: updates came late, rounds differ, the attack was at work.
    #expect(resumption.whole.rounds.contains { $0.received == 2 })
    #expect(resumption.whole.rounds.contains { $0.colludersReceived > 0 })
    #expect(resumption.whole.figures["rounds seen"] == 12)
    #expect(resumption.whole.model.isFinite)
  }

  @Test("so does one with momentum, residuals, own heads, Poisson cohorts and an attack")
  func synchronous() throws {
    let scenario = try Self.scenario(
      population: [MessageLoss(rate: 0.2)],
      algorithm: [
        FedAvg(), try PoissonSampling(rate: 0.7), try TopK(fraction: 0.3), try FedPer(layers: 1),
        try ServerMomentum(learningRate: 0.5, momentum: 0.9),
      ],
      attack: [try ALIE(z: 1.5), HostileElephant.Reader()],
      defense: [try Clipping(clippingNorm: 1), try Median(f: 0)], rounds: 8)
    #expect(try Resumption(scenario).wrong == [])
  }

  @Test("so does an asynchronous one, whose late updates are under way")
  func asynchronous() throws {
    let scenario = try Self.scenario(
      population: [Self.latency(), MessageLoss(rate: 0.1)],
      algorithm: [
        FedAvg(weighting: .uniform), try FedBuff(buffer: 3, concurrency: 7),
        try TopK(fraction: 0.4), ServerAdam(ServerAdam.defaults),
      ], rounds: 10)
    let resumption = try Resumption(scenario)
    #expect(resumption.wrong == [])
    #expect(resumption.whole.rounds.allSatisfy { $0.received == 3 })
  }

  /// Defenses that need images or several layers; they remember nothing.
  static let unsuited: Set<String> = ["soteria", "ats", "frozen-layers"]

  /// Every component of the catalogues at its defaults, in its role.
  static let catalogue: [(role: Role, type: any Component.Type)] =
    populationCatalogue.map { (.population, $0) } + algorithmCatalogue.map { (.algorithm, $0) }
    + (transportCatalogue + verifiableTransportCatalogue).map { (.transport, $0) }
    + attackCatalogue.map { (.attack, $0) }
    + defenseCatalogue.filter { !unsuited.contains($0.card.name) }.map { (.defense, $0) }

  @Test(
    "law: every component remembers only what can be written down", arguments: catalogue.indices)
  func law(_ index: Int) throws {
    // Two populations have no default: their devices stand in a file.
    let folder = FileManager.default.temporaryDirectory.appending(path: "law-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ text: String) throws -> DataPath {
      let file = folder.appending(path: "devices.csv")
      try text.write(to: file, atomically: true, encoding: .utf8)
      return DataPath(file.path(percentEncoded: false))
    }
    func open<C: Component>(_ type: C.Type) throws -> any Component {
      if type == Trace.self {
        var parameters = Trace.defaults
        parameters.file = try path("device,active,inactive\na,0,2\na,3,7\nb,1,9\n")
        return try Trace(parameters)
      }
      if type == DeviceSpeed.self {
        var parameters = DeviceSpeed.defaults
        parameters.file = try path("device,computation,communication\na,1000,1\nb,20,500\n")
        return try DeviceSpeed(parameters)
      }
      if type == VerifyNet.self {
        // What it remembers is the same, and proofs of single coordinates take long.
        var parameters = VerifyNet.defaults
        parameters.mode = .perVector
        return try VerifyNet(parameters)
      }
      return try C(C.defaults)
    }
    let (role, type) = Self.catalogue[index]
    let component = try open(type)
    let isTrainer = component is any LocalTrainer
    // Shares of noise are for clients of equal weight.
    let fair =
      component is any DistributedPrivacy ? FedAvg(weighting: .uniform) : FedAvg()
    var scenario = try Self.scenario(
      population: role == .population ? [component] : [Self.latency()],
      algorithm: role == .algorithm
        ? (isTrainer ? [component] : [FedAvg(), component])
        : [fair, try ServerMomentum(learningRate: 1, momentum: 0.5)],
      transport: role == .transport ? component : Plain(),
      attack: role == .attack ? [component] : [],
      defense: role == .defense
        ? (component is any Aggregator ? [component] : [component, Mean()]) : [Mean()])
    // Nine clients are enough for every rule to withstand one.
    scenario.threat.assumedF = .exactly(1)
    if type == FedSGD.self {
      scenario.training.batchSize = 6
      scenario.training.epochs = 1
    }
    #expect(try Resumption(scenario).wrong == [], "\(type.card.name)")
  }

  @Test("the law notices a component that cannot write down all it remembers")
  func lawBites() throws {
    let resumption = try Resumption(
      try Self.scenario(algorithm: [FedAvg(), ForgetfulStep()], rounds: 4))
    #expect(resumption.wrong == [0, 1, 2, -2])
  }

  @Test("is a value that the run does not change, and cheap to take")
  func values() throws {
    let scenario = try Self.scenario(
      algorithm: [
        FedAvg(), try TopK(fraction: 0.3), try ServerMomentum(learningRate: 1, momentum: 0.5),
      ])
    var taken: [Checkpoint] = []
    var written: [[UInt8]] = []
    let whole = try scenario.run(from: nil) { _, checkpoint in
      taken.append(checkpoint)
      written.append(try checkpoint.encoded())
    }
    for (index, checkpoint) in taken.enumerated() {
      #expect(checkpoint.rounds == index + 1)
      #expect(checkpoint.record.rounds == Array(whole.rounds.prefix(index + 1)))
      let resumed = try scenario.run(from: checkpoint)
      #expect(try RecordBits(resumed) == RecordBits(whole))
      #expect(try Checkpoint(decoding: written[index]).rounds == index + 1)
    }
    #expect(taken.last?.record.model == whole.model)
  }

  @Test("carries notes")
  func notes() throws {
    var bytes: [UInt8] = []
    _ = try Self.scenario().run(from: nil) { _, checkpoint in
      var checkpoint = checkpoint
      checkpoint.notes["seconds"] = "12"
      bytes = try checkpoint.encoded()
    }
    #expect(try Checkpoint(decoding: bytes).notes == ["seconds": "12"])
  }
}

/// Remembers two numbers, writes down one.
private struct ForgetfulStep: ServerOptimizer {
  static let card = Card(name: "forgetful-step", summary: "Writes down half of what it remembers.")
  init(_ parameters: NoParameters = NoParameters()) {}

  private struct Pair: Codable {
    var kept: Float = 1
    var lost: Float = 1
    private enum CodingKeys: CodingKey { case kept }
  }

  func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) {
    var pair = memory[Pair.self] ?? Pair()
    model.add(aggregate, scale: pair.kept * pair.lost)
    pair.lost *= 0.5
    memory[Pair.self] = pair
  }
}

extension HostileElephant {
  /// Only reads along.
  struct Reader: Observer {
    static let card = Card(name: "reader-elephant", summary: "Forgets nothing it reads.")
    init(_ parameters: NoParameters = NoParameters()) {}

    func observe(
      _ observation: Observation, using generator: inout Generator, memory: inout Memory
    ) {
      HostileElephant().observe(observation, using: &generator, memory: &memory)
    }

    func guess(using generator: inout Generator, memory: inout Memory) -> [String: Double] {
      HostileElephant().guess(using: &generator, memory: &memory)
    }

    func judge(_ guess: [String: Double], against truth: GroundTruth) -> Conclusion {
      HostileElephant().judge(guess, against: truth)
    }
  }
}
