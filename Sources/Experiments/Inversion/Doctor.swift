internal import Attacks
public import Components
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
    /// What the control measures.
    public var measure: String
    /// How it ended.
    public var outcome: Outcome
    /// The control's bound.
    public var bound: Double
    /// Seconds of the run.
    public var seconds: Double

    /// Whether the control was passed.
    public var works: Bool { if case .works = outcome { true } else { false } }
  }

  /// An attack, and where it is tried.
  public struct Trial: Sendable, Hashable {
    /// The attack.
    public var attack: String
    /// Where.
    public var setting: ControlSetting

    /// As an experiment: everything that a server may be told or do is granted.
    func text(seed: UInt64) -> String {
      let facts =
        "batch-size, hyper-parameters, normalisation, candidates, label-counts, labels, "
        + "batch-order, public-data, modify-weights, modify-architecture"
      return """
        name: doctor
        data: \(setting.data)
        partition: {\(setting.partition ?? "iid: {clients: \(setting.clients)}")}
        model: {\(setting.model)}
        training: {rounds: \(setting.rounds), learning-rate: 0.1\(setting.training)}
        algorithm: {\(setting.algorithm ?? "fedsgd: {examples: \(setting.batch)}")}
        transport: \(setting.transport)
        threat: {attackers: 0, server-knows: [\(facts)]}
        attack: [{\(attack): \(setting.parameters ?? "{}")}]
        seeds: [\(seed)]
        """
    }
  }

  /// Every attack of the catalogue whose control says where it must work.
  public static let controls: [Trial] = Catalogue.standard.types(.attack).compactMap { type in
    type.card.control?.setting.map { Trial(attack: type.card.name, setting: $0) }
  }

  /// The same attacks on a model and data of the user's.
  public static func trials(model: String, data: String, batch: Int) -> [Trial] {
    controls.map { control in
      var trial = control
      trial.setting.model = model.contains(":") ? model : "\(model): {}"
      trial.setting.data = data
      trial.setting.batch = batch
      trial.setting.training = ""
      if control.setting.partition == nil {
        trial.setting.algorithm = nil
      } else {
        trial.setting.partition = "k-class: {clients: 10, labels: 1}"
      }
      if control.setting.transport == "plain" { trial.setting.clients = 10 }
      return trial
    }
  }

  /// Runs one attack and looks at its control.
  ///
  /// - Throws: `ConfigurationError` when model, data or attack cannot be read at all.
  public static func examine(_ trial: Trial, workers: Int, seed: UInt64) throws -> Finding {
    let clock = ContinuousClock()
    let start = clock.now
    let experiment = try Experiment.parse(trial.text(seed: seed), file: "doctor")
    let control = Catalogue.standard.types(.attack).first { $0.card.name == trial.attack }?.card
      .control
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
      attack: trial.attack, setting: trial.setting.words, measure: control?.measure.name ?? "",
      outcome: outcome, bound: bound,
      seconds: (clock.now - start) / .seconds(1))
  }

  /// The cosine between the gradients of one batch as in training and as in evaluation: 1 without
  /// batch norm and dropout; where it is low, attacks that assume evaluation invert another
  /// function.
  ///
  /// - Throws: `ConfigurationError` when model or data cannot be read.
  public static func modeCosine(_ trial: Trial, seed: UInt64) throws -> Double {
    var plain = trial
    (plain.attack, plain.setting.parameters) = ("inverting-gradients", nil)
    plain.setting.transport = "plain"
    let experiment = try Experiment.parse(plain.text(seed: seed), file: "doctor")
    let scenario = try SingleScenario(experiment, selection: Selection(), seed: seed).scenario
    var generator = Generator(seed: seed).fork("doctor")
    let network = scenario.network
    let parameters = network.initialParameters(using: &generator)
    let examples = scenario.data.train
    let batch = generator.choice(
      min(max(trial.setting.batch, 2), examples.count), of: examples.count)
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
