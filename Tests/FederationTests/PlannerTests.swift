import Algorithms
import Attacks
import Components
import Datasets
import Defenses
import Federation
import Randomness
import SecureAggregation
import Tensors
import Testing
import VerifiableAggregation

@Suite("The planner")
struct PlannerTests {
  /// Who needs what, written down by hand from the definitions and not from the cards.
  static let needsRows: Set<String> = ["median", "trimmed-mean", "krum", "clipping", "nnm"]
  static let needsHonest: Set<String> = ["alie", "ipm"]

  /// The components that the lists above speak for.
  static let judged: Set<String> = needsRows.union(needsHonest)
    .union(["mean", "none", "sign-flip", "label-flip"])

  @Test("refuses exactly what cannot exist, over attacks, defenses, transports and knowledge")
  func table() throws {
    var refused = 0
    let attacks = attackCatalogue.filter { Self.judged.contains($0.card.name) }
    let defenses = defenseCatalogue.filter { Self.judged.contains($0.card.name) }
    #expect(attacks.count == 5 && defenses.count == 6)
    for attack in attacks {
      for defense in defenses {
        for transport in transportCatalogue + verifiableTransportCatalogue {
          for knowledge in [ThreatModel.Knowledge.omniscient, .own] {
            let defender = try defaultInstance(defense)
            var federation = TinyFederation(clients: 20)
            federation.transport = try defaultInstance(transport)
            federation.attack = [try defaultInstance(attack)]
            federation.defense = defender is any Aggregator ? [defender] : [defender, Mean()]
            federation.threat = ThreatModel(attackers: 4, knowledge: knowledge)
            let refusals = Planner.refusals(
              of: try federation.pipeline(), threat: federation.threat, clients: 20)

            var expected: Set<String> = []
            let (hides, name) = (transport != Plain.self, transport.card.name)
            if hides, Self.needsRows.contains(defense.card.name) {
              expected.insert(
                "\(defense.card.name) needs individual updates; \(name) reveals only the sum; "
                  + "use a transport that reveals individual updates, such as plain, or "
                  + "group sums, such as double-masking with groups, or "
                  + "a rule that needs only the sum, such as mean")
            }
            if Self.needsHonest.contains(attack.card.name) {
              let why =
                switch (hides, knowledge) {
                case (_, .own), (_, .partial):
                  "the threat model grants only the aggregation rule, the colluders' own data, "
                    + "the colluders' own updates"
                case (true, .omniscient): "\(name) hides them from everybody"
                case (false, .omniscient): ""
                }
              if !why.isEmpty {
                expected.insert(
                  "\(attack.card.name) needs honest clients' updates; \(why); "
                    + "give the attack 'knowledge: own'")
              }
            }
            #expect(Set(refusals.map(\.description)) == expected)
            #expect(refusals.count == expected.count)
            refused += refusals.isEmpty ? 0 : 1
          }
        }
      }
    }
    #expect(refused > 0)
  }

  @Test("nobody in the catalogues runs without what it says it needs")
  func catalogues() throws {
    for attack in attackCatalogue {
      let attacker = try defaultInstance(attack)
      guard let corruption = attacker as? any Corruption else { continue }
      for knowledge in ThreatModel.Knowledge.allCases {
        for knowsRule in [false, true] {
          let threat = ThreatModel(attackers: 4, knowledge: knowledge, knowsRule: knowsRule)
          let federation = TinyFederation(clients: 20, attack: [attacker], threat: threat)
          let refusals = Planner.visibilityRefusals(of: try federation.pipeline(), threat: threat)
          let lacks = corruption.needs.subtracting(threat.granted(over: Plain().reveals))
          #expect(refusals.count == lacks.count, "\(attack.card.name)")
        }
      }
    }
    for defense in defenseCatalogue {
      let defender = try defaultInstance(defense)
      guard let component = defender as? any RoundComponent else { continue }
      let federation = TinyFederation(
        clients: 20, transport: SumOnly(),
        defense: defender is any Aggregator ? [defender] : [defender, Mean()])
      let refusals = Planner.visibilityRefusals(
        of: try federation.pipeline(), threat: federation.threat)
      let lacks = component.needs.subtracting([.sum, .globalModel, .rootData])
      #expect(
        component is any UpdateTransform || refusals.count == lacks.count, "\(defense.card.name)")
    }
  }

  @Test("an attack that tries out a rule with root data is refused unless it knows them")
  func rootData() throws {
    let attack = ScriptedCorruption(needs: [.ownUpdates, .aggregationRule]) { view in
      view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
    }
    let federation = TinyFederation(attack: [attack], defense: [RootReader()])
    for knows in [false, true] {
      let threat = ThreatModel(attackers: 2, knowsRoot: knows)
      let refusals = Planner.visibilityRefusals(of: try federation.pipeline(), threat: threat)
      #expect(refusals.isEmpty == knows)
      if !knows {
        #expect("\(refusals[0])".hasSuffix("hides it; give the threat 'knows-root: true'"))
      }
    }
  }

  /// A rule that needs the server's own examples.
  struct RootReader: Aggregator {
    static let card = Card(name: "root-reader", summary: "", needs: [.sum, .rootData])
    init(_ parameters: NoParameters = NoParameters()) {}
    func aggregate(
      _ view: AggregationView, using generator: inout Generator, memory: inout Memory
    ) throws -> Aggregation {
      Aggregation(.vector(try view.rootData(for: cardName).update(examples: 10)))
    }
  }

  @Test("what it suggests works")
  func suggestion() throws {
    let own = TinyFederation(
      transport: SumOnly(), attack: [try ALIE(knowledge: .own)],
      threat: ThreatModel(attackers: 2, knowledge: .own))
    #expect(Planner.refusals(of: try own.pipeline(), threat: own.threat, clients: 7).isEmpty)
    #expect(try own.run().model.isFinite)
  }

  @Test("the refusal reads as one line")
  func text() throws {
    let federation = TinyFederation(transport: SumOnly(), defense: [try Krum(f: 1)])
    let refusals = Planner.refusals(
      of: try federation.pipeline(), threat: federation.threat, clients: 7)
    #expect(
      refusals.map(\.description) == [
        "krum needs individual updates; sum-only reveals only the sum; use a transport that reveals "
          + "individual updates, such as plain, or group sums, such as double-masking with groups, "
          + "or a rule that needs only the sum, such as mean"
      ])
  }

  @Test("rules for updates work on group sums, but not those that need to know who sent what")
  func groupSums() throws {
    var parameters = DoubleMasking.defaults
    parameters.groups = 6
    let transport = try DoubleMasking(parameters)
    // By hand: rules that follow a client from round to round, count its steps or its staleness, or
    // promise privacy to it.
    let needsClients: Set<String> = [
      "flanders", "foolsgold", "monna", "safeguard", "norm-clipping-dp",
    ]
    var refused: Set<String> = []
    for defense in defenseCatalogue {
      let defender = try defaultInstance(defense)
      guard defender is any RoundComponent, !(defender is any UpdateTransform) else { continue }
      let federation = TinyFederation(
        clients: 20, transport: transport,
        defense: defender is any Aggregator ? [defender] : [defender, Mean()])
      if !Planner.visibilityRefusals(of: try federation.pipeline(), threat: federation.threat)
        .isEmpty
      {
        refused.insert(defense.card.name)
      }
    }
    #expect(refused == needsClients)

    // Six rows: enough for one fault, not for three.
    func refusals(_ defense: [any Component], clients: Int = 20) throws -> [String] {
      let federation = TinyFederation(clients: clients, transport: transport, defense: defense)
      return Planner.refusals(
        of: try federation.pipeline(), threat: federation.threat, clients: clients
      ).map(\.description)
    }
    #expect(try refusals([try TrimmedMean(f: 1)]).isEmpty)
    #expect(
      try refusals([try TrimmedMean(f: 3)]) == [
        "trimmed-mean with f = 3 needs at least 7 updates a round, but it gets 6; at 6 updates f may "
          + "be at most 2"
      ])
    #expect(
      try refusals([Mean()], clients: 17) == [
        "double-masking needs at least 18 clients a round, but it gets 17; let more clients take part, "
          + "or make fewer groups"
      ])
  }

  @Test("an observer is held to what the transport reveals")
  func observer() throws {
    let report = SpyReport()
    let spy = Spy(report, needs: [.individualUpdates, .clientIdentity])
    let federation = TinyFederation(transport: SumOnly(), attack: [spy])
    let refusals = Planner.visibilityRefusals(
      of: try federation.pipeline(), threat: federation.threat)
    #expect(
      Set(refusals.map(\.reason)).isSuperset(of: [
        "needs client identities; sum-only reveals only the sum",
        "needs individual updates; sum-only reveals only the sum",
      ]))
  }

  @Test("what infers members is refused where clients share examples, before the run and in it")
  func overlap() throws {
    let spy = Spy(SpyReport(), needs: [.disjointClients])
    let federation = TinyFederation(attack: [spy])
    let pipeline = try federation.pipeline()
    func refusals(areDisjoint: Bool) -> [Refusal] {
      Planner.refusals(
        of: pipeline, threat: federation.threat, clients: 7, areDisjoint: areDisjoint)
    }
    #expect(refusals(areDisjoint: true).isEmpty)
    #expect(
      Set(refusals(areDisjoint: false).map(\.reason)) == [
        "needs clients that share no example; the partition gives examples to several"
      ])
    var scenario = try federation.scenario()
    _ = try scenario.run()
    scenario.shares = ClientShares([[0, 1, 2, 3], [3, 4, 5, 6], [7, 8, 9]])
    #expect(throws: FederationError.self) { try scenario.run() }
    scenario.pipeline.attack = .init()
    _ = try scenario.run()
  }

  /// Rules that need an honest majority, n = 2f+1 (definitions).
  static let majorities = [
    "median", "trimmed-mean", "nnm", "mea-med", "phocas", "geometric-median", "mda", "cge", "aksel",
    "monna", "caf", "smea", "filter-l2", "dnc", "safeguard", "slsgd", "residual-reweighting", "arc",
  ]

  /// n at which each rule just withstands f.
  static var minimum: [(name: String, of: @Sendable (Int) -> Int)] {
    var rules: [(name: String, of: @Sendable (Int) -> Int)] = [
      ("krum", { 2 * $0 + 3 }), ("multi-krum", { 2 * $0 + 3 }), ("bulyan", { 4 * $0 + 3 }),
      ("zeno", { $0 + 1 }),
    ]
    for name in majorities { rules.append((name, { 2 * $0 + 1 })) }
    return rules
  }

  @Test("sizes are refused below the minimum, accepted at it, and the largest f is named")
  func sizes() throws {
    for (name, minimum) in Self.minimum {
      let type = try #require(defenseCatalogue.first { $0.card.name == name })
      for f in 1...5 {
        let needed = minimum(f)
        func refusals(_ n: Int) throws -> [Refusal] {
          let defense = try defaultInstance(type)
          let federation = TinyFederation(
            defense: defense is any Aggregator ? [defense] : [defense, Mean()],
            threat: ThreatModel(attackers: 1, assumedF: .exactly(f)))
          return Planner.refusals(
            of: try federation.pipeline(), threat: federation.threat, clients: n)
        }
        #expect(try refusals(needed).isEmpty, "\(name)")
        #expect(
          try refusals(needed - 1).map(\.description) == [
            "\(name) with f = \(f) needs at least \(needed) updates a round, but it gets "
              + "\(needed - 1); at \(needed - 1) updates f may be at most \(f - 1)"
          ])
      }
    }
  }

  @Test("the cohort counts, not the population; a Poisson cohort has no bound")
  func cohorts() throws {
    var federation = TinyFederation(
      algorithm: [FedAvg(), try UniformSampling(clients: 6)], defense: [try Krum(f: 2)])
    #expect(
      Planner.refusals(of: try federation.pipeline(), threat: federation.threat, clients: 50).map(
        \.reason) == ["with f = 2 needs at least 7 updates a round, but it gets 6"])
    federation.algorithm = [FedAvg(), try PoissonSampling(rate: 0.1)]
    #expect(
      Planner.refusals(of: try federation.pipeline(), threat: federation.threat, clients: 50)
        .isEmpty)
  }

  @Test("a rule without hope at this size says what it needs at least")
  func hopeless() throws {
    let federation = TinyFederation(defense: [try Krum(f: 1)])
    #expect(
      Planner.sizeRefusals(of: try federation.pipeline(), threat: federation.threat, clients: 2)
        .map(\.suggestion) == ["even at f = 0 it needs 3 updates"])
  }
}
