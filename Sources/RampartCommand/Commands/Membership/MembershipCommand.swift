internal import CommandLineTools
internal import Components
internal import FileFormats
internal import Foundation
internal import MembershipInference

extension CommandSpec {
  /// `rampart membership`.
  static let membership = CommandSpec(
    "membership",
    abstract:
      "Ask what models tell about their training data: an experiment's, or any framework's.",
    discussion: """
        rampart membership EXPERIMENT.yaml
        rampart membership EXPERIMENT.yaml --models 16 --audited 200 --html report.html
        rampart membership --scores S.npz
        rampart membership --scores S.npz --attack lira,rmia,loss --json
        rampart membership --scores S.npz --attack 'lira: {mode: offline, variance: shrinkage}'
        rampart membership --scores S.npz --attack all --roc roc.csv --svg roc.svg

      Of an experiment, several federations are trained for each combination of its axes other than \
      attack, each audited example in exactly half of them. Each is the target once and the others, which \
      have the same defense, are its shadows for the attacks of --attack on the last model. The \
      experiment's own attacks read along in all of them, or interfere in some: loss-series, fedmia, \
      server-ascent and others (rampart list attacks). An attack counts where its undefended area is above \
      0.55 with its interval; elsewhere its results are void. Finished federations are kept in the run \
      directory under the hash of all that decides them: the same command goes on where it stopped, and \
      what another --attack or other intervals ask of them trains nothing again.

      S.npz comes from any framework and has the arrays

        scores      losses, models x examples; or logits, models x examples x classes
        members     which model was trained on which example, models x examples
        labels      the class of each example, from 0; needed with logits
        target      the row of the model under attack (or --target); without it each
                    model is the target once and the others are its shadows
        population  which examples are known to be in no training data (if any)
        features    the examples themselves, examples x ... (if any), for a baseline
                    that never sees a model: if that tells members apart, the two
                    kinds differ and no result here counts

      With several queries of each example, such as augmentations, they come before the classes; \
      losses of them need --kind losses. A score never reads the target's own row of members. Each \
      figure comes with two intervals, as if all scores were independent and from resampling whole \
      targets. Rates of true positives at a share a of false ones are 'not resolved' with fewer than \
      10/a non-members.

      Attacks:

      \(attackList)

      Exit status: 0 done, 2 a file or the command line is wrong.
      """,
    parameters: [
      .argument("EXPERIMENT", "The experiment, YAML.", .optional, kind: .file),
      .option("scores", "FILE", "Scores and members, .npz or .safetensors.", kind: .file),
      .option(
        "attack", "LIST", "Attacks by name, with parameters if wanted, or all that can be run.",
        kind: .text(suggesting: attackNames() + ["all"]), default: "loss,calibrated,lira,rmia"),
      .option("target", "ROW", "The model under attack.", kind: .integer(in: 0...Int.max)),
      .option(
        "kind", "KIND", "How scores are written (default: losses, or logits with a third size).",
        kind: .oneOf("kind", ScoreFile.Kind.allCases.map(\.rawValue))),
      .option(
        "confidence", "C", "Of each interval.", kind: .number(in: 0.5...0.999999),
        default: "0.95"),
      .flag("simultaneous", "Widen intervals so that those of all attacks hold together."),
      .option(
        "resamples", "N", "How often to resample targets.", kind: .integer(in: 0...1_000_000),
        default: "1000"),
      .option(
        "models", "N", "Of an experiment: federations of each combination, even (default: 8).",
        kind: .integer(in: 2...1024)),
      .option(
        "active-models", "N",
        "Of an experiment: federations for each attack that interferes (default: half of --models).",
        kind: .integer(in: 1...1024)),
      .option(
        "audited", "N", "Of an experiment: audited examples of each client (default: 100).",
        kind: .integer(in: 2...1_000_000)),
      .option(
        "only", "AXIS=NAME", "Of an experiment: only this entry of an axis.",
        kind: .pair(axisWords()), repeated: true),
      .option(
        "out", "RUN", "Of an experiment: the run directory (default: runs/NAME-membership).",
        kind: .folder),
      .option(
        "html", "FILE", "Of an experiment: the report (default: report.html there).", kind: .file),
      .flag("quiet", "No progress."),
      .option(
        "roc", "FILE",
        "Write the curves as comma-separated values (of an experiment always: roc.csv there).",
        kind: .file),
      .option(
        "svg", "FILE",
        "Draw the curves, both axes logarithmic (of an experiment always: roc.svg there).",
        kind: .file),
      .flag("json", "Write JSON."),
      ChainArguments.seed, ChainArguments.jobs,
    ]
  ) { arguments in
    let experiment = arguments.positional("EXPERIMENT")
    switch (experiment, arguments.string("scores")) {
    case (nil, nil):
      throw UserError("name an experiment, or a file of scores with --scores FILE")
    case (_?, _?):
      throw UserError("an experiment and --scores are two questions; ask one at a time")
    case (let path?, nil): return try MembershipStudyTask(path, arguments).run()
    case (nil, _?):
      for word in ["models", "active-models", "audited", "html", "out"]
      where arguments.string(word) != nil || arguments.int(word) != nil {
        throw UserError("--\(word) is for experiments; with --scores the file says what there is")
      }
      return try MembershipTask(arguments).run()
    }
  }

  private static func attackNames() -> [String] { membershipScoreCatalogue.map { $0.card.name } }

  private static var attackList: String {
    let width = attackNames().map(\.count).max() ?? 0
    return membershipScoreCatalogue.map { type in
      "  " + type.card.name.padded(to: width, .left) + "  " + type.card.summary
    }.joined(separator: "\n")
  }
}

/// One run of `rampart membership`.
struct MembershipTask {
  /// What became of an attack.
  struct Outcome {
    var label: String
    var component: ConfiguredComponent
    var result: Result<ScoreEvaluation, MembershipError>
  }

  let file: ScoreFile
  let attacks: [ConfiguredComponent]
  let isAll: Bool
  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    let words = arguments.string("attack") ?? ""
    isAll = words == "all"
    attacks = try Self.attacks(
      isAll ? membershipScoreCatalogue.map { $0.card.name } : Self.split(words))
    file = try ScoreFile(
      arguments.string("scores") ?? "",
      kind: arguments.string("kind").flatMap(ScoreFile.Kind.init), target: arguments.int("target"))
  }

  /// `a,b: {c: [1, 2]}` as `a` and `b: {c: [1, 2]}`.
  static func split(_ text: String) -> [String] {
    var parts = [""]
    var depth = 0
    for character in text {
      if "{[(".contains(character) { depth += 1 }
      if "}])".contains(character) { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  static func attacks(_ texts: [String]) throws -> [ConfiguredComponent] {
    let catalogue = Catalogue([.init(.membershipScore, membershipScoreCatalogue)])
    var issues = IssueCollector()
    var found: [ConfiguredComponent] = []
    for text in texts {
      if text.isEmpty {
        throw UserError("--attack: a name is missing; write them as lira,rmia")
      }
      let one = try issues.attempt {
        try catalogue.component(
          try YAML.parseInline(text, source: "--attack"), role: .membershipScore)
      }
      if let one { found.append(one) }
    }
    try issues.finish()
    let labels = found.map(\.label)
    if let twice = labels.first(where: { label in labels.count { $0 == label } > 1 }) {
      throw UserError("--attack: '\(twice)' is there twice; once will do")
    }
    return found
  }

  func run() throws -> ExitStatus {
    let workers = ChainArguments.workers(arguments)
    var options = ScoreEvaluation.Options(
      significance: 1 - (arguments.double("confidence") ?? 0.95),
      resamples: arguments.int("resamples") ?? 1000, seed: UInt64(arguments.int("seed") ?? 0))
    // An area, a balanced accuracy and the rates, of each attack.
    let figures = attacks.count * (2 + options.rates.count)
    if arguments.flag("simultaneous") { options.comparisons = figures }
    var outcomes: [Outcome] = []
    var errors: [String] = []
    for attack in attacks {
      guard let score = attack.component as? any MembershipScore else { continue }
      let result = Result { () throws(MembershipError) -> ScoreEvaluation in
        let scores = try score.scores(of: file.targets, in: file.table, workers: workers)
        let judged = try JudgedScores(scores, of: file.targets, in: file.table)
        return try ScoreEvaluation(judged, options: options)
      }
      if case .failure(let error) = result, !isAll { errors.append("\(error)") }
      outcomes.append(Outcome(label: attack.label, component: attack, result: result))
    }
    guard errors.isEmpty else { throw UserError(errors) }
    if let failure = outcomes.lazy.compactMap({ outcome -> MembershipError? in
      if case .failure(let error) = outcome.result { error } else { nil }
    }).first, outcomes.allSatisfy({ if case .failure = $0.result { true } else { false } }) {
      throw UserError("\(failure)")
    }
    var report = MembershipReport(
      file: file, path: arguments.string("scores") ?? "", outcomes: outcomes, options: options,
      figures: figures)
    try report.add(baseline: baseline(options, workers))
    if let path = arguments.string("roc") { try TextFile.write(report.csv, to: path) }
    if let path = arguments.string("svg") { try TextFile.write(report.plot.svg, to: path) }
    for warning in report.warnings {
      Terminal.error.writeLine("warning: \(warning)")
    }
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: report.node))
    } else {
      for line in report.lines { Terminal.output.writeLine(line) }
    }
    return .done
  }

  /// The blind baseline, of at most 8 targets; nil without features.
  private func baseline(
    _ options: ScoreEvaluation.Options, _ workers: Int
  ) throws -> BlindBaseline? {
    guard file.table.data != nil else { return nil }
    do {
      return try BlindBaseline(
        targets: Array(file.targets.prefix(8)), in: file.table,
        significance: options.significance, seed: options.seed, workers: workers)
    } catch {
      throw UserError("\(error)")
    }
  }
}
