import Algorithms
import Attacks
import Components
import Datasets
import Defenses
import Federation
import Foundation
import Learning
import Randomness
import SecureAggregation
import Synchronization
import Tensors
import Testing

/// Keeps what the server saw and what was asked.
private struct Ledger: Observer {
  static let card = Card(
    name: "ledger", summary: "Keeps everything.", needs: [.candidates, .trainingParameters])
  final class Log: Sendable {
    private let storage = Mutex<[Observation]>([])
    private let answers = Mutex<[Int: [Standing]]>([:])
    var rounds: [Observation] { storage.withLock { $0 } }
    var standings: [Int: [Standing]] { answers.withLock { $0 } }
    func add(_ round: Observation) { storage.withLock { $0.append(round) } }
    func note(_ standings: [Standing], about client: Int) {
      answers.withLock { $0[client] = standings }
    }
  }
  let log: Log
  let inquiry: Inquiry?
  init(_ parameters: NoParameters) { self.init(Log(), nil) }
  init(_ log: Log, _ inquiry: Inquiry?) { (self.log, self.inquiry) = (log, inquiry) }
  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) { log.add(observation) }
  func guess(using generator: inout Generator, memory: inout Memory) {}
  func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion {
    for client in 0..<truth.clients { log.note(truth.standings(about: client), about: client) }
    return Conclusion()
  }
}

/// FedAvg that notes what each client received.
private struct ReceivedModels: LocalTrainer {
  static let card = Card(name: "received-models", summary: "Notes what clients receive.")
  final class Log: Sendable {
    private let storage = Mutex<[[Int]: Vector]>([:])
    subscript(client: Int, round: Int) -> Vector? { storage.withLock { $0[[client, round]] } }
    func note(_ task: LocalTask) {
      storage.withLock { $0[[task.client, task.round]] = task.received }
    }
  }
  let log: Log
  init(_ parameters: NoParameters) { self.init(Log()) }
  init(_ log: Log) { self.log = log }
  func train(
    _ task: LocalTask, using generator: inout Generator, memory: inout Memory
  ) throws -> Update {
    log.note(task)
    return try FedAvg().train(task, using: &generator, memory: &memory)
  }
}

/// Softmax regression on two features by the book, in Double: the judge of every measurement.
private struct Book {
  let w: [Double]
  init(_ parameters: Vector) { w = parameters.array.map(Double.init) }
  func probabilities(_ x: [Float]) -> [Double] {
    let z = (0..<2).map { w[2 * $0] * Double(x[0]) + w[2 * $0 + 1] * Double(x[1]) + w[4 + $0] }
    let e = z.map { exp($0 - (z.max() ?? 0)) }
    return e.map { $0 / (e[0] + e[1]) }
  }
  func loss(_ x: [Float], _ y: Int32) -> Double { -log(probabilities(x)[Int(y)]) }
  func gradient(_ x: [Float], _ y: Int32) -> [Double] {
    let d = probabilities(x).enumerated().map { $1 - ($0 == Int(y) ? 1 : 0) }
    return [0, 1].flatMap { [d[$0] * Double(x[0]), d[$0] * Double(x[1])] } + d
  }
}

private func inner(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

@Suite("Membership attacks in the round")
struct MembershipAttackTests {
  private let clients = 5
  private let question = (clients: 3, examples: 10)

  private func scenario(
    _ attack: [any Component], transport: any Component = Plain(), rounds: Int = 3,
    defense: [any Component] = [Mean()], labelNoise: Double = 0.3, rate: Double = 0.5,
    threat: ThreatModel = ThreatModel(
      attackers: 1, serverKnows: [.hyperParameters, .candidates, .modifyWeights])
  ) throws -> Scenario {
    var generator = Generator(seed: 4).fork("membership attack tests")
    func part(_ count: Int) throws -> LabeledExamples {
      let truths = (0..<count).map { Int32($0 % 2) }
      let features = truths.flatMap { y in
        (0..<2).map { _ in Float(2 * y - 1) + Float(generator.normal()) }
      }
      let labels = truths.map { generator.bernoulli(labelNoise) ? 1 - $0 : $0 }
      return try LabeledExamples(features: features, labels: labels, shape: [2], classes: 2)
    }
    return Scenario(
      data: DataSplit(
        name: "tiny", train: try part(clients * 24), test: try part(60), attribution: "made up"),
      shares: ClientShares((0..<clients).map { Array($0 * 24..<($0 + 1) * 24) }),
      network: try Logistic().network(inputShape: [2], classes: 2),
      training: TrainingOptions(
        rounds: rounds, epochs: 2, batchSize: 6, learningRate: rate, evaluateEvery: rounds),
      pipeline: try RoundPipeline(
        algorithm: [FedAvg()], transport: transport, attack: attack, defense: defense),
      threat: threat, seed: 9)
  }

  /// The scores that an attack concluded by client, candidates in order, and what a ledger saw.
  private func run(
    _ attack: any MembershipAttack, transport: any Component = Plain()
  ) throws -> (scores: [Int: [Double]], log: Ledger.Log, conclusion: Conclusion) {
    let log = Ledger.Log()
    let record = try scenario(
      [attack, Ledger(log, attack.inquiry)], transport: transport
    ).run()
    let conclusion = try #require(record.conclusions[attack.cardName])
    let table = try #require(conclusion.tensors["membership scores"])
    var scores: [Int: [Double]] = [:]
    for start in stride(from: 0, to: table.values.count, by: 3) {
      let client = Int(table.values[start + 2])
      let place = scores[client]?.count ?? 0
      scores[client, default: []].append(Double(table.values[start]))
      // The table says what the round says.
      let standing = try #require(log.standings[client])[place]
      switch standing {
      case .member: #expect(table.values[start + 1] == 1)
      case .nonMember: #expect(table.values[start + 1] == 0)
      case .memberOf: #expect(table.values[start + 1] == 2)
      }
    }
    return (scores, log, conclusion)
  }

  /// The mean over rounds of `measure`, of every candidate.
  private func expected(
    _ log: Ledger.Log,
    _ measure: (_ round: Observation, _ client: Int, _ x: [Float], _ y: Int32) -> Double
  ) -> [Int: [Double]] {
    var sums: [Int: [Double]] = [:]
    for round in log.rounds {
      for asked in round.candidates {
        let values = (0..<asked.examples.count).map {
          measure(round, asked.client, asked.examples.features(of: $0), asked.examples.labels[$0])
        }
        sums[asked.client] = sums[asked.client].map { zip($0, values).map { $0 + $1 } } ?? values
      }
    }
    return sums.mapValues { $0.map { $0 / Double(log.rounds.count) } }
  }

  private func delta(_ round: Observation, _ client: Int) -> Vector {
    let row = round.items.firstIndex { $0.clients == [client] } ?? 0
    return round.updates.row(row)
  }

  private func expectSame(_ a: [Int: [Double]], _ b: [Int: [Double]], _ comment: String) {
    #expect(Set(a.keys) == Set(b.keys), "\(comment)")
    for (client, values) in a {
      for (x, y) in zip(values, b[client] ?? []) {
        #expect(abs(x - y) < 2e-5 * (1 + abs(y)), "\(comment), client \(client): \(x) \(y)")
      }
    }
  }

  @Test("lists exactly the files of its folder, and every card has a control and its parameters")
  func catalogue() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("attacks/MembershipInference")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && !$0.hasSuffix("Catalogue.swift") }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(membershipAttackCatalogue.map { "\($0)" }) == Set(files))
    func keys<C: Component>(_ type: C.Type) throws -> Set<String> {
      Set(try ParameterCoding.node(of: C.defaults).entries?.map(\.key) ?? [])
    }
    for type in membershipAttackCatalogue {
      let documented = Set(type.card.parameters.map(\.key))
      #expect(try keys(type).isSubset(of: documented), "\(type)")
      #expect(type.card.control?.measure == .figure("AUC lower"), "\(type)")
    }
  }

  @Test("loss, gradient norm, cosine and difference are those of the book, of client and of sum")
  func measurements() throws {
    for view in MembershipView.allCases {
      let asked = ViewedQuestion(view: view, clients: 3, examples: 10)
      func change(_ round: Observation, _ client: Int) -> Vector {
        view == .client ? delta(round, client) : round.modelAfter - round.modelBefore
      }
      let loss = try run(try LossSeries(asked))
      expectSame(
        loss.scores,
        expected(loss.log) { -Book($0.modelBefore + change($0, $1)).loss($2, $3) }, "loss \(view)")
      let norm = try run(try GradientNorm(asked))
      expectSame(
        norm.scores,
        expected(norm.log) { round, client, x, y in
          let g = Book(round.modelBefore + change(round, client)).gradient(x, y)
          return -inner(g, g).squareRoot()
        }, "norm \(view)")
      let cosine = try run(try GradientCosine(asked))
      expectSame(
        cosine.scores,
        expected(cosine.log) { round, client, x, y in
          let g = Book(round.modelBefore).gradient(x, y)
          let u = change(round, client).array.map { -Double($0) }
          return inner(g, u) / (inner(g, g) * inner(u, u)).squareRoot()
        }, "cosine \(view)")
      let difference = try run(try GradientDifference(asked))
      expectSame(
        difference.scores,
        expected(difference.log) { round, client, x, y in
          let g = Book(round.modelBefore).gradient(x, y)
          let row = round.items.firstIndex { $0.clients == [client] } ?? 0
          let steps = view == .client ? round.items[row].steps ?? 1 : 1
          let u = change(round, client).array.map { -Double($0) / (0.5 * steps) }
          let rest = zip(u, g).map { $0 - $1 }
          return inner(u, u) - inner(rest, rest)
        }, "difference \(view)")
    }
  }

  @Test("FedMIA is the normal tail of the client's measurement among the others'")
  func fedMIA() throws {
    for kind in FedMIA.Measurement.allCases {
      let seen = try run(try FedMIA(.init(measurement: kind, clients: 3, examples: 10)))
      let want = expected(seen.log) { round, client, x, y in
        func measure(_ k: Int) -> Double {
          switch kind {
          case .loss: return -Book(round.modelBefore + delta(round, k)).loss(x, y)
          case .cosine:
            let g = Book(round.modelBefore).gradient(x, y)
            let u = delta(round, k).array.map { -Double($0) }
            return inner(g, u) / (inner(g, g) * inner(u, u)).squareRoot()
          }
        }
        let others = (0..<clients).filter { $0 != client }.map(measure)
        let mean = others.reduce(0, +) / Double(others.count)
        let variance =
          others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(others.count - 1)
        return erfc(-(measure(client) - mean) / (2 * variance).squareRoot()) / 2
      }
      // Single precision of losses over small deviations of theirs.
      for (client, values) in seen.scores {
        for (a, b) in zip(values, want[client] ?? []) { #expect(abs(a - b) < 2e-3, "\(kind)") }
      }
    }
  }

  @Test("source inference names the client of the least mean loss")
  func sources() throws {
    let seen = try run(try SourceInference(.init(clients: 3, examples: 10)))
    var right = 0
    var all = 0
    for asked in seen.log.rounds[0].candidates {
      let standings = try #require(seen.log.standings[asked.client])
      for place in 0..<asked.examples.count {
        let (x, y) = (asked.examples.features(of: place), asked.examples.labels[place])
        let losses = (0..<clients).map { k in
          seen.log.rounds.reduce(0) { $0 + Book($1.modelBefore + delta($1, k)).loss(x, y) }
        }
        let named = losses.indices.min { losses[$0] < losses[$1] }
        switch standings[place] {
        case .member: right += named == asked.client ? 1 : 0
        case .memberOf(let other): right += named == other ? 1 : 0
        case .nonMember: continue
        }
        all += 1
      }
    }
    #expect(seen.conclusion.figures["source accuracy"] == Double(right) / Double(all))
    #expect(seen.conclusion.figures["source accuracy of guessing"] == 0.2)
  }

  @Test("isolation sends a victim its own last model, everybody else the global one")
  func isolation() throws {
    let (log, received) = (Ledger.Log(), ReceivedModels.Log())
    let attack = try Isolation(.init(clients: 2, examples: 10))
    var scenario = try scenario([attack, Ledger(log, attack.inquiry)], rounds: 3)
    scenario.pipeline.trainer = ReceivedModels(received)
    let record = try scenario.run()
    let victims = Set(log.rounds[0].candidates.map(\.client))
    #expect(victims.count == 2)
    for client in 0..<clients {
      var own = log.rounds[0].modelBefore
      for (round, seen) in log.rounds.enumerated() {
        let want = victims.contains(client) ? own : seen.modelBefore
        #expect(received[client, round] == want, "client \(client), round \(round)")
        own = own + delta(seen, client)
      }
    }
    // What is asked is the victim's own model.
    let table = try #require(record.conclusions["isolation"]?.tensors["membership scores"])
    let asked = log.rounds[0].candidates[0]
    var model = log.rounds[0].modelBefore
    var mean = 0.0
    for seen in log.rounds {
      model = model + delta(seen, asked.client)
      mean -= Book(model).loss(asked.examples.features(of: 0), asked.examples.labels[0]) / 3
    }
    #expect(abs(Double(table.values[0]) - mean) < 1e-5)
  }

  @Test(
    "server ascent sends those it asks about a model up their candidates' loss, and no one else")
  func serverAscent() throws {
    let (log, received) = (Ledger.Log(), ReceivedModels.Log())
    let attack = try ServerAscent(.init(rate: 0.5, clients: 2, examples: 10))
    var scenario = try scenario([attack, Ledger(log, attack.inquiry)], rounds: 2)
    scenario.pipeline.trainer = ReceivedModels(received)
    let record = try scenario.run()
    let seen = log.rounds[0]
    for client in 0..<clients {
      guard let asked = seen.candidates.first(where: { $0.client == client }) else {
        #expect(received[client, 0] == seen.modelBefore)
        continue
      }
      let book = Book(seen.modelBefore)
      let count = asked.examples.count
      var step = [Double](repeating: 0, count: 6)
      for place in 0..<count {
        let g = book.gradient(asked.examples.features(of: place), asked.examples.labels[place])
        for index in 0..<6 { step[index] += 0.5 * g[index] / Double(count) }
      }
      let sent = try #require(received[client, 0])
      for index in 0..<6 {
        let want = Double(seen.modelBefore.array[index]) + step[index]
        #expect(abs(Double(sent.array[index]) - want) < 1e-5)
      }
    }
    // The score is how far the client brought the loss down again.
    let table = try #require(record.conclusions["server-ascent"]?.tensors["membership scores"])
    let asked = seen.candidates[0]
    let (x, y) = (asked.examples.features(of: 0), asked.examples.labels[0])
    let drops = try log.rounds.map { round in
      let sent = try #require(received[asked.client, round.round])
      return Book(sent).loss(x, y) - Book(sent + delta(round, asked.client)).loss(x, y)
    }
    #expect(abs(Double(table.values[0]) - drops.reduce(0, +) / 2) < 1e-5)
  }

  @Test("client ascent adds the candidates' ascent to the colluders' clean updates")
  func clientAscent() throws {
    let attack = try ClientAscent(.init(rate: 0.5, clients: 2, examples: 10))
    let (log, quiet) = (Ledger.Log(), Ledger.Log())
    let record = try scenario([attack, Ledger(log, attack.inquiry)], rounds: 1).run()
    _ = try scenario([Ledger(quiet, nil)], rounds: 1).run()
    let seen = log.rounds[0]
    let all = seen.candidates.flatMap { asked in
      (0..<asked.examples.count).map {
        Book(seen.modelBefore).gradient(asked.examples.features(of: $0), asked.examples.labels[$0])
      }
    }
    let colluder = try #require(record.colluders.first)
    for client in 0..<clients {
      let clean = delta(quiet.rounds[0], client).array
      for (index, value) in delta(seen, client).array.enumerated() {
        let push = 0.5 * all.reduce(0) { $0 + $1[index] } / Double(all.count)
        let want = Double(clean[index]) + (client == colluder ? push : 0)
        #expect(abs(Double(value) - want) < 1e-5)
      }
    }
    #expect(!seen.candidates.map(\.client).contains(colluder))
  }

  @Test("what the transport hides is refused with the nearest way; what needs the sum alone is not")
  func refusals() throws {
    let threat = ThreatModel(
      attackers: 1, serverKnows: [.hyperParameters, .candidates, .modifyWeights])
    func refusal(_ attack: any Component) throws -> String? {
      let pipeline = try RoundPipeline(
        algorithm: [FedAvg()], transport: SumOnly(), attack: [attack], defense: [Mean()])
      return Planner.visibilityRefusals(of: pipeline, threat: threat).first.map { "\($0)" }
    }
    for attack in [
      try LossSeries(), try GradientCosine(), try GradientDifference(), try GradientNorm(),
      try FedMIA(), try SourceInference(), try WhiteBox(), try ServerAscent(), try Isolation(),
    ] as [any Component] {
      let text = try #require(try refusal(attack))
      #expect(text.contains("sum-only reveals only"), "\(text)")
    }
    for attack in [
      try LossSeries(.init(view: .sum)), try GradientCosine(.init(view: .sum)),
      try GradientNorm(.init(view: .sum)), try GradientDifference(.init(view: .sum)),
      try ClientAscent(),
    ] as [any Component] {
      #expect(try refusal(attack) == nil)
    }
    // Without the threat's leave nobody sends other weights.
    let pipeline = try RoundPipeline(
      algorithm: [FedAvg()], transport: Plain(), attack: [try ServerAscent()], defense: [Mean()])
    let plain = Planner.visibilityRefusals(of: pipeline, threat: ThreatModel(attackers: 1))
    #expect(plain.first.map { "\($0)".contains("modify-weights") } == true, "\(plain)")
    // Nor where nobody plans: the round itself does not let it.
    for attack in [try ServerAscent(), try Isolation()] as [any Component] {
      #expect(throws: (any Error).self) {
        try scenario([attack], threat: ThreatModel(attackers: 1)).run()
      }
    }
  }

  @Test("numbers out of range are refused by name")
  func badParameters() {
    #expect(throws: (any Error).self) { try LossSeries(.init(clients: 0)) }
    #expect(throws: (any Error).self) { try FedMIA(.init(trimming: 0)) }
    #expect(throws: (any Error).self) { try ServerAscent(.init(rate: -1)) }
    #expect(throws: (any Error).self) { try SourceInference(.init(examples: 9)) }
    var box = WhiteBox.Parameters()
    box.known = 100
    #expect(throws: (any Error).self) { try WhiteBox(box) }
  }

  @Test(
    "examples held out of a client's own share are the non-members, and known ones are not judged")
  func heldOut() throws {
    var box = WhiteBox.Parameters()
    (box.clients, box.examples, box.known, box.rounds) = (2, 12, 5, 2)
    let attack = try WhiteBox(box)
    let log = Ledger.Log()
    var scenario = try scenario([attack, Ledger(log, attack.inquiry)])
    scenario.heldOut = scenario.shares.indices.map { Array($0.suffix(12)) }
    scenario.shares.indices = scenario.shares.indices.map { Array($0.prefix(12)) }
    let record = try scenario.run()
    let train = scenario.data.train
    for asked in log.rounds[0].candidates {
      let held = Set(scenario.heldOut[asked.client].map { train.features(of: $0) })
      let own = Set(scenario.shares.indices[asked.client].map { train.features(of: $0) })
      for (place, standing) in try #require(log.standings[asked.client]).enumerated() {
        let x = asked.examples.features(of: place)
        #expect(held.contains(x) == (standing == .nonMember))
        #expect(own.contains(x) == (standing == .member))
      }
      #expect(asked.known.values.count(where: \.self) == 5 && asked.known.count == 10)
    }
    let conclusion = try #require(record.conclusions["white-box"])
    #expect(conclusion.figures["members"] == 14)
    #expect(conclusion.figures["non-members"] == 14)
  }
}
