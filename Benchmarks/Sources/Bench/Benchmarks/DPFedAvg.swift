import Algorithms
import Defenses
import Federation
import Harness
import Tensors

/// What privacy for clients at a trusted server costs on top of a plain round.
enum DPFedAvgBenchmark: Benchmark {
  static let name = "dp-fedavg"
  static let summary = "a round of clip, sum and noise against a plain FedAvg round, same clients"

  static func run(in session: Session) throws {
    for model in ["mlp", "cnn-431k"] {
      let world = try World(model: model, isSmoke: session.isSmoke)
      try check(world, model: model, in: session)
      let (own, plain) = (try world.scenario(noise: 1, norm: 1), try world.scenario())
      let series = try session.effort.measure([
        Side("dp-fedavg") { try world.milliseconds(of: own, for: $0) },
        Side("fedavg") { try world.milliseconds(of: plain, for: $0) },
      ])
      var record = Record(
        benchmark: session.name,
        label: "\(model), \(world.clients) clients of \(world.examples) examples",
        unit: "ms/round", measure: .cost, ours: series[0],
        others: [.init(name: "plain FedAvg", series: series[1])])
      record.titles = .init(ours: "dp-fedavg", other: "plain FedAvg")
      record.target = .atMost(1.1)
      session.add(record)
    }
  }

  /// Without noise, and with a norm that clips nobody, both rounds are the same: the two sides are
  /// compared doing the same work.
  private static func check(_ world: World, model: String, in session: Session) throws {
    let models = try [try world.scenario(noise: 0, norm: 1e4), try world.scenario()].map {
      try $0.run(workers: world.workers).model
    }
    let apart = (models[0] - models[1]).norm / models[1].norm
    session.check(
      "\(model), no noise", outcome: apart < 1e-5 ? .passed : .failed,
      "the models after \(world.rounds) rounds are \(Figure.text(apart)) of their length apart",
      values: ["apart": apart])
  }

  /// The clients of both sides, all of which take part in every round.
  private struct World {
    let clients: Int
    let examples: Int
    let rounds: Int
    let workers = min(2, Core.count)
    private let scenario: Scenario

    init(model: String, isSmoke: Bool) throws {
      (clients, examples, rounds) = isSmoke ? (4, 20, 3) : (20, 600, 6)
      scenario = try ManyClientsBenchmark.scenario(
        model: model, clients: clients, each: examples, cohort: clients)
    }

    /// Plain rounds, or private ones without canaries; every client weighs the same in either.
    func scenario(noise: Double? = nil, norm: Double = 1) throws -> Scenario {
      var parameters = ClientLevelParameters()
      (parameters.noiseMultiplier, parameters.clippingNorm) = (noise, norm)
      parameters.canaries = 0
      var scenario = scenario
      scenario.pipeline = try RoundPipeline(
        algorithm: [FedAvg(weighting: .uniform)], transport: Plain(), attack: [],
        defense: (noise == nil ? [] : [try DPFedAvg(parameters)]) + [Mean()])
      scenario.training.rounds = rounds
      return scenario
    }

    /// Milliseconds from the end of a round to that of the next, over about `seconds`: setting a run up
    /// and accounting for it at its end are no part of a round.
    func milliseconds(of scenario: Scenario, for seconds: Double) throws -> Double {
      let clock = ContinuousClock()
      let start = clock.now
      var (taken, count) = (0.0, 0)
      repeat {
        var last: ContinuousClock.Instant?
        _ = try scenario.run(workers: workers) { record in
          // The last round of a run is tested, too.
          guard record.round + 1 < scenario.training.rounds else { return }
          let now = clock.now
          if let last {
            taken += last.duration(to: now) / .seconds(1)
            count += 1
          }
          last = now
        }
      } while start.duration(to: clock.now) / .seconds(1) < seconds
      return 1000 * taken / Double(count)
    }
  }
}
