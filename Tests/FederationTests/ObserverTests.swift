import Components
import Datasets
import Federation
import Learning
import Randomness
import SecureAggregation
import Synchronization
import Tensors
import Testing

/// An observer that notes what it could get hold of, guesses how often it was shown something, and is
/// judged by a closure.
private struct Curious: Observer {
  static let card = Card(name: "curious", summary: "Asks for everything it is granted.")
  struct Seen: Sendable {
    var observation: Observation
    var sizes: [[Int]?] = []
    var counts: [[Int]?] = []
    var labels: [[Int32]?] = []
    var errors: [String] = []
  }
  final class Log: Sendable {
    private let storage = Mutex<[Seen]>([])
    private let lines = Mutex<[String]>([])
    var entries: [Seen] { storage.withLock { $0 } }
    var events: [String] { lines.withLock { $0 } }
    func add(_ seen: Seen) { storage.withLock { $0.append(seen) } }
    func note(_ event: String) { lines.withLock { $0.append(event) } }
  }
  struct Rounds: Codable, Sendable { var count = 0 }

  let needs: Set<Capability>
  let inquiry: Inquiry?
  let log: Log
  let verdict: @Sendable (GroundTruth) -> Conclusion
  init(_ parameters: NoParameters) { self.init(needs: []) }
  init(
    needs: Set<Capability>, inquiry: Inquiry? = nil, log: Log = Log(),
    verdict: @escaping @Sendable (GroundTruth) -> Conclusion = { _ in Conclusion() }
  ) {
    (self.needs, self.inquiry, self.log, self.verdict) = (needs, inquiry, log, verdict)
  }

  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) {
    var seen = Seen(observation: observation)
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { seen.errors.append("\(error)") }
    }
    for row in observation.items.indices {
      attempt { seen.sizes.append(try observation.batchSizes(of: row)) }
      attempt { seen.counts.append(try observation.labelCounts(of: row)) }
      attempt { seen.labels.append(try observation.labels(of: row)) }
    }
    attempt { _ = try observation.training() }
    attempt { _ = try observation.normalisation() }
    attempt { _ = try observation.publicExamples() }
    log.add(seen)
    memory[Rounds.self] = Rounds(count: (memory[Rounds.self]?.count ?? 0) + 1)
  }

  func guess(using generator: inout Generator, memory: inout Memory) -> Int {
    log.note("guess")
    return memory[Rounds.self]?.count ?? 0
  }

  func judge(_ guess: Int, against truth: GroundTruth) -> Conclusion {
    log.note("judge")
    var conclusion = verdict(truth)
    conclusion.figures["rounds"] = Double(guess)
    return conclusion
  }
}

@Suite("Observers")
struct ObserverTests {
  private static let everything = Set(ServerFact.allCases.map(\.capability))

  @Test("guess before anybody is judged; figures that two share are told apart by the observer")
  func order() throws {
    let log = Curious.Log()
    let record = try TinyFederation(
      attack: [Curious(needs: [], log: log), Curious(needs: [], log: log)]
    ).run()
    #expect(log.events == ["guess", "guess", "judge", "judge"])
    #expect(Set(record.conclusions.keys) == ["curious", "curious 2"])
    #expect(record.figures == ["rounds (curious)": 3, "rounds (curious 2)": 3])
  }

  @Test("are granted what the threat model names and they ask for, and no more")
  func granted() throws {
    let cases: [(needs: Set<Capability>, knows: [ServerFact]?, refused: Int)] = [
      ([], ServerFact.allCases, 7 * 3 + 3), (Self.everything, [], 7 * 3 + 3),
      (Self.everything, nil, 7 * 2 + 1), (Self.everything, ServerFact.allCases, 0),
      ([.batchSize, .labelCounts], ServerFact.allCases, 7 + 3),
    ]
    for (needs, knows, refused) in cases {
      let log = Curious.Log()
      var federation = TinyFederation(attack: [Curious(needs: needs, log: log)])
      federation.threat.serverKnows = knows
      try federation.run()
      #expect(log.entries.count == 3)
      for seen in log.entries {
        #expect(seen.errors.count == refused, "\(needs) of \(knows ?? [])")
        #expect(seen.observation.candidates.isEmpty)
      }
    }
  }

  @Test("are told of labels and batches what the trainer really used: its steps give the update")
  func facts() throws {
    let log = Curious.Log()
    let federation = TinyFederation(
      attack: [Curious(needs: Self.everything, log: log, verdict: Self.replay(log))],
      threat: ThreatModel(attackers: 0, serverKnows: ServerFact.allCases))
    let record = try federation.run()
    #expect(record.figures["largest error"].map { $0 < 1e-6 } == true)
    #expect(record.figures["updates"] == 21)
    for seen in log.entries {
      // Two epochs over six examples in batches of four: steps of 4, 2, 4 and 2.
      #expect(seen.sizes.allSatisfy { $0 == [4, 2, 4, 2] })
      #expect(seen.counts.allSatisfy { $0 == [3, 3] })
      #expect(seen.labels.allSatisfy { $0?.count == 12 })
    }
  }

  /// Plain gradient steps along the batches that the truth names, against what was sent.
  private static func replay(_ log: Curious.Log) -> @Sendable (GroundTruth) -> Conclusion {
    { truth in
      var (largest, updates) = (0.0, 0.0)
      for seen in log.entries {
        let round = seen.observation.round
        for (row, item) in seen.observation.items.enumerated() {
          guard let client = item.clients?.first,
            let batches = truth.batches(of: client, inRound: round)
          else { continue }
          let examples = truth.examples(of: client)
          var local = seen.observation.modelBefore
          for batch in batches {
            var gradient = Vector(zeros: local.count)
            _ = try? truth.network.lossAndGradient(
              parameters: local, examples: examples, batch: batch, mode: .evaluation,
              workspace: Workspace(for: truth.network), gradient: &gradient)
            local.add(gradient, scale: -0.5)
          }
          let sent = seen.observation.modelBefore + seen.observation.updates.row(row)
          largest = max(largest, local.squaredDistance(to: sent).squareRoot())
          let labels = batches.flatMap { $0.map { examples.labels[$0] } }
          if seen.labels[row] != labels { largest = .greatestFiniteMagnitude }
          updates += 1
        }
      }
      return Conclusion(figures: ["largest error": largest, "updates": updates])
    }
  }

  @Test("without the order they get one epoch's labels, sorted; of a sum those of all clients")
  func unordered() throws {
    let log = Curious.Log()
    let needs: Set<Capability> = [.exampleLabels, .batchSize, .labelCounts]
    var federation = TinyFederation(attack: [Curious(needs: needs, log: log)])
    federation.threat = ThreatModel(attackers: 0, serverKnows: ServerFact.allCases)
    try federation.run()
    #expect(log.entries.allSatisfy { $0.labels.allSatisfy { $0 == [0, 0, 0, 1, 1, 1] } })
    let sums = Curious.Log()
    federation.attack = [Curious(needs: needs, log: sums)]
    federation.transport = SumOnly()
    try federation.run()
    for seen in sums.entries {
      #expect(seen.counts == [[42, 42]] && seen.sizes == [[84]])
    }
  }

  @Test("are asked about members and others in random order; what these are is for the judge alone")
  func candidates() throws {
    let log = Curious.Log()
    let inquiry = Inquiry(clients: 2, members: 4, nonMembers: 4, otherMembers: 3)
    var federation = TinyFederation(
      attack: [
        Curious(needs: [.candidates], inquiry: inquiry, log: log) { truth in
          var figures: [String: Double] = [:]
          for candidates in log.entries[0].observation.candidates {
            let own = Set(truth.examples(of: candidates.client).features)
            let test = Set(truth.test.features)
            let standings = truth.standings(about: candidates.client)
            for (index, standing) in standings.enumerated() {
              let features = candidates.examples.features(of: index)
              let isRight =
                switch standing {
                case .member: features.allSatisfy(own.contains)
                case .nonMember: features.allSatisfy(test.contains)
                case .memberOf(let other):
                  other != candidates.client
                    && features.allSatisfy(Set(truth.examples(of: other).features).contains)
                }
              figures["\(standing)".prefix(8) + (isRight ? "" : " wrong"), default: 0] += 1
            }
            let isSorted = standings.firstIndex(of: .nonMember).map { first in
              !standings[first...].contains(.member)
            }
            if isSorted == true { figures["in order", default: 0] += 1 }
          }
          return Conclusion(figures: figures)
        }
      ], threat: ThreatModel(attackers: 0))
    let record = try federation.run()
    // Both classes are as frequent among a client's examples, so among what nobody trains on too.
    #expect(record.figures["member"] == 8 && record.figures["nonMembe"] == 8)
    #expect(record.figures["memberOf"] == 6)
    #expect(record.figures.keys.allSatisfy { !$0.contains("wrong") && $0 != "in order" })
    let asked = log.entries[0].observation.candidates
    #expect(asked.map(\.client) == asked.map(\.client).sorted() && asked.count == 2)
    #expect(asked.allSatisfy { $0.examples.count == 11 })

    federation.threat.serverKnows = [.batchSize]
    let silent = Curious.Log()
    federation.attack = [Curious(needs: [], inquiry: inquiry, log: silent)]
    try federation.run()
    #expect(silent.entries.allSatisfy { $0.observation.candidates.isEmpty })
  }

  @Test("may conclude no number that is none")
  func notFinite() throws {
    for conclusion in [
      Conclusion(figures: ["PSNR": .infinity]),
      Conclusion(curves: ["ROC": .init(x: [0, 1], y: [0, .nan])]),
    ] {
      let federation = TinyFederation(attack: [Curious(needs: []) { _ in conclusion }])
      let what = conclusion.curves.isEmpty ? "figure 'PSNR'" : "curve 'ROC'"
      #expect(throws: FederationError.notFinite(component: "curious", what: what)) {
        try federation.run()
      }
    }
  }

  @Test("are refused before the run where the threat model hides what they need")
  func refused() throws {
    let federation = TinyFederation(attack: [Curious(needs: [.exampleLabels, .batchSize])])
    let refusals = Planner.visibilityRefusals(
      of: try federation.pipeline(), threat: federation.threat)
    #expect(
      refusals.map(\.description) == [
        "curious needs the clients' labels; the threat model grants the server only candidate "
          + "examples, the batch size, the clients' hyper-parameters, the input normalisation; add "
          + "labels to the threat's 'server-knows'"
      ])
    var granted = federation.threat
    granted.serverKnows = [.labels, .batchSize]
    #expect(Planner.visibilityRefusals(of: try federation.pipeline(), threat: granted).isEmpty)
  }

  @Test("a threat model that says nothing of the server is written as before")
  func threatCoding() throws {
    #expect(try ParameterCoding.node(of: ThreatModel())["server-knows"] == nil)
    let twice: Void? = try? ThreatModel(serverKnows: [.labels, .labels]).validate()
    #expect(twice == nil)
  }
}
