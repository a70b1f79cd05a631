import Algorithms
import Attacks
import Components
import Defenses
import Federation
import SecureAggregation
import Tensors
import Testing

/// Updates that are no updates: NaN, infinities, huge values, wrong lengths, wrong numbers.
@Suite("Malformed updates")
struct HostileUpdateTests {
  static let transports: [any Component] = [Plain(), SumOnly()]
  static let poisons: [Float] = [.nan, .infinity, -.infinity, 1e38, -3.4e38]

  /// Every defense of the catalogue that a linear model suits, as a chain that ends in a rule.
  static let defenses: [[any Component]] = defenseCatalogue.compactMap { type in
    guard !["soteria", "ats", "frozen-layers"].contains(type.card.name) else { return nil }
    guard let defense = try? defaultInstance(type) else { return nil }
    return defense is any Aggregator ? [defense] : [defense, Mean()]
  }

  static func federation(_ poison: Float, rows: Int = TinyFederation.dimension) -> TinyFederation {
    TinyFederation(
      clients: 11, rounds: 6,
      attack: [
        ScriptedCorruption { view in
          view.colluders.map { _ in
            CraftedUpdate(Vector((0..<rows).map { $0 == 1 ? poison : 0.5 }))
          }
        }
      ])
  }

  @Test(
    "never leave the finite numbers in the model, whatever transport and defense",
    arguments: poisons, transports.indices)
  func poisoned(_ poison: Float, _ transport: Int) throws {
    for defense in Self.defenses {
      var federation = Self.federation(poison)
      // Without the two colluders enough are left for every rule.
      federation.clients = 13
      federation.transport = Self.transports[transport]
      federation.defense = defense
      let individual = try federation.pipeline().transport.reveals.contains(.individualUpdates)
      // The planner refuses this; the loop would say that one row is too few.
      if !individual && !(defense.allSatisfy { $0 is Mean || $0 is Clipping }) { continue }
      let record = try federation.run()
      #expect(record.model.isFinite)
      #expect(record.rounds.allSatisfy { (0...1).contains($0.accuracy ?? -1) })
      #expect(record.rounds.count == 6)
      if !poison.isFinite {
        let names = defense.map { "\(type(of: $0))" }
        for round in record.rounds {
          #expect(round.notes.contains("excluded: non-finite update"), "\(names)")
          #expect(
            round.notes.contains("held: no usable update arrived") == !individual, "\(names)")
        }
        #expect(record.heldRounds == (individual ? 0 : 6), "\(names)")
      }
    }
  }

  @Test("what is left out does not count: the rest is aggregated as if it had come alone")
  func rest() throws {
    var poisoned = Self.federation(.nan)
    poisoned.rounds = 1
    var clean = poisoned
    clean.attack = []
    let colluders = try poisoned.scenario().colluders
    let rows = try clean.watched()[0].rowOfClient
    let entry = try poisoned.watched()[0]
    let honest = (0..<11).filter { !colluders.contains($0) }.compactMap { rows[$0] }
    for j in 0..<TinyFederation.dimension {
      let mean = honest.reduce(0) { $0 + Double($1[j]) } / Double(honest.count)
      #expect(abs(Double(entry.modelAfter[j] - entry.modelBefore[j]) - mean) < 1e-6)
    }
    let record = try poisoned.run()
    #expect(record.rounds[0].colludersExcluded == 2 && record.rounds[0].honestExcluded == 0)
    #expect(record.colluderExclusionRate == 1 && record.honestExclusionRate == 0)
  }

  @Test("of the wrong length are an error naming the attack", arguments: [0, 1, 5, 7, 600])
  func wrongLength(_ length: Int) throws {
    for transport in Self.transports {
      var federation = Self.federation(1, rows: length)
      federation.transport = transport
      #expect(
        throws: FederationError.wrongSize(
          component: "scripted-corruption", got: length, expected: TinyFederation.dimension)
      ) { try federation.run() }
    }
  }

  @Test("of the wrong number are an error naming the attack", arguments: [0, 1, 3])
  func wrongCount(_ count: Int) throws {
    let federation = TinyFederation(attack: [
      ScriptedCorruption { view in
        (0..<count).map { _ in CraftedUpdate(view.globalModel) }
      }
    ])
    #expect(
      throws: FederationError.wrongCount(
        component: "scripted-corruption", got: count, expected: 2)
    ) { try federation.run() }
  }

  @Test(
    "useless weights exclude their update",
    arguments: [Double.nan, .infinity, 0, -3, -.infinity])
  func weights(_ weight: Double) throws {
    let attack = ScriptedCorruption { view in
      view.colluders.indices.map { CraftedUpdate(view.own.row($0), weight: weight) }
    }
    let record = try TinyFederation(attack: [attack]).run()
    #expect(record.model.isFinite)
    #expect(record.rounds.allSatisfy { $0.notes == ["excluded: weight not positive"] })
    #expect(record.colluderExclusionRate == 1)
  }

  @Test("too few rows are an error before, and hold the model when exclusion made them too few")
  func tooFew() throws {
    var federation = Self.federation(.nan)
    federation.defense = [try Krum(f: 4)]
    federation.threat = ThreatModel(attackers: 4)
    let record = try federation.run()
    #expect(record.heldRounds == 6)
    #expect(
      record.rounds[0].notes.last
        == "held: krum with f = 4 needs at least 11 updates, got 7; lower f or raise the number of "
        + "clients")
    federation.defense = [try Krum(f: 5)]
    federation.attack = []
    #expect(
      throws: FederationError.tooFewUpdates(rule: "krum", received: 11, faults: 5, required: 13)
    ) { try federation.run() }
  }

  @Test("a server step that overflows leaves no velocity behind")
  func overflow() throws {
    var federation = TinyFederation(rounds: 3)
    federation.algorithm = [
      ScriptedTrainer { _, round in
        [Float](repeating: round == 1 ? 3e38 : 1, count: TinyFederation.dimension)
      },
      try ServerMomentum(learningRate: 2, momentum: 0.5),
    ]
    let entries = try federation.watched()
    // v = 1, w += 2; held; v = 0.5 + 1, w += 3.
    let steps = entries.map { $0.modelAfter[0] - $0.modelBefore[0] }
    #expect(abs(steps[0] - 2) < 1e-6 && steps[1] == 0 && abs(steps[2] - 3) < 1e-6)
    #expect(try federation.run().rounds[1].notes == ["held: the server step overflowed"])
  }
}

@Suite("Training that diverges")
struct DivergenceTests {
  static func diverging() -> TinyFederation {
    var federation = TinyFederation(rounds: 4, learningRate: 0.25)
    federation.algorithm = [
      ScriptedTrainer { client, round in
        let value: Float = client == 3 && round == 2 ? .nan : 0.1
        return [Float](repeating: value, count: TinyFederation.dimension)
      }
    ]
    return federation
  }

  @Test("with nobody attacking is an error naming client, round and learning rate")
  func clean() throws {
    for transport in HostileUpdateTests.transports {
      var federation = Self.diverging()
      federation.transport = transport
      #expect(
        throws: FederationError.trainingDiverged(client: 3, round: 2, learningRate: 0.25)
      ) { try federation.run() }
    }
    do {
      try Self.diverging().run()
    } catch {
      #expect(
        "\(error)" == "training diverged: client 3 produced a non-finite update in round 2 with "
          + "nobody attacking; a learning-rate below 0.25 may work")
    }
  }

  @Test("happens to real training too")
  func real() throws {
    var federation = TinyFederation(rounds: 60, learningRate: 1e38)
    federation.algorithm = [FedAvg()]
    let error = #expect(throws: FederationError.self) { try federation.run() }
    guard case .trainingDiverged(_, _, 1e38) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("under attack the run goes on without it")
  func attacked() throws {
    var federation = Self.diverging()
    federation.attack = [try SignFlip(scale: 1)]
    federation.seed = 3
    let colluders = try federation.scenario().colluders
    try #require(!colluders.contains(3))
    let record = try federation.run()
    #expect(record.rounds.map(\.honestExcluded) == [0, 0, 1, 0])
    #expect(record.rounds[2].notes == ["excluded: non-finite update"])
    #expect(record.model.isFinite)
  }
}
