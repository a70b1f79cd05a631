internal import CommandLineTools
internal import Components
internal import Experiments
internal import FileFormats
internal import Foundation

extension CommandSpec {
  /// `rampart doctor`.
  static let doctor = CommandSpec(
    "doctor",
    abstract: "Prove that attacks work before any defense is judged by them.",
    discussion: """
      Runs every inversion attack's positive control on a small model and data where it must work, \
      with all that a server may know and do granted and no defense. With --model, --data or \
      --batch-size the same attacks are tried there too: an attack that does not work on them says \
      nothing about a defense on them. Tells the cosine of gradients taken as in training and as in \
      evaluation: where it is far from 1 (batch norm, dropout), inversion meets another function.

      Exit status: 0 every control passed, 1 one did not, 2 the command line is wrong.
      """,
    parameters: [
      .option("model", "MODEL", "Your model, as in an experiment: 'mlp: {hidden: [64]}'."),
      .option("data", "DATA", "Your data (default: digits)."),
      .option(
        "batch-size", "N", "Examples of a client's step (default: 1).",
        kind: .integer(in: 1...10_000)),
      .option("attack", "NAME", "Only this attack; may be repeated.", repeated: true),
      .flag("json", "Print JSON."),
      ChainArguments.seed, ChainArguments.jobs,
    ]
  ) { arguments in
    let workers = ChainArguments.workers(arguments)
    let seed = UInt64(arguments.int("seed") ?? 0)
    let only = arguments.strings("attack")
    let names = Doctor.controls.map(\.attack)
    for word in only where !names.contains(word) {
      throw UserError(
        "--attack: " + NearestName.message(unknown: "attack", word, known: names.sorted()))
    }
    func chosen(_ trials: [Doctor.Trial]) -> [Doctor.Trial] {
      trials.filter { only.isEmpty || only.contains($0.attack) }
    }
    let isAsked = ["model", "data", "batch-size"].contains { arguments.string($0) != nil }
    let model = arguments.string("model") ?? "mlp: {hidden: [100]}"
    let own = chosen(
      isAsked
        ? Doctor.trials(
          model: model, data: arguments.string("data") ?? "digits",
          batch: arguments.int("batch-size") ?? 1) : [])
    let controls = chosen(Doctor.controls)
    var report = DoctorReport(isJSON: arguments.flag("json"))
    for trial in controls {
      report.add(try Doctor.examine(trial, workers: workers, seed: seed), isControl: true)
    }
    for trial in own {
      report.add(try Doctor.examine(trial, workers: workers, seed: seed), isControl: false)
    }
    if let first = own.first ?? controls.first {
      report.cosine = (first.setting.words, try Doctor.modeCosine(first, seed: seed))
    }
    report.finish()
    return report.isGreen ? .done : .failed
  }
}

/// What the doctor says, as it finds it.
private struct DoctorReport {
  let isJSON: Bool
  var cosine: (setting: String, value: Double)?
  private var findings: [(finding: Doctor.Finding, isControl: Bool)] = []

  init(isJSON: Bool) { self.isJSON = isJSON }

  var isGreen: Bool { findings.allSatisfy { !$0.isControl || $0.finding.works } }

  mutating func add(_ finding: Doctor.Finding, isControl: Bool) {
    if !isJSON {
      if isControl, findings.isEmpty {
        Terminal.output.writeLine("positive controls, where each attack must work:")
      }
      if !isControl, findings.last?.isControl ?? false {
        Terminal.output.writeLine("on this model and data:")
      }
      Terminal.output.writeLine(Self.line(finding))
    }
    findings.append((finding, isControl))
  }

  private static func line(_ finding: Doctor.Finding) -> String {
    let words: String
    switch finding.outcome {
    case .works(let figure): words = String(format: "works: %.3g ", figure) + finding.measure
    case .misses(let figure):
      words =
        String(format: "does not work: %.3g ", figure) + finding.measure
        + String(format: ", not %.3g", finding.bound)
    case .cannot(let reason): words = "cannot: \(reason)"
    }
    return "  " + finding.attack.padded(to: 20, .left) + " " + words
      + String(format: " (%.1f s; ", finding.seconds) + finding.setting + ")"
  }

  func finish() {
    guard isJSON else {
      if let cosine {
        Terminal.output.writeLine(
          String(format: "cosine of training and evaluation gradients: %.4f (", cosine.value)
            + cosine.setting + ")")
      }
      Terminal.output.writeLine(
        isGreen ? "green: every control passed" : "not green: a control failed")
      return
    }
    func node(_ value: ConfigurationNode.Value) -> ConfigurationNode { ConfigurationNode(value) }
    let rows = findings.map { finding, isControl -> ConfigurationNode in
      let (figure, reason): (ConfigurationNode.Value, ConfigurationNode.Value) =
        switch finding.outcome {
        case .works(let figure), .misses(let figure): (.number(figure), .null)
        case .cannot(let reason): (.null, .text(reason))
        }
      return node(
        .map([
          .init(key: "attack", node: node(.text(finding.attack))),
          .init(key: "setting", node: node(.text(finding.setting))),
          .init(key: "isControl", node: node(.boolean(isControl))),
          .init(key: "works", node: node(.boolean(finding.works))),
          .init(key: "measure", node: node(.text(finding.measure))),
          .init(key: "figure", node: node(figure)), .init(key: "reason", node: node(reason)),
          .init(key: "bound", node: node(.number(finding.bound))),
          .init(key: "seconds", node: node(.number(finding.seconds))),
        ]))
    }
    Terminal.output.writeLine(
      JSON.text(
        of: node(
          .map([
            .init(key: "green", node: node(.boolean(isGreen))),
            .init(
              key: "modeCosine", node: node(cosine.map { .number($0.value) } ?? .null)),
            .init(key: "findings", node: node(.list(rows))),
          ]))))
  }
}
