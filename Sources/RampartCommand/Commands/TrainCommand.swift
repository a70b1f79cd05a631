internal import Accounting
internal import CommandLineTools
internal import Components
internal import Experiments
internal import FileFormats
internal import Foundation
internal import PrivateTraining

extension CommandSpec {
  /// `rampart train`.
  static let train = CommandSpec(
    "train",
    abstract: "Train one model on all the data: the baseline of every federated run.",
    discussion: """
      Data, model and training are written as in an experiment: in FILE, whose other keys do not \
      matter here, or as options, which come before it. Training makes rounds x epochs passes over \
      the training data, from the weights that a federated run of the same seed starts from, and \
      measures test loss and accuracy every evaluate-every rounds. Weights go to .npz or \
      .safetensors under the names and in the layouts that 'rampart gradient' reads.

      Training options are those of clients ('rampart describe training'); schedule and warm-up \
      count rounds, of 'epochs' passes each, so that the rates are a federated run's. Unlike \
      clients, which start every round afresh, the optimiser keeps its state throughout.

      With --dp-sgd every step is differentially private for each training example, and the result \
      says at which epsilon; it covers what is trained, not how its options were found. Steps are \
      drawn by coins: a pass is as many as use every example once on average. The noise is that of \
      the seed, as everything in an experiment is: good for measuring, not for releasing a model.

      Exit status: 0 done, 1 training failed, 2 a file or the command line is wrong.
      """,
    parameters: [
      .argument("FILE", "An experiment, YAML.", .optional, kind: .file),
      .option("data", "DATA", "The data (default: digits)."),
      .option("model", "MODEL", "The model: mlp, 'mlp: {hidden: [64]}' (default: logistic)."),
      .option(
        "training", "OPTIONS", "Training options, laid over the file's: '{rounds: 20}'."),
      .option(
        "dp-sgd", "OPTIONS",
        "Train with differential privacy: 'target-epsilon: 3, delta: 1e-5' ('rampart describe "
          + "training' lists the keys)."),
      .option(
        "seed", "N", "The seed (default: the experiment's first).", kind: .integer(in: 0...Int.max)),
      .option(
        "only", "AXIS=NAME", "The entry to take of an axis with several.",
        kind: .pair(axisWords()), repeated: true),
      .option("out", "FILE", "Where the trained weights go (default: nowhere).", kind: .file),
      .flag("json", "Print one JSON object; progress goes to standard error."),
    ]
  ) { arguments in
    let out = arguments.string("out")
    do {
      if let out { try checkOutput(out, keeping: []) }
    } catch let error as TensorFileError {
      throw UserError("\(error)")
    }
    var changes = [Axis.data, .model, .training].compactMap { axis in
      arguments.string(axis.rawValue).map { (axis, $0, "--\(axis.rawValue)") }
    }
    if let options = arguments.string("dp-sgd") {
      changes.append((.training, "{dp-sgd: {\(options)}}", "--dp-sgd"))
    }
    let training = try PooledTraining(
      try Experiment.read(path: arguments.positional("FILE"), changes: changes),
      selection: Selection(only: arguments.pairs("only")),
      seed: arguments.int("seed").map { UInt64($0) })
    if let note = training.note { Terminal.error.writeLine("note: \(note)") }
    let isJSON = arguments.flag("json")
    let result = try TrainingProgress.run(training, isJSON: isJSON)
    do {
      if let out { try TensorArchive.write(result.weights, to: out) }
    } catch {
      throw UserError("\(error)")
    }
    let terminal = Terminal.output
    if isJSON {
      terminal.writeLine(JSON.text(of: training.record(result, out: out)))
      return .done
    }
    terminal.writeLine()
    if let last = result.curve.last {
      terminal.writeLine(
        String(
          format: "final %.1f%% of %d test examples, loss %.4f, %d steps", last.accuracy * 100,
          training.testExamples, last.loss, result.steps))
    }
    for line in result.privacyLines { terminal.writeLine(line) }
    if let out { terminal.writeLine("weights in \(out)") }
    return .done
  }
}

/// Shows a running training: measurements as lines, and on a terminal every epoch below them.
private enum TrainingProgress {
  static func run(_ training: PooledTraining, isJSON: Bool) throws -> PooledTraining.Result {
    let terminal = isJSON ? Terminal.error : Terminal.output
    let meter =
      terminal.isTerminal
      ? ProgressMeter(total: training.epochs, unit: "epochs", terminal: terminal) : nil
    func say(_ line: String) {
      if let meter { meter.log(line) } else { terminal.writeLine(line) }
    }
    for line in training.summary + [""] { say(line) }
    var curve: [Double] = []
    let result = try training.run { progress in
      meter?.advance(
        current: progress.batchLoss.map { String(format: "batch loss %.4f", $0) } ?? "")
      guard let measured = progress.measurement else { return }
      curve.append(measured.accuracy)
      say(
        String(
          format: "epoch %4d  accuracy %5.1f%%  loss %7.4f", measured.epoch,
          measured.accuracy * 100, measured.loss)
          + (meter == nil ? "" : "  " + Sparkline.text(curve, width: 40)))
    }
    meter?.finish()
    return result
  }
}

extension PooledTraining {
  /// What `--json` prints.
  fileprivate func record(_ result: Result, out: String?) -> ConfigurationNode {
    func node(_ value: ConfigurationNode.Value) -> ConfigurationNode { ConfigurationNode(value) }
    func map(_ entries: [(String, ConfigurationNode.Value)]) -> ConfigurationNode {
      node(.map(entries.map { .init(key: $0.0, node: node($0.1)) }))
    }
    let curve = result.curve.map { point in
      map([
        ("epoch", .integer(point.epoch)), ("accuracy", .number(point.accuracy)),
        ("loss", .number(point.loss)),
      ])
    }
    return map([
      ("data", .text(data)), ("model", .text(model)), ("training", training.value),
      ("seed", Int(exactly: seed).map { .integer($0) } ?? .text("\(seed)")),
      ("parameters", .integer(parameterCount)),
      ("trainingExamples", .integer(trainingExamples)), ("testExamples", .integer(testExamples)),
      ("epochs", .integer(epochs)), ("steps", .integer(result.steps)),
      ("finalAccuracy", .number(result.curve.last?.accuracy ?? 0)),
      ("finalLoss", .number(result.curve.last?.loss ?? 0)), ("curve", .list(curve)),
      ("privacy", result.privacyRecord),
      ("files", map(out.map { [("weights", .text($0))] } ?? []).value),
    ])
  }
}

extension PooledTraining.Result {
  /// What is printed about privacy; nothing without `dp-sgd`.
  fileprivate var privacyLines: [String] {
    guard let privacy, let event = privacy.events.first else { return [] }
    var lines: [String] = []
    if isCutShort {
      lines.append("stopped after \(steps) steps: the next would have exceeded the target epsilon")
    }
    lines.append(
      "epsilon \(Words.upward(privacy.epsilon.upper)) at delta \(Words.plain(privacy.delta)) for one "
        + "\(event.unit.rawValue), relation \(event.adjacency.rawValue), accountant "
        + "\(privacy.accountant), noise \(privacy.randomness)")
    return lines
  }

  /// The same for `--json`; null without `dp-sgd`.
  fileprivate var privacyRecord: ConfigurationNode.Value {
    guard let privacy, let event = privacy.events.first else { return .null }
    func number(_ value: Double) -> ConfigurationNode.Value {
      value.isFinite ? .number(value) : .text("infinity")
    }
    let entries: [(String, ConfigurationNode.Value)] = [
      ("epsilon", number(privacy.epsilon.upper)), ("epsilonLower", number(privacy.epsilon.lower)),
      ("delta", .number(privacy.delta)), ("noiseMultiplier", .number(noiseMultiplier ?? 0)),
      ("steps", .integer(steps)), ("cutShort", .boolean(isCutShort)),
      ("unit", .text(event.unit.rawValue)), ("adjacency", .text(event.adjacency.rawValue)),
      ("sampling", .text(event.sampling.name)), ("samplingRate", .number(event.sampling.rate)),
      ("accountant", .text(privacy.accountant)), ("randomness", .text(privacy.randomness)),
    ]
    return .map(entries.map { .init(key: $0.0, node: ConfigurationNode($0.1)) })
  }
}
