import Datasets
import Foundation
import Learning
import MembershipInference
import Randomness
import Tensors

/// Procedural images, which model has which of them, and how models are trained: on our side, and
/// from a folder on PyTorch's.
///
/// The files are raw little-endian numbers: `x` as Float, `y` as Int64, `members` as bytes, models x
/// examples; back come `logits` as Double, models x examples x classes.
final class ShadowWorld: Sendable {
  let data: LabeledExamples
  let design: ShadowDesign
  let epochs: Int
  let batch = 10
  private let rate = 0.05
  private let network: Network
  private let generator: Generator
  private let trainer: PlainTrainer
  private let folder: URL

  var models: Int { design.membership.models }

  init(examples: Int, models: Int, epochs: Int) throws {
    var generator = Generator(seed: 1)
    var parameters = Handwriting.defaults
    (parameters.examples, parameters.testExamples) = (examples, 10)
    var source = generator.fork("data")
    data = try Handwriting(parameters).load(using: &source).train
    design = try ShadowDesign(models: models, examples: examples, using: &generator)
    network = try makeNetwork("mlp", shape: data.shape, classes: data.classes)
    self.generator = generator
    self.epochs = epochs
    trainer = PlainTrainer(
      epochs: epochs, batchSize: batch, options: OptimizerOptions(learningRate: rate))
    folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(bytes: data.features, as: Float.self).write(to: folder.appending(path: "x"))
    try Data(bytes: data.labels.map(Int64.init), as: Int64.self)
      .write(to: folder.appending(path: "y"))
    try Data(bytes: design.membership.isMember.map { $0 ? 1 : 0 }, as: UInt8.self)
      .write(to: folder.appending(path: "members"))
  }

  /// Removes the folder.
  func remove() { try? FileManager.default.removeItem(at: folder) }

  // MARK: - Our side

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

  /// Trains all.
  func trained() throws -> ShadowModels {
    try ShadowModels(
      network, design: design, data: data, trainer: trainer, using: generator, workers: 2)
  }

  /// What the first `count` of them say.
  func outputs(of shadows: ShadowModels, _ count: Int) throws -> ModelOutputs {
    let logits = try WorkerPool.map(count, workers: 2) { index, _ in
      try network.predict(
        parameters: shadows.parameters[index], on: data, workspace: Workspace(for: network)
      ).logits.map(Double.init)
    }
    return try ModelOutputs(
      logits: Array(logits.joined()), models: count, examples: data.count, classes: data.classes,
      labels: data.labels)
  }

  /// What an attack achieves on the first `models`, each once the target.
  func evaluate(
    _ outputs: ModelOutputs, models: Int, _ score: any MembershipScore = LiRA()
  ) throws -> ScoreEvaluation {
    let rows = (0..<models).flatMap { design.membership.row($0) }
    let table = try ShadowTable(
      outputs, try Membership(models: models, examples: data.count, rows))
    let targets = Array(0..<models)
    let scores = try score.scores(of: targets, in: table, workers: 2)
    return try ScoreEvaluation(
      try JudgedScores(scores, of: targets, in: table), options: .init(resamples: 200))
  }

  // MARK: - PyTorch's side

  /// What PyTorch is to do.
  struct Task: Encodable {
    enum Verb: String, Encodable {
      /// Stand ready to train one model after another.
      case prepare
      /// Train the first models and write what they say.
      case shadows
    }

    var `do`: Verb
    var task: String?
    var model = "mlp"
    var folder: String
    var shape: [Int]
    var classes: Int
    var epochs: Int
    var batch: Int
    var rate: Double
    var count: Int?
  }

  func task(_ verb: Task.Verb, count: Int? = nil) throws -> Task {
    Task(
      do: verb, task: verb == .prepare ? "shadow" : nil, folder: folder.path(percentEncoded: false),
      shape: data.shape, classes: data.classes, epochs: epochs, batch: batch, rate: rate,
      count: count)
  }

  /// What PyTorch's models say, trained on the first rows of the design.
  func outputs(of peers: Peers, models: Int) throws -> ModelOutputs {
    struct Nothing: Decodable {}
    _ = try peers.ask(try task(.shadows, count: models), for: Nothing.self)
    return try ModelOutputs(
      logits: try Data(contentsOf: folder.appending(path: "logits")).values(Double.self),
      models: models, examples: data.count, classes: data.classes, labels: data.labels)
  }
}
