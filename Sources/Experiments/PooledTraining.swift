internal import Accounting
public import Components
internal import Datasets
internal import Federation
public import FileFormats
internal import Foundation
internal import Learning
public import PrivateTraining
internal import Randomness
internal import Tensors

/// One model trained on one machine that holds all training data: what a federated run is compared
/// with.
///
/// Data, model and training options are those of an experiment; `rounds` times `epochs` passes over
/// the data, as many as all clients together make. It starts from the weights that a federated run
/// of the same seed starts from, and takes the steps that a federation of a single client would, at
/// the same rates: schedule and warm-up count rounds, of `epochs` passes each. The optimiser's state,
/// momentum included, is kept throughout.
public struct PooledTraining: Sendable {
  /// A measurement on the test data.
  public struct Measurement: Sendable, Hashable {
    /// Passes over the data so far.
    public var epoch: Int
    /// Mean test cross-entropy.
    public var loss: Double
    /// Test accuracy, in [0, 1].
    public var accuracy: Double
  }

  /// How far training is, after each pass over the data.
  public struct Progress: Sendable, Hashable {
    /// Passes over the data so far.
    public var epoch: Int
    /// Mean cross-entropy of the pass's last batch, before its step; nil for private training, which
    /// keeps to itself what depends on the data.
    public var batchLoss: Double?
    /// What the test data say, where they were asked.
    public var measurement: Measurement?
  }

  /// What came out.
  public struct Result: Sendable {
    /// Optimiser steps taken.
    public var steps: Int
    /// The measurements, the last after the last pass.
    public var curve: [Measurement]
    /// The trained parameters by name, in PyTorch's layouts; averaged ones where `dp-sgd` averages.
    public var weights: [NamedTensor]
    /// What the training promises for each record; nil without `dp-sgd`.
    public var privacy: TrainingPrivacy?
    /// The steps' noise multiplier; nil without `dp-sgd`.
    public var noiseMultiplier: Double?
    /// Whether training ended before its last pass because the next step would have exceeded the
    /// target.
    public var isCutShort = false
  }

  /// What is trained, line by line.
  public let summary: [String]
  /// What the user should know: that images are resized, if they are.
  public let note: String?
  /// The data's name and parameters.
  public let data: String
  /// The model's name and parameters.
  public let model: String
  /// The training options in force.
  public let training: ConfigurationNode
  /// The seed of weights and batches.
  public let seed: UInt64
  /// Passes over the data.
  public let epochs: Int
  /// Number of parameters.
  public var parameterCount: Int { network.parameterCount }
  /// Number of training examples.
  public var trainingExamples: Int { split.train.count }
  /// Number of test examples.
  public var testExamples: Int { split.test.count }

  private let split: DataSplit
  private let network: Network
  /// The network as it is trained, with label smoothing.
  private let trained: Network
  private let options: TrainingOptions
  /// The private training, its noise calibrated; nil without `dp-sgd`.
  private let privateOptions: PrivateTrainingOptions?
  private let position: SourcePosition?

  /// The training that `selection` leaves of an experiment; `seed` or the first seed.
  ///
  /// - Throws: `ConfigurationError` when data, model or training still have several entries, or do
  ///   not fit each other.
  public init(_ experiment: Experiment, selection: Selection, seed: UInt64?) throws {
    try selection.validate(against: experiment)
    let data = try Self.only(.data, of: experiment, selection)
    let model = try Self.only(.model, of: experiment, selection)
    let training = try Self.only(.training, of: experiment, selection)
    let options = experiment.trainings[training.index]
    let (epochs, overflows) = options.rounds.multipliedReportingOverflow(by: options.epochs)
    guard !overflows else {
      throw ConfigurationError(
        "training: \(options.rounds) rounds of \(options.epochs) epochs are too many",
        at: training.entry.position(of: "rounds"))
    }
    let workbench = Workbench()
    self.seed = seed ?? experiment.seeds.first ?? 1
    self.epochs = epochs
    self.options = options
    self.data = data.entry.label
    self.model = model.entry.label
    self.training = training.entry.identity
    position = training.entry.position(of: "learning-rate")
    do {
      split = try workbench.data(data.entry, for: model.entry, seed: self.seed)
      note = try workbench.resizingNote(data: data.entry, model: model.entry, seed: self.seed)
      network = try workbench.network(model.entry, data: split)
      trained = try options.trainingNetwork(network)
    } catch let error as LearningError {
      throw ConfigurationError("\(error)", at: model.entry.position)
    }
    do throws(PrivateTrainingError) {
      privateOptions = try options.pooledOptions(
        population: split.train.count, dimension: network.parameterCount)
      try privateOptions?.check(network: trained, examples: split.train)
    } catch {
      throw ConfigurationError("dp-sgd: \(error)", at: training.entry.position(of: "dp-sgd"))
    }
    let privacy = privateOptions.map { ["privacy    \(options.summary(of: $0))"] } ?? []
    summary =
      [
        "data       \(data.entry.label), \(split.train.count) examples",
        "model      \(model.entry.label), \(network.parameterCount) parameters",
        "training   \(training.entry.label), \(epochs) epochs", "seed       \(self.seed)",
      ] + privacy
  }

  /// Trains; `onEpoch` is called after every pass over the data.
  ///
  /// - Throws: `ConfigurationError` when the weights leave the numbers: the options are to blame.
  public func run(onEpoch: (Progress) throws -> Void) throws -> Result {
    if let privateOptions { return try runPrivately(privateOptions, onEpoch: onEpoch) }
    let root = Generator(seed: seed)
    var initialization = root.fork("initialization", 0, 0)
    var parameters = network.initialParameters(using: &initialization)
    var state = OptimizerState<Float>(for: trained, options: options.optimizerOptions(round: 0))
    let workspace = Workspace(for: trained)
    let evaluation = trained == network ? workspace : Workspace(for: network)
    var steps = 0
    var curve: [Measurement] = []
    for epoch in 1...epochs {
      // A stream of its own for each pass, as a client's training has in each round.
      var generator = root.fork("training", UInt64(epoch - 1), 0)
      let step = options.optimizerOptions(round: (epoch - 1) / options.epochs)
      let summary = try trainEpochs(
        network: trained, parameters: &parameters, state: &state, examples: split.train, epochs: 1,
        batchSize: options.batchSize, options: step, workspace: workspace, generator: &generator)
      guard summary.isFinite else {
        throw ConfigurationError(
          "training diverged in epoch \(epoch) at learning-rate \(step.learningRate); "
            + "lower it", at: position)
      }
      steps += summary.steps
      var progress = Progress(epoch: epoch, batchLoss: summary.lossLast)
      if isMeasured(epoch) {
        let measurement = try measure(parameters, epoch: epoch, workspace: evaluation)
        progress.measurement = measurement
        curve.append(measurement)
      }
      try onEpoch(progress)
    }
    return Result(steps: steps, curve: curve, weights: try named(parameters))
  }

  /// Trains with `dp-sgd`; a pass is as many steps as use every example once on average.
  private func runPrivately(
    _ privately: PrivateTrainingOptions, onEpoch: (Progress) throws -> Void
  ) throws -> Result {
    let root = Generator(seed: seed)
    var initialization = root.fork("initialization", 0, 0)
    var parameters = network.initialParameters(using: &initialization)
    let settings = options.dpSgd ?? DPSGDOptions()
    var trainer = try PrivateTrainer(
      network: trained, examples: split.train, options: privately,
      filter: PrivacyFilter(
        epsilon: settings.targetEpsilon ?? .infinity, delta: settings.delta),
      randomness: .seeded(root.fork("dp-sgd")))
    let evaluation = Workspace(for: network)
    var result = Result(
      steps: 0, curve: [], weights: [], noiseMultiplier: privately.noiseMultiplier)
    for epoch in 1...epochs {
      let rate = options.learningRate(round: (epoch - 1) / options.epochs)
      let last = privately.steps(epochs: Double(epoch), population: split.train.count)
      while trainer.steps < last, !result.isCutShort {
        result.isCutShort = try !trainer.step(&parameters, learningRate: rate)
      }
      guard parameters.isFinite else {
        throw ConfigurationError(
          "training diverged in epoch \(epoch) at learning-rate \(rate); lower it", at: position)
      }
      var progress = Progress(epoch: epoch)
      if isMeasured(epoch) || result.isCutShort {
        let measurement = try measure(
          trainer.averaged ?? parameters, epoch: epoch, workspace: evaluation)
        progress.measurement = measurement
        result.curve.append(measurement)
      }
      try onEpoch(progress)
      if result.isCutShort { break }
    }
    result.steps = trainer.steps
    result.weights = try named(trainer.averaged ?? parameters)
    result.privacy = try trainer.report(delta: settings.delta)
    return result
  }

  /// Whether the test data are asked after this pass.
  private func isMeasured(_ epoch: Int) -> Bool {
    epoch == epochs
      || (epoch % options.epochs == 0 && epoch / options.epochs % options.evaluateEvery == 0)
  }

  private func measure(
    _ parameters: Vector, epoch: Int, workspace: Workspace
  ) throws -> Measurement {
    let test = try network.evaluate(
      parameters: parameters, on: split.test, workspace: workspace)
    return Measurement(epoch: epoch, loss: test.loss, accuracy: test.accuracy)
  }

  private func named(_ parameters: Vector) throws -> [NamedTensor] {
    try network.layout.named(parameters).map {
      NamedTensor(name: $0.name, shape: $0.shape, values: .float32($0.values))
    }
  }

  /// The one entry that is left on an axis, and its place there.
  private static func only(
    _ axis: Axis, of experiment: Experiment, _ selection: Selection
  ) throws(ConfigurationError) -> (index: Int, entry: AxisEntry) {
    let left = experiment.entries(axis).enumerated().filter {
      selection.includes($0.element, on: axis)
    }
    guard let found = left.first, left.count == 1 else {
      let labels = left.map(\.element.label).joined(separator: ", ")
      throw ConfigurationError(
        "\(axis) has several entries (\(labels)); pick one with --only \(axis)=NAME "
          + "or --\(axis)", at: nil)
    }
    return (found.offset, found.element)
  }
}

extension TrainingOptions {
  /// The private training of one machine that holds all `population` examples; nil without
  /// `dp-sgd`.
  fileprivate func pooledOptions(
    population: Int, dimension: Int
  ) throws(PrivateTrainingError) -> PrivateTrainingOptions? {
    guard let dpSgd else { return nil }
    guard batchSize <= population else {
      throw .invalid(
        "batch-size", "\(batchSize)", "must be at most the number of examples, \(population)")
    }
    let optimizer = optimizerOptions(round: 0)
    // How many steps there are does not depend on the noise.
    let plan = PrivateTrainingOptions(
      batchSize: batchSize, sampling: dpSgd.scheme, noiseMultiplier: 1, optimizer: optimizer)
    return try dpSgd.training(
      batchSize: batchSize, optimizer: optimizer,
      steps: plan.steps(epochs: Double(rounds * epochs), population: population),
      population: population, dimension: dimension)
  }

  /// One line about a private training.
  fileprivate func summary(of training: PrivateTrainingOptions) -> String {
    let target = dpSgd?.targetEpsilon.map { ", epsilon at most \($0)" } ?? ""
    return String(format: "dp-sgd, noise multiplier %.4g", training.noiseMultiplier)
      + ", \(training.sampling.name) batches of \(training.batchSize)\(target) at delta "
      + "\(dpSgd?.delta ?? 0)"
  }
}

extension Experiment {
  /// An experiment from a file and changes to it: each axis of `changes` replaces that of the file,
  /// except for training, whose keys are laid over the file's.
  ///
  /// - Parameters:
  ///   - path: The file; nil starts from the defaults.
  ///   - changes: YAML for axes, with what messages call its source.
  /// - Throws: `ConfigurationError` with every mistake.
  public static func read(
    path: String?, changes: [(axis: Axis, text: String, source: String)]
  ) throws -> Experiment {
    var entries: [ConfigurationNode.Entry] = []
    var position: SourcePosition?
    if let path {
      let node = try YAML.read(path: path)
      guard let written = node.entries else { return try Experiment(node) }
      (entries, position) = (written, node.position)
    }
    var issues = IssueCollector()
    for change in changes {
      guard
        let node = try issues.attempt({ try YAML.parseInline(change.text, source: change.source) })
      else { continue }
      if let index = entries.firstIndex(where: { $0.key == change.axis.rawValue }) {
        let old = entries[index].node
        entries[index].node = change.axis == .training ? old.overlaid(with: node) : node
      } else {
        entries.append(.init(key: change.axis.rawValue, node: node))
      }
    }
    try issues.finish()
    return try Experiment(ConfigurationNode(.map(entries), at: position))
  }
}
