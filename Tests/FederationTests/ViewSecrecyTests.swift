import Attacks
import Components
import Datasets
import Defenses
import Federation
import Learning
import SecureAggregation
import Tensors
import Testing

/// Hostile components dig in everything they are handed, by reflection too.
@Suite("What a view grants")
struct ViewSecrecyTests {
  static let seed: UInt64 = 0xDEAD_BEEF_CAFE_F00D
  /// A value that only the update of this client holds; no mean of several is one of them.
  static func mark(_ client: Int) -> Float { Float(100 * (1 << client) + 1) }

  /// A run in which spies stand at every hostile position; the trainer marks whose update is whose.
  static func spied(
    over transport: any Component, knowledge: ThreatModel.Knowledge, needs: Set<Capability>
  ) throws -> (findings: [SpyReport.Finding], colluders: [Int]) {
    let report = SpyReport()
    var federation = TinyFederation(
      seed: seed, transport: transport, attack: [Spy(report, needs: needs)],
      defense: [Spy(report)],
      threat: ThreatModel(attackers: 2, knowledge: knowledge))
    federation.algorithm = [
      ScriptedTrainer { client, _ in
        (0..<TinyFederation.dimension).map { _ in mark(client) }
      }
    ]
    try federation.run()
    return (report.findings, try federation.scenario().colluders)
  }

  /// The clients whose updates a spy got hold of.
  static func exposed(_ snoop: Snoop) -> [Int] {
    (0..<TinyFederation().clients).filter { snoop.floats.contains(mark($0)) }
  }

  static let transports: [any Component] = [Plain(), SumOnly()]

  @Test(
    "holds no data, no seed, no stream and no threat model", arguments: transports.indices,
    [ThreatModel.Knowledge.omniscient, .own])
  func secrets(_ transport: Int, _ knowledge: ThreatModel.Knowledge) throws {
    let (findings, _) = try Self.spied(
      over: Self.transports[transport], knowledge: knowledge, needs: [.honestUpdates])
    #expect(
      Set(findings.map(\.position))
        == ["corruption", "observer", "pre-aggregator", "aggregator"])
    #expect(findings.count == 4 * TinyFederation().rounds)
    let training = Set(try TinyFederation(seed: Self.seed).scenario().data.train.features)
    for finding in findings {
      let place = "\(finding.position) in round \(finding.round)"
      #expect(finding.snoop.secretTypesFound.isEmpty, "\(place)")
      #expect(!finding.snoop.knows(seed: Self.seed), "\(place)")
      #expect(finding.snoop.floats.isDisjoint(with: training), "\(place)")
    }
  }

  @Test("an omniscient attacker sees honest updates only if the transport shows them and it asks")
  func corruption() throws {
    for (transport, knowledge, needs, seesAll) in [
      (Plain(), .omniscient, [.honestUpdates], true),
      (Plain(), .omniscient, [.ownUpdates], false),
      (Plain(), .own, [.honestUpdates], false),
      (SumOnly(), .omniscient, [.honestUpdates], false),
    ] as [(any Component, ThreatModel.Knowledge, Set<Capability>, Bool)] {
      let (findings, colluders) = try Self.spied(
        over: transport, knowledge: knowledge, needs: needs)
      for finding in findings where finding.position == "corruption" {
        let expected = seesAll ? Array(0..<TinyFederation().clients) : colluders
        #expect(Self.exposed(finding.snoop) == expected, "\(transport), \(knowledge), \(needs)")
      }
    }
  }

  @Test("the server sees every update over plain and none over the black box")
  func server() throws {
    for (transport, expected) in [
      (Plain(), Array(0..<TinyFederation().clients)), (SumOnly(), []),
    ] as [(any Component, [Int])] {
      let (findings, _) = try Self.spied(over: transport, knowledge: .omniscient, needs: [])
      for finding in findings where finding.position != "corruption" {
        #expect(Self.exposed(finding.snoop) == expected, "\(finding.position)")
      }
    }
  }

  @Test("a hostile data view reaches the examples of its own client only")
  func data() throws {
    let report = SpyReport()
    let federation = TinyFederation(seed: Self.seed, attack: [DataSpy(report)])
    try federation.run()
    let scenario = try federation.scenario()
    #expect(report.findings.map { Int($0.position) } == scenario.colluders.map(Optional.some))
    for finding in report.findings {
      let client = try #require(Int(finding.position))
      let own = Set(try scenario.shares.examples(of: client, in: scenario.data.train).features)
      #expect(finding.snoop.floats == own)
      #expect(!finding.snoop.knows(seed: Self.seed))
    }
  }

  @Test(
    "asking for what is not granted is an error that names the attack and the thing",
    arguments: [
      (ThreatModel.Knowledge.own, true), (.omniscient, false),
    ])
  func notGranted(_ knowledge: ThreatModel.Knowledge, _ declares: Bool) throws {
    let greedy = ScriptedCorruption(needs: declares ? [.honestUpdates] : [.ownUpdates]) { view in
      let benign = try view.benign(.omniscient)
      return view.colluders.map { _ in CraftedUpdate(benign.mean()) }
    }
    let federation = TinyFederation(
      attack: [greedy], threat: ThreatModel(attackers: 2, knowledge: knowledge))
    #expect(
      throws: FederationError.notGranted(
        component: "scripted-corruption", what: "honest clients' updates")
    ) { try federation.run() }
  }

  @Test("the library's own loop grants no more either")
  func ownLoop() throws {
    let greedy = ScriptedCorruption(needs: [.ownUpdates]) { view in
      [CraftedUpdate(try view.benign(.omniscient).mean())]
    }
    #expect(
      throws: FederationError.notGranted(
        component: "scripted-corruption", what: "honest clients' updates")
    ) { try greedy.crafted(own: [[1, 2]], honest: [[3, 4]]) }
  }
}
