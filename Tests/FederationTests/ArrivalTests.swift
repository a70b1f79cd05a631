import Algorithms
import Components
import Defenses
import Federation
import Randomness
import Tensors
import Testing

@Suite("Arrival")
struct ArrivalTests {
  /// The update of client c started in round r is (c, r, 0, ...), so the server's rows tell both.
  static func federation(_ arrivals: Int, clients: Int = 5, rounds: Int = 6) -> TinyFederation {
    TinyFederation(
      clients: clients, rounds: rounds,
      algorithm: [
        ScriptedTrainer { client, round in
          [Float(client), Float(round)] + [Float](repeating: 0, count: TinyFederation.dimension - 2)
        },
        AfterArrivals(arrivals),
      ],
      defense: [HoldModel()])
  }

  static func arrivals(_ federation: TinyFederation) throws -> [[[Int]]] {
    try federation.watched().map { $0.rows.map { [Int($0[0]), Int($0[1])] } }
  }

  /// After k arrivals the server aggregates. Who is late keeps its place in the queue: it counts in
  /// the next round, with the round it started in, and is not sent out again before it has come.
  @Test("after k: late updates count in a later round, each exactly once")
  func afterTwo() throws {
    let got = try Self.arrivals(Self.federation(2))
    #expect(
      got == [
        [[0, 0], [1, 0]],
        [[2, 0], [3, 0]],
        // Clients 0 and 1 went out again in round 1 and arrive after client 4 of round 0.
        [[0, 1], [4, 0]],
        [[1, 1], [2, 2]],
        [[0, 3], [3, 2]],
        [[1, 4], [4, 3]],
      ])
  }

  @Test(
    "no update is lost or counted twice, and nobody is in two places",
    arguments: [1, 2, 3, 4, 5, 9]
  )
  func conservation(_ count: Int) throws {
    let federation = Self.federation(count, clients: 7, rounds: 12)
    let got = try Self.arrivals(federation)
    #expect(got.allSatisfy { $0.count == min(count, 7) })
    #expect(Set(got.flatMap { $0 }).count == got.flatMap { $0 }.count)
    for client in 0..<7 {
      // Each update starts after the one before has arrived, and no earlier than it was due.
      var free = 0
      for (round, rows) in got.enumerated() {
        for row in rows where row[0] == client {
          #expect(row[1] >= free && row[1] <= round)
          free = round + 1
        }
      }
    }
    let record = try federation.run()
    #expect(record.rounds.map(\.received) == got.map(\.count))
    #expect(record.bytesUp == 4 * TinyFederation.dimension * got.flatMap { $0 }.count)
    #expect(zip(record.rounds, record.rounds.dropFirst()).allSatisfy { $0.time <= $1.time })
  }

  @Test("waiting for everybody is the synchronous round")
  func everybody() throws {
    var waiting = TinyFederation()
    waiting.algorithm.append(AfterArrivals(7))
    #expect(try waiting.run().model == TinyFederation().run().model)
  }

  @Test("a policy that never aggregates gets what has come once nobody is under way")
  func never() throws {
    let got = try Self.arrivals(Self.federation(.max))
    #expect(got.allSatisfy { $0.count == 5 })
  }

  @Test("a late update draws from the stream of the round it started in")
  func lateStreams() throws {
    var federation = Self.federation(2)
    federation.algorithm.append(AffineTransform(noise: 1))
    let rows = try federation.watched().flatMap(\.rows)
    // The last coordinate is pure noise: no stream was used twice.
    #expect(Set(rows.map { $0[5] }).count == rows.count)
  }

  @Test("a sampler that draws who cannot take part is refused by name")
  func invalidCohort() throws {
    struct Twice: ClientSampler {
      static let card = Card(name: "twice", summary: "Draws somebody twice.")
      var clients = [1, 1]
      init(_ parameters: NoParameters = NoParameters()) {}
      func sample(
        _ population: PopulationView, using generator: inout Generator, memory: inout Memory
      ) -> Cohort { Cohort(clients: clients, inclusionProbabilities: [1, 1]) }
      func guaranteedCohort(of clients: Int) -> Int? { 2 }
    }
    var sampler = Twice()
    #expect(throws: FederationError.invalidCohort(sampler: "twice", client: 1)) {
      try TinyFederation(algorithm: [FedAvg(), sampler]).run()
    }
    sampler.clients = [0, 7]
    #expect(throws: FederationError.invalidCohort(sampler: "twice", client: 7)) {
      try TinyFederation(algorithm: [FedAvg(), sampler]).run()
    }
  }
}
