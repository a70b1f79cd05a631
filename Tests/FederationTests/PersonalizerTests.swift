import Algorithms
import Components
import Federation
import Randomness
import Tensors
import Testing

/// Every client's own model is its number plus how often it took part, in every coordinate.
private struct Numbered: Personalizer {
  static let card = Card(name: "numbered", summary: "Starts each client from a number of its own.")
  init(_ parameters: NoParameters = NoParameters()) {}
  func personalize(_ model: Vector, for client: Int, memory: inout Memory) -> Vector {
    let visits = (memory[Int.self] ?? 0) + 1
    memory[Int.self] = visits
    return Vector([Float](repeating: Float(10 * client + visits), count: model.count))
  }
}

/// Sends the model it starts from.
private struct SendStart: LocalTrainer {
  static let card = Card(name: "send-start", summary: "Sends the model it starts from.")
  init(_ parameters: NoParameters = NoParameters()) {}
  func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) -> Update {
    Update(
      client: task.client, startedRound: task.round, delta: task.received, weight: 1, steps: 1,
      loss: 0)
  }
}

/// A personal model of the wrong length.
private struct Truncated: Personalizer {
  static let card = Card(name: "truncated", summary: "Loses a parameter.")
  init(_ parameters: NoParameters = NoParameters()) {}
  func personalize(_ model: Vector, for client: Int, memory: inout Memory) -> Vector {
    Vector(zeros: model.count - 1)
  }
}

@Suite("Personal models")
struct PersonalizerTests {
  @Test("a client trains from its own model, made with a memory of its own")
  func start() throws {
    var federation = TinyFederation(rounds: 4)
    federation.algorithm = [SendStart(), Numbered(), try UniformSampling(clients: 3)]
    var visits: [Int: Int] = [:]
    for entry in try federation.watched() {
      for (client, row) in entry.rowOfClient {
        visits[client, default: 0] += 1
        #expect(row.allSatisfy { $0 == Float(10 * client + visits[client, default: 0]) })
      }
    }
    #expect(visits.values.reduce(0, +) == 12)
  }

  @Test("a personal model of another length is refused by name")
  func wrongLength() throws {
    var federation = TinyFederation()
    federation.algorithm = [FedAvg(), Truncated()]
    #expect(
      throws: FederationError.wrongSize(
        component: "truncated", got: TinyFederation.dimension - 1,
        expected: TinyFederation.dimension)
    ) { try federation.run() }
  }
}
