import Accounting
import Components
import Federation
import Learning
import Randomness
import Tensors

/// How often a component has been asked, and what it was asked about last.
private struct Visits: Codable, Sendable {
  var count = 0
  var last = Vector(zeros: 0)

  static func add(_ vector: Vector? = nil, to memory: inout Memory) -> Int {
    var visits = memory[Visits.self] ?? Visits()
    visits.count += 1
    if let vector { visits.last = vector }
    memory[Visits.self] = visits
    return visits.count
  }
}

/// Stands at every position outside of the attack, and everywhere does what its memory says.
struct Elephant: Component {
  static let card = Card(name: "elephant", summary: "Forgets nothing, at any position.")
  init(_ parameters: NoParameters = NoParameters()) {}
}

extension Elephant: ClientSampler, Arrival, Broadcast {
  func sample(
    _ population: PopulationView, using generator: inout Generator, memory: inout Memory
  ) -> Cohort {
    let visits = Visits.add(to: &memory)
    let clients = population.available.filter { ($0 + visits) % 3 > 0 }
    return Cohort(clients: clients, inclusionProbabilities: clients.map { _ in 2 / 3 })
  }
  func guaranteedCohort(of clients: Int) -> Int? { nil }

  func decide(_ view: ArrivalView, memory: inout Memory) -> ArrivalDecision {
    let visits = Visits.add(to: &memory)
    return view.buffered > 1 + visits % 2 || view.outstanding == 0 ? .aggregate : .wait
  }

  func send(
    _ model: Vector, support: Update.Support, to client: Int, round: Int, memory: inout Memory
  ) -> Broadcasted {
    let visits = Visits.add(to: &memory)
    return Broadcasted(parameters: (1 + 0.001 * Float(visits)) * model, bytes: visits)
  }
}

extension Elephant: LocalTrainer, Personalizer, UpdateTransform {
  func train(_ task: LocalTask, using generator: inout Generator, memory: inout Memory) -> Update {
    let visits = Visits.add(task.received, to: &memory)
    let delta = task.received.map { Float(visits) * 0.01 - 0.1 * $0 + Float(generator.normal()) }
    return Update(
      client: task.client, startedRound: task.round, delta: delta, weight: Double(visits), steps: 1,
      loss: 1)
  }

  func personalize(_ model: Vector, for client: Int, memory: inout Memory) -> Vector {
    (1 + 0.01 * Float(Visits.add(to: &memory))) * model
  }

  func transform(_ update: inout Update, using generator: inout Generator, memory: inout Memory) {
    update.delta.scale(by: 1 + 0.1 * Float(Visits.add(update.delta, to: &memory)))
  }
}

extension Elephant: Admission, PreAggregator, Aggregator, ServerNoise, ServerOptimizer {
  func admit(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> [AdmissionVerdict] {
    let visits = Visits.add(to: &memory)
    return (0..<view.updates.count).map { .init(factor: 1 + Double(($0 + visits) % 4)) }
  }

  func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    let visits = Double(Visits.add(to: &memory))
    return Prepared(view.updates.scaled(by: view.weights.map { $0 / (visits + 1) }))
  }

  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    let visits = Double(Visits.add(view.updates.row(0), to: &memory))
    return Aggregation(.combination(view.weights.map { _ in 0.1 / (visits + 3) }))
  }

  func apply(
    to aggregate: inout Vector, sensitivity: Double?, cohort: Cohort,
    using generator: inout Generator, memory: inout Memory
  ) -> Mechanism {
    aggregate.scale(by: 1 + 0.1 * Float(Visits.add(to: &memory)))
    return .nonPrivate
  }

  func step(_ model: inout Vector, along aggregate: Vector, memory: inout Memory) {
    model.add(aggregate, scale: 1 / Float(Visits.add(model, to: &memory)))
  }
}

/// The same at every position of an attack that has a memory.
struct HostileElephant: Corruption, UpdateTransform, Observer {
  static let card = Card(name: "hostile-elephant", summary: "Forgets nothing, and attacks.")
  init(_ parameters: NoParameters = NoParameters()) {}
  var tap: Tap { .beforeTransforms }

  func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    let visits = Visits.add(view.globalModel, to: &memory)
    return view.colluders.indices.map { row in
      CraftedUpdate(-0.1 * Float(visits) * view.own.row(row), weight: Double(visits))
    }
  }

  func transform(_ update: inout Update, using generator: inout Generator, memory: inout Memory) {
    update.delta.scale(by: 1 + 0.2 * Float(Visits.add(to: &memory)))
  }

  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) { _ = Visits.add(observation.modelAfter, to: &memory) }

  func guess(using generator: inout Generator, memory: inout Memory) -> [String: Double] {
    let visits = memory[Visits.self]
    return ["rounds seen": Double(visits?.count ?? 0), "norm": visits?.last.norm ?? 0]
  }

  /// The guess, and what a checkpoint must keep of the truth.
  func judge(_ guess: [String: Double], against truth: GroundTruth) -> Conclusion {
    var conclusion = Conclusion(figures: guess)
    let rounds = (0..<truth.training.rounds).map { truth.participants(inRound: $0).count }
    conclusion.figures["trainings"] = Double(rounds.reduce(0, +))
    return conclusion
  }
}
