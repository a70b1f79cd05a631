import Algorithms
import Components
import CryptoCore
import Datasets
import Defenses
import Federation
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Checkpoints that cannot be used")
struct CheckpointDamageTests {
  private static func scenario() throws -> Scenario {
    try CheckpointTests.scenario(
      population: [CheckpointTests.latency()],
      algorithm: [
        FedAvg(weighting: .uniform), try FedBuff(buffer: 3, concurrency: 7),
        try TopK(fraction: 0.4), try FedPer(layers: 1),
        try ServerMomentum(learningRate: 1, momentum: 0.5),
      ], rounds: 4)
  }

  /// The checkpoint after the second round.
  private static func checkpoint(_ scenario: Scenario) throws -> [UInt8] {
    var bytes: [UInt8] = []
    _ = try scenario.run(from: nil) { round, checkpoint in
      if round.round == 1 { bytes = try checkpoint.encoded() }
    }
    return bytes
  }

  /// The same content with a sum that fits: what an attacker could write.
  private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > 41 else { return bytes }
    return Array(bytes[..<9]) + SHA256.hash(Array(bytes[41...])).bytes + Array(bytes[41...])
  }

  private func problem(_ bytes: [UInt8]) -> CheckpointError? {
    #expect(throws: CheckpointError.self) { try Checkpoint(decoding: bytes) }
  }

  @Test("cut off anywhere, longer, or with any byte changed")
  func damage() throws {
    let bytes = try Self.checkpoint(try Self.scenario())
    #expect(try Checkpoint(decoding: bytes).rounds == 2)
    for count in stride(from: 0, to: bytes.count, by: 41) { _ = problem(Array(bytes[..<count])) }
    _ = problem(bytes + [0])
    for index in stride(from: 0, to: bytes.count, by: 29) {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      _ = problem(damaged)
    }
    #expect(problem([]) == .notACheckpoint)
    #expect(problem(Array("{}".utf8)) == .notACheckpoint)
    var later = bytes
    later[8] = 3
    #expect(problem(later) == .otherVersion(3))
    later = bytes
    later[bytes.count - 1] ^= 1
    #expect(problem(later) == .damaged("its checksum does not fit"))
  }

  @Test("of a scenario that differs in anything")
  func others() throws {
    let scenario = try Self.scenario()
    let checkpoint = try Checkpoint(decoding: try Self.checkpoint(scenario))
    func expectRefusal(
      _ what: String, _ change: (inout Scenario) throws -> Void
    ) throws {
      var other = scenario
      try change(&other)
      #expect(throws: CheckpointError.otherScenario, "\(what)") {
        try other.run(from: checkpoint)
      }
    }
    try expectRefusal("seed") { $0.seed += 1 }
    try expectRefusal("rate") { $0.training.learningRate = 0.25 }
    try expectRefusal("rounds") { $0.training.rounds += 1 }
    try expectRefusal("threat") { $0.threat.attackers += 1 }
    try expectRefusal("shares") { $0.shares.indices.swapAt(0, 1) }
    try expectRefusal("data") { $0.data = try TinyFederation.data(count: 60) }
    try expectRefusal("model") {
      $0.network = try Network(input: [2], [.dense(outputs: 4), .relu, .dense(outputs: 2)])
    }
    try expectRefusal("component") { $0.pipeline.transforms = [] }
    try expectRefusal("parameter") {
      $0.pipeline.optimizer = try ServerMomentum(learningRate: 1, momentum: 0.6)
    }
    try expectRefusal("rule") { $0.pipeline.aggregator = try Median(f: 0) }
    try expectRefusal("devices") { $0.pipeline.devices = [] }
  }

  @Test("of other sizes under the name of this scenario")
  func forgeries() throws {
    let scenario = try Self.scenario()
    let own = try Self.checkpoint(scenario)
    let name = Array("fingerprint".utf8)
    // Behind the key stand a mark, a length, and the 64 digits.
    func digits(_ bytes: [UInt8]) throws -> Range<Int> {
      let start =
        try #require(
          bytes.indices.first { bytes[$0...].starts(with: name) }) + name.count + 2
      return start..<start + 64
    }
    var forged = 0
    func expectRefusal(_ change: (inout Scenario) throws -> Void) throws {
      var other = scenario
      try change(&other)
      var bytes = try Self.checkpoint(other)
      bytes.replaceSubrange(try digits(bytes), with: own[try digits(own)])
      let checkpoint = try Checkpoint(decoding: Self.sealed(bytes))
      let error = #expect(throws: CheckpointError.self) { try scenario.run(from: checkpoint) }
      if case .damaged = error { forged += 1 }
    }
    try expectRefusal {
      $0.network = try Network(
        input: [2], [.dense(outputs: 4), .batchNorm(), .relu, .dense(outputs: 2)])
    }
    try expectRefusal { $0.pipeline.transforms = [] }
    try expectRefusal { $0.pipeline.personalizer = try FedPer(layers: 2) }
    try expectRefusal { $0.pipeline.preAggregators = [] }
    try expectRefusal { $0.shares.indices.removeLast() }
    #expect(forged == 5)
  }

  @Test("made up with a sum that fits: an error, never a crash")
  func fuzz() throws {
    let scenario = try Self.scenario()
    let bytes = try Self.checkpoint(scenario)
    var mutator = Mutator([Array(bytes[41...])], generator: testGenerator())
    var read = 0
    for _ in 0..<(isOptimizedBuild ? 20_000 : 2_000) {
      let body = mutator.next()
      guard
        let checkpoint = try? Checkpoint(
          decoding: Array(bytes[..<9]) + SHA256.hash(body).bytes + body)
      else { continue }
      read += 1
      #expect(checkpoint.rounds >= 0)
    }
    #expect(read > 0)
  }

  @Test("whose memories a component cannot read: the run stops and does not start them afresh")
  func unreadable() throws {
    let scenario = try CheckpointTests.scenario(
      algorithm: [FedAvg(), UnreadableStep()], rounds: 4)
    let checkpoint = try Checkpoint(decoding: try Self.checkpoint(scenario))
    let error = #expect(throws: CheckpointError.self) { try scenario.run(from: checkpoint) }
    #expect("\(try #require(error))".hasPrefix("the checkpoint is damaged: FederationTests."))
  }
}

/// Remembers what can be written but not read.
private struct UnreadableStep: ServerOptimizer {
  static let card = Card(name: "unreadable-step", summary: "Writes what it cannot read.")
  init(_ parameters: NoParameters = NoParameters()) {}

  private struct Note: Codable {
    init() {}
    init(from decoder: any Decoder) throws {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "illegible"))
    }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(1)
    }
  }

  func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) {
    model.add(aggregate, scale: memory[Note.self] == nil ? 1 : 2)
    memory[Note.self] = Note()
  }
}
