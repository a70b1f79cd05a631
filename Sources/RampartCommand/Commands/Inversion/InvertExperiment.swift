internal import Attacks
internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation
internal import FileFormats
internal import Foundation

/// One run of `rampart invert EXPERIMENT.yaml`: the attack inside the round.
struct InvertExperiment {
  private let arguments: ParsedArguments
  private let scenario: SingleScenario
  private let output: PictureFolder?

  init(_ arguments: ParsedArguments, file: String) throws {
    self.arguments = arguments
    let experiment = try Experiment.load(file)
    var scenario = try SingleScenario(
      experiment, selection: Selection(only: arguments.pairs("only")),
      seed: arguments.int("seed").map { UInt64($0) })
    if arguments.flag("ladder") { scenario = try scenario.withLadder() }
    let observers = scenario.scenario.pipeline.attack.observers
    guard
      observers.contains(where: {
        $0 is any InversionObserver || $0 is InversionLadder || $0 is LabelRecoveryAttack
      })
    else {
      throw UserError(
        "'\(file)' has no attack that inverts updates; name one, such as "
          + inversionCatalogue.map { $0.card.name }.joined(separator: ", "))
    }
    self.scenario = scenario
    output = try arguments.string("output").map { try PictureFolder($0) }
  }

  func run() throws -> ExitStatus {
    let terminal = Terminal.output
    let isJSON = arguments.flag("json")
    if !isJSON { for line in scenario.summary { terminal.writeLine(line) } }
    for note in scenario.notes { Terminal.error.writeLine("note: \(note)") }
    let record = try scenario.run(workers: ChainArguments.workers(arguments)) { _ in }
    let figures = record.figures.sorted { $0.key < $1.key }
    let text = JSON.text(of: node(figures, record))
    if let output {
      try output.write(text + "\n", to: "metrics.json")
      try write(record, to: output)
    }
    if isJSON {
      terminal.writeLine(text)
    } else {
      terminal.writeLine()
      for (name, value) in figures {
        terminal.writeLine("\(name): \(String(format: "%.4g", value))")
      }
      if let output { terminal.writeLine("written to \(output.path)") }
    }
    for remark in record.remarks { Terminal.error.writeLine("note: \(remark)") }
    for gap in record.adaptivity?.gaps ?? [] {
      Terminal.error.writeLine("note: no use was made of all that is known of the defense: \(gap)")
    }
    if record.adaptivity?.wasRun == false {
      Terminal.error.writeLine(
        "note: non-adaptive only: nobody who knows the defense has attacked it; no evidence of "
          + "protection")
    }
    guard record.figures["attacks failed, share"] != 1 else {
      Terminal.error.writeLine("attack failed on every update; this says nothing of protection")
      return .failed
    }
    return .done
  }

  private func write(_ record: RunRecord, to folder: PictureFolder) throws {
    guard let found = record.tensors["reconstructions"], found.kind == .images else { return }
    let size = found.shape.dropFirst().reduce(1, *)
    func images(_ tensor: Conclusion.Tensor?) -> [[Float]] {
      guard let tensor else { return [] }
      return (0..<tensor.shape[0]).map { Array(tensor.values[($0 * size)..<(($0 + 1) * size)]) }
    }
    let originals = images(record.tensors["originals"])
    try folder.write(
      images(found), shape: Array(found.shape.dropFirst()), originals: originals,
      places: originals.indices.map { $0 })
  }

  private func node(
    _ figures: [(key: String, value: Double)], _ record: RunRecord
  ) -> ConfigurationNode {
    func node(_ value: ConfigurationNode.Value) -> ConfigurationNode { ConfigurationNode(value) }
    func text(_ value: String) -> ConfigurationNode { node(.text(value)) }
    let captions = record.tensors["reconstructions"]?.captions ?? []
    return node(
      .map([
        .init(key: "seed", node: text("\(scenario.scenario.seed)")),
        .init(key: "accuracy", node: node(.number(record.finalAccuracy))),
        .init(
          key: "figures",
          node: node(.map(figures.map { .init(key: $0.key, node: node(.number($0.value))) }))),
        .init(key: "images", node: node(.list(captions.map(text)))),
        .init(key: "remarks", node: node(.list(record.remarks.map(text)))),
        .init(
          key: "adaptivity",
          node: record.adaptivity.map { text($0.wasRun ? "adaptive" : "non-adaptive only") }
            ?? node(.null)),
        .init(key: "gaps", node: node(.list((record.adaptivity?.gaps ?? []).map(text)))),
      ]))
  }
}
