internal import Attacks
internal import Components
internal import Datasets
internal import Federation
internal import FileFormats
internal import GradientInversion
internal import Learning
internal import Randomness
internal import Tensors

/// Whether attacks work before any defense is judged by them: every inversion attack's positive
/// control, on a model and data where it must work, and on those of the user.
public struct Doctor: Sendable {
  /// What an attack showed.
  public struct Finding: Sendable {
    /// How it ended.
    public enum Outcome: Sendable, Hashable {
      /// It passed its control, with this figure.
      case works(Double)
      /// It missed it.
      case misses(Double)
      /// It found nothing, or cannot be used here; why.
      case cannot(String)
    }

    /// The attack.
    public var attack: String
    /// What it was tried on, in words.
    public var setting: String
    /// How it ended.
    public var outcome: Outcome
    /// The control's bound.
    public var bound: Double
    /// Seconds of the run.
    public var seconds: Double

    /// Whether the control was passed.
    public var works: Bool { if case .works = outcome { true } else { false } }
  }

  /// Where an attack is tried.
  public struct Setting: Sendable, Hashable {
    /// The attack with its parameters, as an experiment writes it.
    public var attack: String
    /// The model.
    public var model: String
    /// The data.
    public var data: String
    /// Examples of each client's step.
    public var batch: Int
    /// The transport.
    public var transport = "plain"
    /// Local training.
    public var algorithm: String?
    /// More options of training.
    public var training = ""
    /// Clients.
    public var clients = 10
    /// How examples are shared out, as an experiment writes it; nil for equal shares at random.
    public var partition: String?
    /// Rounds.
    public var rounds = 1

    /// In words.
    public var words: String {
      "\(data), \(model), batch \(batch)" + (transport == "plain" ? "" : ", \(transport)")
    }

    /// As an experiment: everything that a server may be told or do is granted.
    func text(seed: UInt64) -> String {
      let facts =
        "batch-size, hyper-parameters, normalisation, candidates, label-counts, labels, "
        + "batch-order, public-data, modify-weights, modify-architecture"
      return """
        name: doctor
        data: \(data)
        partition: {\(partition ?? "iid: {clients: \(clients)}")}
        model: {\(model)}
        training: {rounds: \(rounds), learning-rate: 0.1\(training)}
        algorithm: {\(algorithm ?? "fedsgd: {examples: \(batch)}")}
        transport: \(transport)
        threat: {attackers: 0, server-knows: [\(facts)]}
        attack: [{\(attack)}]
        seeds: [\(seed)]
        """
    }
  }

  /// Every attack where it must work: a model and data of its paper's kind, small.
  public static let controls: [Setting] = {
    let lenet = "lenet-zhu: {initial-bound: 0.5}"
    let dense = "mlp: {hidden: [100]}"
    let batchNorm =
      "sequential: {layers: [{conv: {outputs: 16, kernel: 3, padding: 1}}, "
      + "batch-norm, relu, {dense: classes}]}"
    return [
      .init(attack: "dlg: {updates: 2, steps: 100}", model: lenet, data: "digits", batch: 1),
      .init(attack: "idlg: {updates: 2, steps: 100}", model: lenet, data: "digits", batch: 1),
      .init(attack: "cpl: {updates: 2, steps: 100}", model: dense, data: "digits", batch: 1),
      .init(
        attack: "inverting-gradients: {updates: 2, steps: 1000}", model: dense, data: "digits",
        batch: 1),
      .init(
        attack: "gradinversion: {updates: 2, steps: 2000}", model: batchNorm, data: "digits",
        batch: 2),
      .init(
        attack: "fedavg-unroll: {updates: 2, steps: 1000}", model: dense, data: "digits", batch: 2,
        algorithm: "fedavg", training: ", batch-size: 1, epochs: 2", clients: 600),
      .init(
        attack: "fedavg-epochs: {updates: 2, steps: 400}", model: dense, data: "digits", batch: 2,
        algorithm: "fedavg", training: ", batch-size: 1, epochs: 2", clients: 600),
      .init(
        attack: "tableak: {updates: 2, restarts: 4}", model: "mlp: {hidden: [100]}",
        data: "breast-cancer", batch: 4),
      .init(
        attack: "bayes-optimal: {updates: 2, steps: 1000}", model: dense, data: "digits",
        batch: 1),
      .init(
        attack: "sum-inversion: {steps: 1000}", model: dense, data: "digits", batch: 1,
        transport: "sum-only", clients: 2),
      .init(attack: "label-recovery", model: "lenet-zhu: {}", data: "digits", batch: 8),
      .init(attack: "dense-inversion", model: dense, data: "digits", batch: 1),
      .init(
        attack: "r-gap",
        model: "sequential: {layers: [{conv: {outputs: 5, kernel: 3, padding: 1, bias: false}}, "
          + "{leaky-relu: 0.2}, {dense: {outputs: classes, bias: false}}]}",
        data: "digits", batch: 1),
      .init(
        attack: "imprint: {bins: 99, mean: 0.31, deviation: 0.06}", model: dense, data: "digits",
        batch: 8),
      .init(
        attack: "trap-weights: {scale: 0.8}", model: "mlp: {hidden: [400]}", data: "digits",
        batch: 4),
      .init(attack: "fishing: {target: 3, updates: 10}", model: dense, data: "digits", batch: 8),
      .init(
        attack: "feature-fishing: {target: 3, updates: 10}", model: dense, data: "digits",
        batch: 13,
        algorithm: "fedsgd", partition: "k-class: {clients: 100, labels: 1}", rounds: 12),
      .init(
        attack: "loki: {clients: 10, bins: 64, mean: 0.31, deviation: 0.06}", model: dense,
        data: "digits", batch: 4, transport: "sum-only"),
    ]
  }()

  /// The same attacks on a model and data of the user's.
  public static func settings(model: String, data: String, batch: Int) -> [Setting] {
    controls.map { control in
      var setting = control
      setting.model = model.contains(":") ? model : "\(model): {}"
      setting.data = data
      setting.batch = batch
      setting.training = ""
      if control.partition == nil {
        setting.algorithm = nil
      } else {
        setting.partition = "k-class: {clients: 10, labels: 1}"
      }
      setting.clients = control.transport == "plain" ? 10 : control.clients
      return setting
    }
  }

  /// Runs one attack and looks at its control.
  ///
  /// - Throws: `ConfigurationError` when model, data or attack cannot be read at all.
  public static func examine(_ setting: Setting, workers: Int, seed: UInt64) throws -> Finding {
    let clock = ContinuousClock()
    let start = clock.now
    let experiment = try Experiment.parse(setting.text(seed: seed), file: "doctor")
    let name = experiment.entries(.attack).first?.components.first?.name ?? setting.attack
    let control = inversionCatalogue.first { $0.card.name == name }?.card.control
    let bound = control?.minimum ?? 0
    var outcome: Finding.Outcome
    do {
      let scenario = try SingleScenario(experiment, selection: Selection(), seed: seed)
      let record = try scenario.run(workers: workers) { _ in }
      if let figure = record.figures[control?.measure.name ?? ""] {
        outcome = figure >= bound ? .works(figure) : .misses(figure)
      } else {
        outcome = .cannot(record.remarks.joined(separator: "; "))
      }
    } catch let error as ConfigurationError {
      outcome = .cannot(error.issues.map(\.message).joined(separator: "; "))
    } catch {
      outcome = .cannot("\(error)")
    }
    return Finding(
      attack: name, setting: setting.words, outcome: outcome, bound: bound,
      seconds: (clock.now - start) / .seconds(1))
  }

  /// The cosine between the gradients of one batch as in training and as in evaluation: 1 without
  /// batch norm and dropout; where it is low, attacks that assume evaluation invert another
  /// function.
  ///
  /// - Throws: `ConfigurationError` when model or data cannot be read.
  public static func modeCosine(_ setting: Setting, seed: UInt64) throws -> Double {
    var plain = setting
    (plain.attack, plain.transport) = ("inverting-gradients", "plain")
    let experiment = try Experiment.parse(plain.text(seed: seed), file: "doctor")
    let scenario = try SingleScenario(experiment, selection: Selection(), seed: seed).scenario
    var generator = Generator(seed: seed).fork("doctor")
    let network = scenario.network
    let parameters = network.initialParameters(using: &generator)
    let examples = scenario.data.train
    let batch = generator.choice(min(max(setting.batch, 2), examples.count), of: examples.count)
    let workspace = Workspace(for: network, batchSize: batch.count)
    func gradient(_ mode: PassMode) throws -> Vector {
      var gradient = Vector(zeros: parameters.count)
      _ = try network.lossAndGradient(
        parameters: parameters, examples: examples, batch: batch, mode: mode,
        workspace: workspace, gradient: &gradient)
      return gradient
    }
    let train = try gradient(.training(noise: generator.fork("noise")))
    let evaluation = try gradient(.evaluation)
    let scale = train.norm * evaluation.norm
    let product = zip(train.array, evaluation.array).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    return scale > 0 ? product / scale : 0
  }
}
