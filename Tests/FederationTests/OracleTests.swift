import Attacks
import Components
import Datasets
import Defenses
import Federation
import Learning
import Randomness
import Synchronization
import Tensors
import Testing

/// What an attack that tries out the rule asks for.
private let oracleNeeds: Set<Capability> = [.ownUpdates, .honestUpdates, .aggregationRule]

@Suite("Trying out the server's rule")
struct OracleTests {
  private static func federation(
    _ defense: [any Component], clients: Int = 9, rounds: Int = 1, threat: ThreatModel? = nil,
    needs: Set<Capability> = oracleNeeds,
    script: @escaping @Sendable (CorruptionView) throws -> [CraftedUpdate]
  ) -> TinyFederation {
    TinyFederation(
      clients: clients, rounds: rounds, attack: [ScriptedCorruption(needs: needs, script)],
      defense: defense, threat: threat ?? ThreatModel(attackers: 2))
  }

  @Test("the answer is what the server then does", arguments: [0, 1, 2, 3, 4])
  func answersTruly(_ which: Int) throws {
    let defense: [any Component] = [
      [try Median(f: .assumed)], [try TrimmedMean(f: .assumed)], [try Krum(f: .assumed)],
      [try NNM(f: .assumed), try TrimmedMean(f: .assumed)], [Mean()],
    ][which]
    let answers = Mutex<[(model: Vector, answer: RuleOracle.Answer)]>([])
    let record = try Self.federation(defense) { view in
      let crafted = view.colluders.indices.map { index in
        CraftedUpdate(-2 * view.own.row(index), weight: 3)
      }
      let answer = try view.rule(.omniscient).answer(to: crafted)
      answers.withLock { $0.append((view.globalModel, answer)) }
      return crafted
    }.run()
    let (model, answer) = try #require(answers.withLock { $0.first })
    #expect(record.model == model + (try #require(answer.aggregate)))
    #expect(record.rounds[0].queries == 1)
    if let kept = answer.kept, let excluded = record.rounds[0].colludersExcluded {
      #expect(kept.count { !$0 } == excluded)
    }
  }

  @Test("a line gives the answers of its points", arguments: [0, 1, 2])
  func lines(_ which: Int) throws {
    let defense: [any Component] = [
      [try Krum(f: .assumed)], [try NNM(f: .assumed), try Median(f: .assumed)],
      [try Clipping(clippingNorm: 0.5), try TrimmedMean(f: .assumed)],
    ][which]
    let worst = Mutex(0.0)
    try Self.federation(defense) { view in
      let benign = try view.benign(.omniscient)
      let (start, direction) = (benign.mean(), -1 * benign.standardDeviation(correction: 1))
      let oracle = try view.rule(.omniscient)
      let line = try oracle.line(from: start, along: direction)
      for factor in [0.0, 0.3, 1, 4, 100] {
        let point = start + Float(factor) * direction
        let direct = try oracle.answer(to: view.colluders.map { _ in CraftedUpdate(point) })
        let along = try line.answer(at: factor)
        guard let a = direct.aggregate, let b = along.aggregate, direct.kept == along.kept else {
          throw FederationError.invalidUpdates("held or kept others")
        }
        worst.withLock { $0 = max($0, a.squaredDistance(to: b).squareRoot() / (a.norm + 1e-9)) }
      }
      return view.colluders.map { _ in CraftedUpdate(start) }
    }.run()
    #expect(worst.withLock { $0 } < 1e-5)
  }

  @Test("asking changes nothing: neither what the server remembers nor its draws")
  func leavesNoTrace() throws {
    let defense: [any Component] = [
      try Bucketing(s: 2), try CenteredClipping(clippingRadius: 1),
    ]
    func run(asking: Int) throws -> RunRecord {
      try Self.federation(defense, rounds: 4) { view in
        for _ in 0..<asking {
          _ = try view.rule(.omniscient).answer(
            to: view.colluders.map { _ in CraftedUpdate(100 * view.own.row(0)) })
        }
        return view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
      }.run()
    }
    let (silent, curious) = (try run(asking: 0), try run(asking: 3))
    #expect(silent.model == curious.model)
    #expect(curious.rounds.map(\.queries) == [3, 3, 3, 3] && silent.rounds[0].queries == 0)
  }

  @Test(
    "an attack that may not see the honest updates learns nothing of them from the server's memory")
  func memoryStaysHidden() throws {
    func lastAnswer(_ knowledge: ThreatModel.Knowledge) throws -> (moved: Bool, round: Int) {
      let answers = Mutex<[Vector]>([])
      let needs = knowledge.needs.union([.aggregationRule])
      // Everybody sends 0 from round to round but for the first round's honest clients.
      var federation = Self.federation(
        [try CenteredClipping(clippingRadius: 0.5)], rounds: 2,
        threat: ThreatModel(attackers: 2, knowledge: knowledge), needs: needs
      ) { view in
        let zero = Vector(zeros: TinyFederation.dimension)
        let answer = try view.rule(knowledge).answer(
          to: view.colluders.map { _ in CraftedUpdate(zero) })
        answers.withLock { $0.append(answer.aggregate ?? zero) }
        return view.colluders.map { _ in CraftedUpdate(zero) }
      }
      let colluders = Set(try federation.scenario().colluders)
      federation.algorithm = [
        ScriptedTrainer { client, round in
          let value: Float = round == 0 && !colluders.contains(client) ? 9 : 0
          return [Float](repeating: value, count: TinyFederation.dimension)
        }
      ]
      try federation.run()
      let last = try #require(answers.withLock { $0.last })
      return (last.norm > 0, answers.withLock { $0.count })
    }
    #expect(try lastAnswer(.omniscient) == (true, 2))
    #expect(try lastAnswer(.own) == (false, 2))
  }

  @Test("a threat model without the rule hides it, and so does an attack that does not ask for it")
  func hidden() throws {
    let cases: [(needs: Set<Capability>, threat: ThreatModel)] = [
      (oracleNeeds, ThreatModel(attackers: 2, knowsRule: false)),
      ([.ownUpdates, .honestUpdates], ThreatModel(attackers: 2)),
    ]
    for (needs, threat) in cases {
      #expect(
        throws: FederationError.notGranted(
          component: "scripted-corruption", what: "the aggregation rule")
      ) {
        try Self.federation([Mean()], threat: threat, needs: needs) { view in
          _ = try view.rule(.omniscient)
          return []
        }.run()
      }
    }
  }

  @Test("whom the attack does not see, draws with the moments of its own updates stand in for")
  func standIns() throws {
    let seen = Mutex<(count: Int, center: Double, spread: Double, own: Double)?>(nil)
    try Self.federation(
      [Mean()], clients: 43, threat: ThreatModel(attackers: 3, knowledge: .own),
      needs: [.ownUpdates, .aggregationRule]
    ) { view in
      let oracle = try view.rule(.own)
      let mean = view.own.mean()
      let (benign, own) = (oracle.benign, view.own)
      func spread(_ rows: UpdateView, from first: Int) -> Double {
        let others = rows.selecting(Array(first..<rows.count))
        return others.squaredDistances(to: mean).reduce(0, +) / Double(others.count)
      }
      let center = benign.selecting(Array(3..<40)).mean().squaredDistance(to: mean)
      seen.withLock {
        $0 = (benign.count, center, spread(benign, from: 3), spread(own, from: 0) * 3 / 2)
      }
      return view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
    }.run()
    let (count, center, spread, own) = try #require(seen.withLock { $0 })
    #expect(count == 40)
    // 37 draws: their mean squared distance is within a factor of 2 of the covariance's trace with
    // probability above 0.99, and their mean nearer than half the trace.
    #expect(spread > own / 2 && spread < own * 2 && center < own / 2)
  }
}

@Suite("Who attacks when, and what they see")
struct ThreatScheduleTests {
  @Test("rounds count from 1, from first to last, every so many")
  func schedule() {
    func rounds(_ threat: ThreatModel) -> [Int] {
      (0..<12).filter { threat.attacks(inRound: $0) }.map { $0 + 1 }
    }
    #expect(rounds(ThreatModel()) == Array(1...12))
    #expect(rounds(ThreatModel(attackFrom: 4)) == Array(4...12))
    #expect(rounds(ThreatModel(attackFrom: 4, attackUntil: .exactly(6))) == [4, 5, 6])
    #expect(
      rounds(ThreatModel(attackFrom: 2, attackUntil: .exactly(9), attackEvery: 3)) == [2, 5, 8])
  }

  @Test("values out of range are named")
  func validation() {
    for (threat, key) in [
      (ThreatModel(seenShare: 0), "seen-share"), (ThreatModel(attackFrom: 0), "attack-from"),
      (ThreatModel(attackFrom: 5, attackUntil: .exactly(4)), "attack-until"),
      (ThreatModel(attackEvery: 0), "attack-every"),
    ] {
      do {
        try threat.validate()
        Issue.record("\(key) was accepted")
      } catch {
        #expect(error.problems.map(\.key) == [key])
      }
    }
  }

  @Test("outside the schedule colluders are honest, data and all")
  func honestBefore() throws {
    func models(_ attack: any Component, from: Int) throws -> ([[Float]], [Int]) {
      var federation = TinyFederation(rounds: 5, attack: [attack])
      federation.threat.attackFrom = from
      let ledger = Ledger()
      federation.attack.append(Recorder(ledger))
      let record = try federation.run()
      return (ledger.entries.map(\.modelAfter), record.rounds.map(\.colludersReceived))
    }
    let clean = try models(NoAttack(), from: 1).0
    for attack in [try SignFlip(scale: 2) as any Component, LabelFlip()] {
      let (late, received) = try models(attack, from: 4)
      #expect(Array(late.prefix(3)) == Array(clean.prefix(3)))
      #expect(late[3] != clean[3])
      #expect(received == [0, 0, 0, 2, 2])
    }
  }

  @Test("resampled colluders are others in every round, as many as there are attackers")
  func resampled() throws {
    let met = Mutex<[[Int]]>([])
    let federation = TinyFederation(
      clients: 30, rounds: 6,
      attack: [
        ScriptedCorruption { view in
          met.withLock { $0.append(view.colluders) }
          return view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
        }
      ], threat: ThreatModel(attackers: 4, selection: .resampled))
    let record = try federation.run()
    let rounds = met.withLock { $0 }
    #expect(rounds.count == 6 && rounds.allSatisfy { $0.count == 4 && $0 == $0.sorted() })
    #expect(Set(rounds).count > 1)
    #expect(record.colluders == Set(rounds.joined()).sorted())
  }

  @Test("partial knowledge shows the same clients in every round, and the colluders' own")
  func partial() throws {
    let met = Mutex<[[Float]]>([])
    let federation = TinyFederation(
      clients: 20, rounds: 3,
      algorithm: [
        ScriptedTrainer { client, _ in
          [Float](repeating: Float(client), count: TinyFederation.dimension)
        }
      ],
      attack: [
        ScriptedCorruption(needs: [.ownUpdates, .someHonestUpdates]) { view in
          let seen = try view.benign(.partial)
          met.withLock { $0.append((0..<seen.count).map { seen.row($0)[0] }) }
          #expect(throws: FederationError.self) { try view.benign(.omniscient) }
          return view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
        }
      ], threat: ThreatModel(attackers: 3, knowledge: .partial, seenShare: 0.4))
    let record = try federation.run()
    let rounds = met.withLock { $0.map { $0.map { Int($0) } } }
    #expect(Set(rounds).count == 1)
    let seen = try #require(rounds.first)
    #expect(seen == seen.sorted() && Set(seen).isSuperset(of: record.colluders))
    // Eight of twenty, of whom some may collude.
    #expect((5...8).contains(seen.count - 3) && Set(seen).count == seen.count)
  }
}

@Suite("The server's root data and the laboratory's yardstick")
struct ServerKnowledgeTests {
  /// Follows the root update, and notes the losses.
  private struct RootFollower: Aggregator {
    static let card = Card(name: "root-follower", summary: "Made up.", needs: [.sum, .rootData])
    var note: @Sendable (Double, Double) -> Void = { _, _ in }
    init(_ parameters: NoParameters) {}
    init(note: @escaping @Sendable (Double, Double) -> Void) { self.note = note }

    func aggregate(
      _ view: AggregationView, using generator: inout Generator, memory: inout Memory
    ) throws -> Aggregation {
      let root = try view.rootData(for: cardName)
      let update = try root.update(examples: 42)
      note(
        try root.loss(examples: 42, adding: nil), try root.loss(examples: 42, adding: update))
      return Aggregation(.vector(update))
    }
  }

  @Test("training on root data learns the task, and its losses are those of the training data")
  func root() throws {
    let losses = Mutex<[(before: Double, after: Double)]>([])
    let federation = TinyFederation(
      rounds: 4,
      defense: [RootFollower { before, after in losses.withLock { $0.append((before, after)) } }])
    let record = try federation.run()
    let noted = losses.withLock { $0 }
    #expect(noted.count == 4 && noted[0].after < noted[0].before)
    // The step that was taken is the one whose loss was asked for.
    for (now, next) in zip(noted, noted.dropFirst()) {
      #expect(abs(now.after - next.before) < 1e-6)
    }
    #expect(record.finalAccuracy > 0.8)
    // All 42 examples of the training data are the root data here.
    let scenario = try federation.scenario()
    let final = try scenario.network.evaluate(
      parameters: record.model, on: scenario.data.train,
      workspace: .init(for: scenario.network))
    #expect(abs(final.loss - (noted.last?.after ?? 0)) < 1e-6)
    #expect(try federation.run().model == record.model)
  }

  @Test("the deviation is the squared distance to the honest mean in units of the honest spread")
  func deviation() throws {
    // Honest updates 0, 2, 4, … in every coordinate; the colluders send 1000.
    let federation = TinyFederation(
      rounds: 1,
      algorithm: [
        ScriptedTrainer { client, _ in
          [Float](repeating: Float(2 * client), count: TinyFederation.dimension)
        }
      ],
      attack: [
        ScriptedCorruption { view in
          view.colluders.map { _ in
            CraftedUpdate(Vector([Float](repeating: 1000, count: TinyFederation.dimension)))
          }
        }
      ], defense: [try TrimmedMean(f: .assumed)])
    let record = try federation.run()
    let honest = (0..<7).filter { !record.colluders.contains($0) }.map { Double(2 * $0) }
    let mean = honest.reduce(0, +) / 5
    let spread = honest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
    // Seven values, two cut at either end: the three in the middle.
    let sorted = (honest + [1000, 1000]).sorted()
    let aggregate = sorted[2..<5].reduce(0, +) / 3
    let expected = (aggregate - mean) * (aggregate - mean) / spread
    let deviation = try #require(record.rounds[0].deviation)
    #expect(abs(deviation - expected) < 1e-5 * expected)
    // Allouah et al. 2023 for n = 7 and f = 2.
    let bound = 6.0 * 2 / 3 * (1 + 2.0 / 3)
    #expect(abs((record.rounds[0].robustnessBound ?? 0) - bound) < 1e-12)
    #expect(deviation <= bound)
  }

  @Test("the worst client is the one whose own classes the model knows least")
  func worstClient() throws {
    // One client holds nothing but class 1, another nothing but class 0.
    var scenario = try TinyFederation(rounds: 2).scenario()
    let labels = scenario.data.train.labels
    scenario.shares = ClientShares([
      labels.indices.filter { labels[$0] == 1 }, labels.indices.filter { labels[$0] == 0 },
    ])
    let record = try scenario.run()
    let test = scenario.data.test
    let predictions = try scenario.network.predict(
      parameters: record.model, on: test, workspace: .init(for: scenario.network))
    let byClass = (0..<2).map { wanted -> Double in
      let own = test.labels.indices.filter { test.labels[$0] == Int32(wanted) }
      let right = own.count { predictions.classes[$0] == test.labels[$0] }
      return Double(right) / Double(own.count)
    }
    #expect(abs((record.worstClient ?? -1) - min(byClass[0], byClass[1])) < 1e-12)
    #expect(byClass[0] != byClass[1])
    let recalls = try #require(record.classRecalls)
    #expect(recalls.count == 2)
    for (recall, expected) in zip(recalls, byClass) {
      #expect(abs((recall ?? -1) - expected) < 1e-12)
    }
  }
}
