internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation
internal import FileFormats
internal import Foundation

extension CommandSpec {
  /// `rampart craft`.
  static let craft = CommandSpec(
    "craft",
    abstract: "Craft the updates colluders would send, from files to a file.",
    discussion: """
      HONEST is the honest clients' updates, n x d, one (local minus global) a row, as 'rampart \
      aggregate' reads them. The colluders' updates come out as f x d numbers, float32. Attacks \
      are written as in an experiment ('rampart list attacks' names them), with one key more: f, \
      the number of colluders, which in an experiment the threat model says.

        rampart craft --attack 'alie: {f: 3}' honest.npy --output crafted.npy
        rampart craft --attack 'ipm: {f: 3, epsilon: 2}' honest.npy --all --output - |
          rampart aggregate --rule 'krum: {f: 3}' --report -

      The count may come from f, from --count, or from the rows of --own, and all that are given \
      must agree. --own is what the colluders would have sent had they been honest. Without it \
      each has the mean of the honest updates, which favours no direction and has no spread; \
      an attack that builds on the colluders' own updates needs the true ones to mean anything.

      Only what an attack says that it needs is shown to it; partial knowledge counts all of \
      HONEST as seen. Attacks that try out the server's rule need --rule (and --pre, as for \
      'rampart aggregate'). With --rule every attack is told what that chain makes of the honest \
      updates and the crafted ones together. Honest updates must be finite; what colluders send \
      need not be.

      Exit status: 0 done, 2 a file or the command line is wrong, or the attack needs what is not \
      there.
      """,
    parameters: [
      .argument("HONEST", "The honest updates, n x d; - for standard input.", kind: .file),
      .option(
        "attack", "ATTACK", "The attack as in an experiment, and f: 'alie: {f: 3}'.",
        kind: .text(suggesting: attackNames()), required: true),
      .option("count", "F", "The number of colluders.", kind: .integer(in: 1...1_000_000)),
      .option(
        "own", "FILE", "The colluders' clean updates, f x d (default: the honest mean each).",
        kind: .file),
      .option(
        "rule", "RULE", "The server's rule: 'krum: {f: 3}'.",
        kind: .text(suggesting: ChainArguments.ruleNames())),
      ChainArguments.pre,
      .option(
        "assumed-f", "F",
        "The f of components of the chain that say none (default: the number of colluders).",
        kind: .integer(in: 0...1_000_000)),
      ChainArguments.reference,
      .option(
        "output", "FILE", "Where the updates go: .npy, .npz, .safetensors, or -.", kind: .file),
      .flag("all", "Write the honest updates too, the colluders' after them."),
      ChainArguments.seed, ChainArguments.jobs,
      ChainArguments.report("what the attack did"), ChainArguments.time,
    ]
  ) { arguments in
    let attack = try CraftingTask.Attack(
      try YAML.parseInline(arguments.string("attack") ?? "", source: "--attack"))
    let chain = try ChainArguments.chain(arguments)
    let task = try ChainArguments.reading {
      let inputs = try ChainArguments.inputs(arguments, "HONEST", options: ["own", "reference"])
      try ChainArguments.checkOutputs(arguments, keeping: inputs)
      func archive(_ name: String) throws -> TensorArchive? {
        try arguments.string(name).map { try TensorStream.read($0) }
      }
      return try CraftingTask(
        attack: attack,
        honest: try UpdateRows(try TensorStream.read(arguments.positional("HONEST") ?? "")),
        own: try archive("own").map { try UpdateRows($0) }, colluders: arguments.int("count"),
        chain: chain, reference: try archive("reference"),
        assumedFaults: arguments.int("assumed-f"), seed: UInt64(arguments.int("seed") ?? 0),
        workers: ChainArguments.workers(arguments))
    }
    let outcome = try ChainArguments.reading {
      try task.run(includingHonest: arguments.flag("all"))
    }
    for note in task.notes { Terminal.error.writeLine("note: \(note)") }
    let output = arguments.string("output")
    if let output {
      try ChainArguments.reading { try TensorStream.write(outcome.updates, to: output) }
    }
    let report = CraftReport(task: task, outcome: outcome, showsTime: arguments.flag("time"))
    _ = try ChainArguments.write(report.node, arguments)
    if ChainArguments.isQuiet(arguments) { return .done }
    for line in report.summary { Terminal.output.writeLine(line) }
    if let output {
      let rows = outcome.updates.shape[0]
      Terminal.output.writeLine("written   \(output): \(rows) rows")
    }
    return .done
  }

  private static func attackNames() -> [String] {
    Catalogue.standard.types(.attack).filter { $0 is any Corruption.Type }.map { $0.card.name }
  }
}

/// What `rampart craft` tells.
private struct CraftReport {
  let task: CraftingTask
  let outcome: CraftingTask.Outcome
  let showsTime: Bool

  /// For programs.
  var node: ConfigurationNode {
    typealias Node = ReportNode
    var entries: [(String, ConfigurationNode.Value)] = [
      ("attack", Node.component(task.attack.component)),
      ("honest", .integer(task.honestCount)),
      ("f", .integer(task.colluders)),
      ("d", .integer(task.dimension)),
      ("norms", Node.list(outcome.norms.map(Node.number))),
      ("weights", claimsWeights ? Node.list(outcome.weights.map(Node.number)) : .null),
      ("queries", outcome.queries.map { .integer($0) } ?? .null),
      ("effect", outcome.effect.map(effect) ?? .null),
      ("notes", Node.texts(task.notes)),
    ]
    if showsTime { entries.append(("milliseconds", .number(outcome.seconds * 1000))) }
    return ConfigurationNode(Node.map(entries))
  }

  /// For people.
  var summary: [String] {
    var lines = [
      "attack    \(task.attack.component.label), \(task.colluders) colluders",
      "honest    \(task.honestCount) x \(task.dimension)",
    ]
    if let least = outcome.norms.min(), let most = outcome.norms.max() {
      lines.append("norm      \(least.short)\(least == most ? "" : " to \(most.short)")")
    }
    if claimsWeights {
      let weights = outcome.weights.map { $0?.short ?? "1" }
      lines.append("weights   \(weights.joined(separator: ", ")), as the colluders claim")
    }
    if let effect = outcome.effect, let chain = task.chain {
      lines.append("rule      \(chain.label)")
      if let colluders = effect.keptColluders, let honest = effect.keptHonest {
        lines.append(
          "keeps     \(colluders) of \(task.colluders) colluders, "
            + "\(honest) of \(task.honestCount) honest")
      }
      lines.append(
        effect.deviation.map {
          "aggregate at \($0.short) from the honest mean, whose norm is \(effect.honestNorm.short)"
        } ?? "aggregate none: \(effect.held ?? "held")")
    }
    if showsTime { lines.append("time      \((outcome.seconds * 1000).short) ms") }
    return lines
  }

  private func effect(_ effect: CraftingTask.Effect) -> ConfigurationNode.Value {
    typealias Node = ReportNode
    func count(_ number: Int?) -> ConfigurationNode.Value { number.map { .integer($0) } ?? .null }
    return Node.map([
      ("rule", task.chain.map { Node.component($0.rule) } ?? .null),
      ("pre", Node.list((task.chain?.steps ?? []).map(Node.component))),
      ("keptColluders", count(effect.keptColluders)),
      ("keptHonest", count(effect.keptHonest)),
      ("deviation", Node.number(effect.deviation)),
      ("honestNorm", Node.number(effect.honestNorm)),
      ("heldBecause", Node.text(effect.held)),
    ])
  }

  private var claimsWeights: Bool { outcome.weights.contains { $0 != nil } }
}
