import Algorithms
import Components
import Defenses
import Federation
import Randomness
import Tensors
import Testing

/// Replaces the update by how often this client has been here, at its position `index`.
private struct CountVisits: UpdateTransform {
  static let card = Card(name: "count-visits", summary: "Sends how often the client took part.")
  var index = 0
  init(_ parameters: NoParameters = NoParameters()) {}
  init(index: Int) { self.index = index }
  func transform(_ update: inout Update, using generator: inout Generator, memory: inout Memory) {
    let visits = (memory[Int.self] ?? 0) + 1
    memory[Int.self] = visits
    update.delta[index] = Float(visits)
  }
}

/// Keeps a running sum of what it has seen: a rule with state.
private struct RunningSum: Aggregator {
  static let card = Card(name: "running-sum", summary: "Everything it has seen, added up.")
  init(_ parameters: NoParameters = NoParameters()) {}
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    var sum = memory[Vector.self] ?? Vector(zeros: view.updates.dimension)
    sum.add(view.updates.mean())
    memory[Vector.self] = sum
    return Aggregation(.vector(sum))
  }
}

@Suite("Memories")
struct MemoryTests {
  @Test("every client and every stage of its chain has its own")
  func clients() throws {
    var federation = TinyFederation(rounds: 5)
    federation.algorithm = [
      ScriptedTrainer { _, _ in [Float](repeating: 0, count: TinyFederation.dimension) },
      try UniformSampling(clients: 3), CountVisits(index: 0), CountVisits(index: 1),
    ]
    var visits: [Int: Float] = [:]
    for entry in try federation.watched() {
      for (client, row) in entry.rowOfClient {
        visits[client, default: 0] += 1
        #expect(row[0] == visits[client] && row[1] == visits[client])
      }
    }
    #expect(Set(visits.values).count > 1)
  }

  @Test("a probe on a copy of a stateful rule leaves no trace")
  func probe() throws {
    var server = try RobustAggregation([RunningSum()])
    #expect(try server.aggregate([[1], [3]]).vector == [2])
    var copy = server
    #expect(try copy.aggregate([[100]]).vector == [102])
    #expect(try copy.aggregate([[100]]).vector == [202])
    #expect(try server.aggregate([[5]]).vector == [7])
  }

  @Test("two runs of one scenario share none")
  func runs() throws {
    var federation = TinyFederation()
    federation.defense = [RunningSum()]
    let scenario = try federation.scenario()
    #expect(try scenario.run().model == scenario.run().model)
  }

  @Test("is keyed by type, and forgets what is set to nil")
  func types() {
    var memory = Memory()
    #expect(memory[Int.self] == nil)
    memory[Int.self] = 3
    memory[String.self] = "three"
    var copy = memory
    copy[Int.self] = nil
    #expect(copy[Int.self] == nil && copy[String.self] == "three")
    #expect(memory[Int.self] == 3)
  }
}
