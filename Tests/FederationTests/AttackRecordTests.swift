import Attacks
import Components
import Defenses
import Federation
import Randomness
import Synchronization
import Tensors
import Testing

/// What rounds tell of attackers when things get complicated: late updates, wrong assumptions,
/// excluded clients.
@Suite("What a round records of an attack")
struct AttackRecordTests {
  /// Colluders send a large constant.
  private static let flood = ScriptedCorruption { view in
    view.colluders.map { _ in
      CraftedUpdate(Vector([Float](repeating: 1000, count: TinyFederation.dimension)))
    }
  }

  @Test("a late update is a colluder's if its client colluded when it was sent out")
  func late() throws {
    var lateOnes = 0
    for seed in 1...4 {
      var federation = TinyFederation(clients: 7, rounds: 4, seed: UInt64(seed))
      federation.algorithm = [
        ScriptedTrainer { client, _ in
          [Float](repeating: Float(client + 1), count: TinyFederation.dimension)
        },
        AfterArrivals(3),
      ]
      federation.attack = [Self.flood]
      federation.defense = [try CGE(f: 1)]
      federation.threat.attackUntil = .exactly(1)
      for round in try federation.run().rounds where round.colludersReceived == 1 {
        lateOnes += round.round > 0 ? 1 : 0
        #expect(round.colludersExcluded == 1 && round.honestExcluded == 0)
        // What is left is the honest mean.
        let deviation = try #require(round.deviation)
        #expect(deviation < 1e-10, "round \(round.round)")
      }
    }
    #expect(lateOnes >= 3)
  }

  @Test("a bound is told only where the rule assumes enough faults and nobody was excluded")
  func bounds() throws {
    func bound(assumed: AssumedFaults, broken: Int? = nil) throws -> RoundRecord {
      var federation = TinyFederation(clients: 9, rounds: 1)
      federation.algorithm = [
        ScriptedTrainer { client, _ in
          [Float](
            repeating: client == broken ? .nan : Float(client), count: TinyFederation.dimension)
        }
      ]
      federation.attack = [Self.flood]
      federation.defense = [try TrimmedMean(f: .assumed)]
      federation.threat = ThreatModel(attackers: 2, assumedF: assumed)
      return try #require(try federation.run().rounds.first)
    }
    #expect(try bound(assumed: .attackers).robustnessBound != nil)
    #expect(try bound(assumed: .exactly(3)).robustnessBound != nil)
    let tooFew = try bound(assumed: .exactly(1))
    #expect(tooFew.robustnessBound == nil && tooFew.deviation != nil)
    var federation = TinyFederation(clients: 9, rounds: 1)
    federation.attack = [Self.flood]
    let bad = try federation.scenario().colluders
    let honest = try #require((0..<9).first { !bad.contains($0) })
    let excluded = try bound(assumed: .attackers, broken: honest)
    #expect(excluded.robustnessBound == nil && excluded.deviation != nil)
  }

  /// A rule that answers with the round's number.
  private struct RoundNumber: Aggregator {
    static let card = Card(
      name: "round-number", summary: "Made up by a test.", needs: [.individualUpdates])
    init(_ parameters: NoParameters = NoParameters()) {}
    func minimumUpdates(faults: Int) -> Int { 1 }
    func aggregate(
      _ view: AggregationView, using generator: inout Generator, memory: inout Memory
    ) -> Aggregation {
      let value = Float(view.round + 1)
      return Aggregation(
        .vector(Vector([Float](repeating: value, count: view.updates.dimension))))
    }
  }

  @Test("a rule that goes by the round is tried out in the round that it will be used in")
  func round() throws {
    let answers = Mutex<[Float]>([])
    var federation = TinyFederation(rounds: 3)
    federation.attack = [
      ScriptedCorruption(needs: [.ownUpdates, .honestUpdates, .aggregationRule]) { view in
        let crafted = view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
        let answer = try view.rule(.omniscient).answer(to: crafted)
        answers.withLock { $0.append(answer.aggregate?[0] ?? -1) }
        return crafted
      }
    ]
    federation.defense = [RoundNumber()]
    try federation.run()
    #expect(answers.withLock { $0 } == [1, 2, 3])
  }

  @Test("every row that a rule keeps brings in the updates it was mixed of")
  func kept() throws {
    // Means of the three nearest: 11/3, 11/3, 22/3, 22/3; the last is left out, but not its update.
    var chain = try RobustAggregation([try NNM(f: 1), try CGE(f: 1)])
    let result = try chain.aggregate([[0], [1], [10], [11]])
    #expect(result.kept == [true, true, true, true])
    #expect(abs((result.vector?[0] ?? 0) - 44.0 / 9) < 1e-5)
  }
}
