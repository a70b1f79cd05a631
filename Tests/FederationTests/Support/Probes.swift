import Components
import Federation
import Randomness
import Synchronization
import Tensors

/// What a recorder saw, shared with the test.
final class Ledger: Sendable {
  struct Entry: Equatable {
    var round: Int
    var modelBefore: [Float]
    var modelAfter: [Float]
    var rows: [[Float]]
    var items: [Delivery.Item]

    /// The row of each client, where the transport tells who is who.
    var rowOfClient: [Int: [Float]] {
      var rowOfClient: [Int: [Float]] = [:]
      for (item, row) in zip(items, rows) {
        if let client = item.clients?.first { rowOfClient[client] = row }
      }
      return rowOfClient
    }
  }

  private let storage = Mutex<[Entry]>([])
  var entries: [Entry] { storage.withLock { $0 } }
  func add(_ entry: Entry) { storage.withLock { $0.append(entry) } }
}

/// Writes down everything the server receives.
struct Recorder: Observer {
  static let card = Card(name: "recorder", summary: "Writes down what the server receives.")
  let ledger: Ledger
  init(_ parameters: NoParameters = NoParameters()) { ledger = Ledger() }
  init(_ ledger: Ledger) { self.ledger = ledger }

  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) {
    ledger.add(
      .init(
        round: observation.round, modelBefore: observation.modelBefore.array,
        modelAfter: observation.modelAfter.array,
        rows: (0..<observation.updates.count).map { observation.updates.row($0).array },
        items: observation.items))
  }

  func guess(using generator: inout Generator, memory: inout Memory) {}
  func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion { Conclusion() }
}

/// A rule that never moves the model, so that honest updates of every round can be compared.
struct HoldModel: Aggregator {
  static let card = Card(name: "hold-model", summary: "The model stays as it is.", needs: [.sum])
  init(_ parameters: NoParameters = NoParameters()) {}
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation { Aggregation(.hold("rests")) }
}

/// A trainer whose update is a function of client and round.
struct ScriptedTrainer: LocalTrainer {
  static let card = Card(name: "scripted-trainer", summary: "Updates made up by a test.")
  let script: @Sendable (_ client: Int, _ round: Int) -> [Float]
  let weight: @Sendable (_ client: Int) -> Double
  init(_ parameters: NoParameters) { self.init { _, _ in [] } }
  init(
    weight: @escaping @Sendable (_ client: Int) -> Double = { _ in 1 },
    _ script: @escaping @Sendable (_ client: Int, _ round: Int) -> [Float]
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

/// A corruption made up by a test.
struct ScriptedCorruption: Corruption {
  static let card = Card(name: "scripted-corruption", summary: "Made up by a test.")
  let needs: Set<Capability>
  let tap: Tap
  let script: @Sendable (CorruptionView) throws -> [CraftedUpdate]
  init(_ parameters: NoParameters) { self.init { _ in [] } }
  init(
    needs: Set<Capability> = [.ownUpdates], tap: Tap = .afterTransforms,
    _ script: @escaping @Sendable (CorruptionView) throws -> [CraftedUpdate]
  ) {
    self.needs = needs
    self.tap = tap
    self.script = script
  }

  func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] { try script(view) }
}

/// x becomes factor x + offset, plus noise of the given size: tells the order of a chain, and which
/// stream it draws from.
struct AffineTransform: UpdateTransform {
  static let card = Card(name: "affine-transform", summary: "factor x + offset, plus noise.")
  var factor: Float = 1
  var offset: Float = 0
  var noise: Float = 0
  init(_ parameters: NoParameters = NoParameters()) {}
  init(factor: Float = 1, offset: Float = 0, noise: Float = 0) {
    self.factor = factor
    self.offset = offset
    self.noise = noise
  }

  func transform(_ update: inout Update, using generator: inout Generator, memory: inout Memory) {
    var changed: [Float] = []
    for value in update.delta.array {
      changed.append(factor * value + offset + noise * Float(generator.normal()))
    }
    update.delta = Vector(changed)
  }
}

/// A pre-aggregator that scales every row.
struct ScaleRows: PreAggregator {
  static let card = Card(name: "scale-rows", summary: "Scales every row.")
  var factor = 1.0
  init(_ parameters: NoParameters = NoParameters()) {}
  init(factor: Double) { self.factor = factor }
  func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    Prepared(view.updates.scaled(by: (0..<view.updates.count).map { _ in factor }))
  }
}

/// Aggregates after every `count` arrivals.
struct AfterArrivals: Arrival {
  static let card = Card(name: "after-arrivals", summary: "Aggregates after k arrivals.")
  var count = 1
  init(_ parameters: NoParameters = NoParameters()) {}
  init(_ count: Int) { self.count = count }
  func decide(_ view: ArrivalView, memory: inout Memory) -> ArrivalDecision {
    view.buffered >= count || view.outstanding == 0 ? .aggregate : .wait
  }
}
