import Components
import Federation
import Learning
import Randomness
import Synchronization
import Tensors
import Testing

/// What each holder of a stream drew, and what it could have drawn from children of its stream.
private final class StreamLog: Sendable {
  struct Entry { var holder: String, own: [UInt64], children: Set<UInt64> }
  private let storage = Mutex<[Entry]>([])
  var entries: [Entry] { storage.withLock { $0 } }

  static let purposes: [Purpose] = [
    "initialization", "colluders", "cohort", "dataView", "training", "transform", "corruption",
    "transport", "preparation", "aggregation", "noise", "observation", "stage",
  ]

  func add(_ holder: String, _ generator: inout Generator) {
    var children: Set<UInt64> = []
    for purpose in Self.purposes {
      for round in UInt64(0)..<3 {
        for index in UInt64(0)..<7 {
          var child = generator.fork(purpose, round, index)
          children.insert(child.next())
        }
      }
    }
    let own = (0..<8).map { _ in generator.next() }
    storage.withLock { $0.append(Entry(holder: holder, own: own, children: children)) }
  }
}

/// Taps the stream of every position it can take.
private struct StreamTap: Component {
  static let card = Card(name: "stream-tap", summary: "Writes down what its stream yields.")
  let log: StreamLog
  init(_ parameters: NoParameters = NoParameters()) { log = StreamLog() }
  init(_ log: StreamLog) { self.log = log }
}

extension StreamTap: ClientSampler {
  func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) -> Cohort {
    log.add("sampler \(population.round)", &generator)
    return Cohort(
      clients: population.available, inclusionProbabilities: population.available.map { _ in 1 })
  }
  func guaranteedCohort(of clients: Int) -> Int? { clients }
}

extension StreamTap: LocalTrainer {
  func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) -> Update {
    log.add("training \(task.round) \(task.client)", &generator)
    return Update(
      client: task.client, startedRound: task.round, delta: Vector(zeros: task.received.count),
      weight: 1, steps: 1, loss: 1)
  }
}

extension StreamTap: UpdateTransform {
  func transform(_ update: inout Update, using generator: inout Generator, memory: inout Memory) {
    log.add("transform \(update.startedRound) \(update.client)", &generator)
  }
}

extension StreamTap: PreAggregator, Aggregator {
  func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    log.add("preparation \(view.round)", &generator)
    return Prepared(view.updates)
  }
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    log.add("aggregation \(view.round)", &generator)
    return .mean(of: [0], count: view.updates.count)
  }
}

extension StreamTap: Observer {
  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) { log.add("observer \(observation.round)", &generator) }
  func guess(using generator: inout Generator, memory: inout Memory) {
    log.add("observer at the end", &generator)
  }
  func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion { Conclusion() }
}

extension StreamTap: Corruption {
  func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    log.add("corruption \(view.round)", &generator)
    return view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
  }
}

@Suite("Random streams")
struct StreamTests {
  @Test("no holder's stream, nor any child it can fork, is another holder's")
  func disjoint() throws {
    let log = StreamLog()
    var federation = TinyFederation()
    federation.algorithm = [StreamTap(log)]
    federation.attack = [StreamTap(log)]
    federation.defense = []
    try federation.run()
    let entries = log.entries
    // 3 rounds: sampler, preparation, aggregation, observer, corruption and 7 trainings, 7 common
    // transforms, 2 hostile ones; and the observer's last word.
    #expect(entries.count == 3 * (5 + 7 + 7 + 2) + 1)
    var owners: [UInt64: String] = [:]
    for entry in entries {
      for word in entry.own {
        #expect(owners[word] == nil, "\(entry.holder) shares a stream with \(owners[word] ?? "")")
        owners[word] = entry.holder
      }
    }
    for entry in entries {
      for word in entry.children {
        #expect(owners[word] == nil, "\(entry.holder) can fork the stream of \(owners[word] ?? "")")
      }
    }
  }

  @Test("a generator shows nothing of itself")
  func closed() {
    let snoop = Snoop(Generator(seed: 0xDEAD_BEEF_CAFE_F00D))
    #expect(snoop.integers.isEmpty)
    #expect(!snoop.knows(seed: 0xDEAD_BEEF_CAFE_F00D))
  }
}
