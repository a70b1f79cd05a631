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

  private static let epochs = 20
  private static let batch = 10

  static func run(in session: Session) throws {
    let examples = session.isSmoke ? 200 : 5000
    let world = try World(examples: examples, models: session.isSmoke ? 4 : 64)
    try session.compare(
      "a shadow of mlp, \(epochs) epochs of \(examples / 2), batch \(batch)", unit: "shadows/s",
      measure: .rate, target: .atLeast(6),
      peer: PeerTask(task: "shadow", model: "mlp", batch: batch, examples: examples)
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
    let clock = ContinuousClock()
    let start = clock.now
    let area = try world.attack()
    let seconds = start.duration(to: clock.now) / .seconds(1)
    session.check(
      "all \(world.design.membership.models) shadows, LiRA, each once the target",
      outcome: session.isSmoke || (seconds < 180 && area > 0.5) ? .passed : .failed,
      "\(Figure.plain(seconds)) s (to be under 180), AUC \(Figure.plain(area))",
      values: ["seconds": seconds, "AUC": area])
  }

  /// Images, who has which, and how models are trained.
  private struct World: Sendable {
    let data: LabeledExamples
    let design: ShadowDesign
    let network: Network
    let generator: Generator
    let trainer = PlainTrainer(
      epochs: epochs, batchSize: batch, options: OptimizerOptions(learningRate: 0.05))

    init(examples: Int, models: Int) throws {
      var generator = Generator(seed: 1)
      var parameters = Handwriting.defaults
      (parameters.examples, parameters.testExamples) = (examples, 10)
      var source = generator.fork("data")
      data = try Handwriting(parameters).load(using: &source).train
      design = try ShadowDesign(models: models, examples: examples, using: &generator)
      network = try makeNetwork("mlp", shape: data.shape, classes: data.classes)
      self.generator = generator
    }

    /// Trains one shadow and asks it about every example.
    func shadow(_ index: Int) throws {
      var stream = generator.fork("shadow", UInt64(index))
      let trained = try trainer.train(
        network, from: network.initialParameters(using: &stream),
        on: try data.subset(design.trainingRows(of: index)), using: &stream)
      let said = try network.predict(
        parameters: trained, on: data, workspace: Workspace(for: network))
      precondition(said.losses.allSatisfy(\.isFinite), "training diverged")
    }

    /// Trains all, attacks each with the others; the area under the curve.
    func attack() throws -> Double {
      let shadows = try ShadowModels(
        network, design: design, data: data, trainer: trainer, using: generator, workers: 2)
      let table = try shadows.table(design, data: data, workers: 2)
      let targets = Array(0..<table.models)
      let scores = try LiRA().scores(of: targets, in: table, workers: 2)
      return try ScoreEvaluation(
        try JudgedScores(scores, of: targets, in: table), options: .init(resamples: 0)
      ).areaUnderCurve.value
    }
  }
}
