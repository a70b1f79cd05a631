import Datasets
import GradientInversion
import Harness
import Learning
import Randomness
import Tensors

/// Gradient inversion as an attack runs it: objective, exact derivative, step, and what the driver
/// keeps.
enum InversionBenchmark: Benchmark {
  static let name = "inversion"
  static let summary =
    "steps of gradient inversion on lenet-zhu, 3x32x32, and restarts on two cores"

  /// Steps of a run where steps are counted, so that setting up is part of them but no large one.
  private static let steps = 200
  private static let restarts = 4

  static func run(in session: Session) throws {
    try InversionJudge.run(in: session)
    for (batch, target) in [(1, 12.0), (8, 5.0)] {
      let dlg = try InversionRun(classes: 100, batch: batch)
      let settings = InversionRun.squared(steps: session.isSmoke ? 5 : steps)
      try session.compare(
        "a matching step, batch \(batch)", unit: "ms/step", measure: .time,
        target: .atLeast(target),
        peer: PeerTask(task: "gradient-matching", model: "lenet-zhu", batch: batch),
        baselines: batch == 1
          ? [] : [Side("one worker") { try dlg.milliseconds(of: settings, workers: 1, for: $0) }],
        arrangements: [.twoThreads, .oneThread]
      ) { try dlg.milliseconds(of: settings, workers: min(2, Core.count), for: $0) }
    }
    let patch = try InversionRun(classes: 10, batch: 1)
    var settings = InversionPreset.invertingGradients.settings
    if session.isSmoke { settings.steps = 5 }
    try session.compare(
      "inverting-gradients, all \(settings.steps) steps", unit: "ms/step", measure: .time,
      target: .atLeast(8),
      peer: PeerTask(task: "inverting-gradients", model: "lenet-zhu", batch: 1),
      arrangements: [.twoThreads, .oneThread]
    ) { try patch.milliseconds(of: settings, workers: 1, for: $0) }
    try runRestarts(of: patch, settings, in: session)
  }

  /// Restarts shared out among two workers, beside the same on each core alone, and beside two
  /// attacks that share nothing: what both cores reach together.
  private static func runRestarts(
    of run: InversionRun, _ settings: AttackSettings, in session: Session
  ) throws {
    guard Core.count >= 2 else {
      return session.check("two cores", outcome: .absent, "this process may use one core only")
    }
    var settings = settings
    settings.steps = min(settings.steps, 600)
    settings.restarts = restarts
    let four = settings
    @Sendable func alone(on core: Int, for seconds: Double) throws -> Double {
      try Core.pin(to: core)
      defer { Core.unpin() }
      return try run.rate(of: four, workers: 1, for: seconds)
    }
    let series = try session.effort.measure([
      Side("first core") { try alone(on: 0, for: $0) },
      Side("two workers") { try run.rate(of: four, workers: 2, for: $0) },
      Side("an attack a core") { seconds in
        try WorkerPool.map(2, workers: 2) { core, _ in try alone(on: core, for: seconds) }.reduce(
          0, +)
      },
      Side("second core") { try alone(on: 1, for: $0) },
    ])
    let mean = Series(zip(series[0].rounds, series[3].rounds).map { ($0 + $1) / 2 })
    var shared = Record(
      benchmark: session.name, label: "\(restarts) restarts, one after the other",
      unit: "steps/s", measure: .rate, ours: series[1],
      others: [.init(name: "one core, mean of both", series: mean)])
    shared.titles = .init(ours: "two workers", other: "one core")
    session.add(shared)
    var reached = Record(
      benchmark: session.name, label: "\(restarts) restarts, of what both cores reach",
      unit: "steps/s", measure: .rate, ours: series[1],
      others: [.init(name: "an attack a core", series: series[2])])
    reached.titles = .init(ours: "two workers", other: "both cores")
    // 1.8 times one core where two cores reach twice one.
    reached.target = .atLeast(0.9)
    session.add(reached)
  }
}

/// Photograph patches, the gradient they gave, and attacks on it.
struct InversionRun: Sendable {
  let problem: InversionProblem

  /// The first `batch` test patches under untrained weights; labels are known.
  init(classes: Int, batch: Int) throws {
    var generator = Generator(seed: 1)
    let patches = try Patches().load(using: &generator).test
    let network = try makeNetwork("lenet-zhu", shape: patches.shape, classes: classes)
    let parameters = network.initialParameters(using: &generator)
    let examples = try patches.batch(Array(0..<batch))
    var gradient = Vector(zeros: network.parameterCount)
    try network.differentiate(
      parameters: parameters, batch: examples,
      workspace: Workspace(for: network, batchSize: batch), gradient: &gradient)
    problem = try InversionProblem(
      network: network, parameters: parameters,
      observed: ObservedUpdate(gradient, unit: .gradient),
      knowledge: AttackerKnowledge(
        batchSize: batch, labels: .known((0..<batch).map { patches.labels[$0] }),
        inputRange: .unit(channels: 3)))
  }

  /// DLG's objective under Adam, whose steps all cost the same.
  static func squared(steps: Int) -> AttackSettings {
    AttackSettings(objective: MatchingObjective(.squared()), search: .adam(rate: 0.1), steps: steps)
  }

  /// Steps a second of whole attacks, all restarts counted.
  func rate(of settings: AttackSettings, workers: Int, for seconds: Double) throws -> Double {
    let attack = GradientMatchingAttack(settings)
    return try workRate(for: seconds) {
      let found = try attack.run(on: problem, workers: workers, using: Generator(seed: 2))
      return found.candidates.reduce(0) { $0 + $1.steps }
    }
  }

  /// Milliseconds of a step.
  func milliseconds(of settings: AttackSettings, workers: Int, for seconds: Double) throws -> Double
  {
    1000 / (try rate(of: settings, workers: workers, for: seconds))
  }
}
