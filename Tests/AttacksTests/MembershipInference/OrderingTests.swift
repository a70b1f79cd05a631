import Algorithms
import Attacks
import Components
import Datasets
import Defenses
import Federation
import Learning
import MembershipInference
import Randomness
import Synchronization
import Tensors
import TestSupport
import Testing

/// Measures every client on every candidate in every round, and hands all of it to a test.
private struct Surveyor: Observer {
  static let card = Card(
    name: "surveyor", summary: "Measures everything.", needs: [.candidates, .individualUpdates])
  struct Survey: Codable, Sendable {
    var losses: [Double] = []
    var cosines: [Double] = []
    var rounds = 0
    var examples = 0
  }
  struct Memories: Codable, Sendable { var surveys: [Int: Survey] = [:] }
  final class Log: Sendable {
    private let storage = Mutex<[(client: Int, survey: Survey, standings: [Standing])]>([])
    var all: [(client: Int, survey: Survey, standings: [Standing])] { storage.withLock { $0 } }
    func add(_ client: Int, _ survey: Survey, _ standings: [Standing]) {
      storage.withLock { $0.append((client, survey, standings)) }
    }
  }
  let log: Log
  let clients: Int
  var inquiry: Inquiry? { Inquiry(clients: clients, members: 20, nonMembers: 20) }
  init(_ parameters: NoParameters) { self.init(Log(), clients: 1) }
  init(_ log: Log, clients: Int) { (self.log, self.clients) = (log, clients) }

  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    var memories = memory[Memories.self] ?? Memories()
    let deltas = (0..<clients).compactMap { client in
      observation.items.firstIndex { $0.clients == [client] }.map { observation.updates.row($0) }
    }
    for asked in observation.candidates {
      let probe = ExampleProbe(observation.network, asked.examples)
      var survey = memories.surveys[asked.client] ?? Survey()
      for delta in deltas {
        survey.losses += try probe.negatedLosses(observation.modelBefore + delta)
      }
      survey.cosines += try probe.cosines(
        at: observation.modelBefore, with: deltas.map { UpdateDirection(delta: $0) }
      ).flatMap { $0 }
      survey.rounds += 1
      survey.examples = asked.examples.count
      memories.surveys[asked.client] = survey
    }
    memory[Memories.self] = memories
  }
  func guess(using generator: inout Generator, memory: inout Memory) -> Memories {
    memory[Memories.self] ?? Memories()
  }
  func judge(_ guess: Memories, against truth: GroundTruth) -> Conclusion {
    for (client, survey) in guess.surveys.sorted(by: { $0.key < $1.key }) {
      log.add(client, survey, truth.standings(about: client))
    }
    return Conclusion()
  }
}

@Suite("Orderings of membership attacks in the round", .enabled(if: isOptimizedBuild))
struct MembershipOrderingTests {
  /// Clients that are alike, each with half of its own examples in training and half held out.
  struct SetUp: Sendable {
    var clients = 10
    /// In training, a client; as many are held out.
    var examples = 20
    var epochs = 1
    var wrongLabels = 0.2
    var rounds = 10
  }

  private func survey(_ setUp: SetUp, seed: UInt64) throws -> Surveyor.Log {
    let log = Surveyor.Log()
    let (each, half) = (2 * setUp.examples, setUp.examples)
    var parameters = Handwriting.defaults
    (parameters.examples, parameters.testExamples) = (setUp.clients * each, 40)
    (parameters.wrongLabels, parameters.testWrongLabels) = (setUp.wrongLabels, setUp.wrongLabels)
    var generator = Generator(seed: seed)
    let data = try Handwriting(parameters).load(using: &generator)
    let network = try MLP(.init(hidden: [24])).network(
      inputShape: data.train.shape, classes: data.train.classes)
    let order = generator.permutation(data.train.count)
    let shares = (0..<setUp.clients).map { Array(order[($0 * each)..<(($0 + 1) * each)]) }
    var scenario = Scenario(
      data: data, shares: ClientShares(shares.map { $0.prefix(half).sorted() }), network: network,
      training: TrainingOptions(
        rounds: setUp.rounds, epochs: setUp.epochs, batchSize: 10, learningRate: 0.1,
        evaluateEvery: setUp.rounds),
      pipeline: try RoundPipeline(
        algorithm: [FedAvg()], transport: Plain(), attack: [Surveyor(log, clients: setUp.clients)],
        defense: [Mean()]),
      threat: ThreatModel(attackers: 1), seed: seed)
    scenario.heldOut = shares.map { $0.suffix(half).sorted() }
    _ = try scenario.run()
    return log
  }

  /// The area under the curve of each attack in one run, of the last round and of all.
  private func areas(_ setUp: SetUp, seed: UInt64) throws -> [String: Double] {
    struct Scored { var scores: [Double] = []; var truths: [Bool] = [] }
    var table: [String: Scored] = [:]
    for (client, survey, standings) in try survey(setUp, seed: seed).all {
      // Members of other clients are another question.
      let judged = standings.indices.filter { place in
        if case .memberOf = standings[place] { false } else { true }
      }
      for (kind, values) in [("loss", survey.losses), ("cosine", survey.cosines)] {
        for (span, rounds) in [("last round", 1), ("all rounds", survey.rounds)] {
          let measured = try RoundMeasurements(
            rounds: rounds, clients: setUp.clients, examples: survey.examples,
            Array(values.suffix(rounds * setUp.clients * survey.examples)))
          for (name, scores) in [
            ("client", try measured.seriesScores(client: client)),
            ("fedmia", try measured.fedMIAScores(client: client)),
          ] {
            let key = "\(name) \(kind), \(span)"
            table[key, default: Scored()].scores += judged.map { scores[$0] }
            table[key, default: Scored()].truths += judged.map { standings[$0].isMember }
          }
        }
      }
    }
    return try table.mapValues { scored in
      try ScoreEvaluation(
        try JudgedScores(scores: scored.scores, isMember: scored.truths),
        options: .init(resamples: 0)
      ).areaUnderCurve.value
    }
  }

  /// Row 12 of the study of inference, over twelve runs, 2,400 members and as many others. Each
  /// bound is one-sided with 99.9%, so the test passes at most 5 times in 1,000 in a world without
  /// any of these orders.
  ///
  /// It takes clients that overfit little and examples of unequal difficulty (a fifth of the labels
  /// is wrong). Of four set-ups, on twelve other seeds, differences with these bounds:
  ///
  /// | clients, epochs, wrong labels, examples | I all - last | I - loss series | II - I |
  /// | --- | --- | --- | --- |
  /// | 10, 1, 20%, 20: this one | 0.011 ± 0.006 | 0.089 ± 0.043 | 0.020 ± 0.007 |
  /// | 10, 2, 10%, 20 | 0.006 ± 0.005 | 0.031 ± 0.022 | 0.014 ± 0.006 |
  /// | 6, 2, 10%, 20 | 0.009 ± 0.014 | -0.002 ± 0.037 | 0.016 ± 0.006 |
  /// | 5, 3, 10%, 60 | 0.026 ± 0.023 | 0.012 ± 0.061 | 0.009 ± 0.008 |
  ///
  /// Two orders of the paper's do not hold here. A client's cosines alone do better than compared
  /// with the others', in all four (by 0.015 ± 0.008 here, 0.047 ± 0.029 in the last). And the
  /// series of losses is not above those of the last round, whose model has learnt most by heart
  /// (-0.011 ± 0.020 here).
  @Test("several rounds over one; all clients over one's losses; cosine over loss")
  func rowTwelve() throws {
    let runs = try (1...PairedRuns.count).map { try areas(SetUp(), seed: UInt64($0)) }
    func paired(_ larger: String, over smaller: String) -> PairedRuns {
      PairedRuns(runs.map { $0[larger] ?? 0 }, over: runs.map { $0[smaller] ?? 1 })
    }
    for (larger, smaller) in [
      ("fedmia loss, all rounds", "fedmia loss, last round"),
      ("fedmia cosine, all rounds", "fedmia cosine, last round"),
      ("client cosine, all rounds", "client cosine, last round"),
      ("fedmia loss, all rounds", "client loss, all rounds"),
      ("fedmia cosine, all rounds", "fedmia loss, all rounds"),
      // Not as published.
      ("client cosine, all rounds", "fedmia cosine, all rounds"),
    ] {
      let difference = paired(larger, over: smaller)
      #expect(difference.lower > 0, "\(larger) over \(smaller): \(difference)")
    }
    let series = paired("client loss, all rounds", over: "client loss, last round")
    #expect(series.lower < 0, "the series of losses is over its last round: \(series)")
  }
}
