import Datasets
import Harness
import Learning
import MembershipInference
import Randomness
import Tensors

/// Shadow models, trained and asked.
enum MembershipBenchmark: Benchmark {
  static let name = "membership"
  static let summary = "LiRA with 64 shadows of mlp on 5,000 procedural images, training included"

  static func run(in session: Session) throws {
    let world = try ShadowWorld(
      examples: session.isSmoke ? 200 : 5000, models: session.isSmoke ? 8 : 64,
      epochs: session.isSmoke ? 2 : 20)
    defer { world.remove() }
    let names = "\(world.epochs) epochs of \(world.data.count / 2), batch \(world.batch)"
    try session.compare(
      "a shadow of mlp, \(names)", unit: "shadows/s", measure: .rate, target: .atLeast(6),
      peer: try world.task(.prepare)
    ) { seconds in
      try WorkerPool.map(2, workers: 2) { worker, _ in
        var shadow = worker
        return try workRate(for: seconds) {
          try world.shadow(shadow % world.design.membership.models)
          shadow += 2
          return 1
        }
      }.reduce(0, +)
    }
    try compare(world, try attack(world, session), session)
    try score(session)
  }

  /// All shadows and LiRA.
  private static func attack(_ world: ShadowWorld, _ session: Session) throws -> ShadowModels {
    let clock = ContinuousClock()
    let (start, before) = (clock.now, ProcessorTime.ofProcess())
    let shadows = try world.trained()
    let evaluation = try world.evaluate(
      try world.outputs(of: shadows, world.models), models: world.models)
    let seconds = start.duration(to: clock.now) / .seconds(1)
    let busy = (ProcessorTime.ofProcess() - before) / 2
    let area = evaluation.areaUnderCurve
    session.check(
      "\(world.models) shadows trained, LiRA, each once the target",
      outcome: session.isSmoke || (seconds < 180 && area.clustered.lowerBound > 0.5)
        ? .passed : .failed,
      "\(Figure.text(seconds)) s (to be under 180; \(Figure.text(busy)) of each core), AUC "
        + text(area), values: ["seconds": seconds, "AUC": area.value])
    return shadows
  }

  /// Whether PyTorch's models, trained on the same halves, are as open to the same attacks.
  private static func compare(
    _ world: ShadowWorld, _ shadows: ShadowModels, _ session: Session
  ) throws {
    let count = session.isSmoke ? 8 : 12
    let label = "\(count) shadows of either side, the same halves"
    if let absence = session.peers.absence {
      session.check(label, outcome: .absent, "no peer: \(absence)")
      return
    }
    let theirs = try world.outputs(of: session.peers, models: count)
    let ours = try world.outputs(of: shadows, count)
    for (name, score) in [("LiRA", LiRA()), ("loss", LossScore())]
      as [(
        String, any MembershipScore
      )]
    {
      let a = try world.evaluate(ours, models: count, score).areaUnderCurve
      let b = try world.evaluate(theirs, models: count, score).areaUnderCurve
      // Two independent estimates differ by at most both half-widths, added as squares.
      func width(_ one: IntervalEstimate) -> Double {
        (one.clustered.upperBound - one.clustered.lowerBound) / 2
      }
      let reach = (width(a) * width(a) + width(b) * width(b)).squareRoot()
      session.check(
        "\(label), AUC of \(name)",
        outcome: session.isSmoke || abs(a.value - b.value) <= reach ? .passed : .failed,
        "\(text(a)), PyTorch's \(text(b))", values: ["AUC": a.value, "PyTorch": b.value])
    }
  }

  /// Scoring alone: every model once the target.
  private static func score(_ session: Session) throws {
    let (models, examples) = session.isSmoke ? (16, 1000) : (128, 100_000)
    var generator = Generator(seed: 2)
    let design = try ShadowDesign(models: models, examples: examples, using: &generator)
    let losses = design.membership.isMember.map {
      ($0 ? 0.3 : 0.5) * (0.01 + generator.uniform())
    }
    let table = try ShadowTable(
      try ModelOutputs(losses: losses, models: models, examples: examples), design.membership)
    for (name, score) in [("LiRA", LiRA()), ("RMIA", try RMIA())]
      as [(
        String, any MembershipScore
      )]
    {
      let clock = ContinuousClock()
      let (start, before) = (clock.now, ProcessorTime.ofProcess())
      let scores = try score.scores(of: Array(0..<models), in: table, workers: 2)
      let seconds = start.duration(to: clock.now) / .seconds(1)
      let busy = (ProcessorTime.ofProcess() - before) / 2
      session.check(
        "\(name) scores \(examples) examples x \(models) models, each once the target",
        outcome: scores.count == models && (session.isSmoke || seconds < 5) ? .passed : .failed,
        "\(Figure.text(seconds)) s (to be under 5; \(Figure.text(busy)) of each core)",
        values: ["seconds": seconds])
    }
  }

  private static func text(_ area: IntervalEstimate) -> String {
    "\(Figure.text(area.value)) [\(Figure.text(area.clustered.lowerBound)), "
      + "\(Figure.text(area.clustered.upperBound))]"
  }
}
