internal import Accounting
internal import CommandLineTools
internal import Components
internal import FileFormats

extension CommandSpec {
  /// `rampart privacy audit`.
  static let privacyAudit = CommandSpec(
    "audit",
    abstract: "Lower bounds on epsilon from canaries: what an attack proves.",
    discussion: """
        rampart privacy audit S.npz --guesses-in 100 --guesses-out 100 --delta 1e-5
        rampart privacy audit S.npz --runs many --threshold 0.5 --delta 1e-5
        rampart privacy audit EXPERIMENT.yaml --canaries 1000 --guesses 200

      S.npz comes from any framework and has the arrays

        scores    one for each canary; a higher one says 'was in the training data'
        members   1 where the canary was in, 0 where it was not

      One run (the default): all canaries were in the coin flips of a single training, each in with \
      probability 1/2. The canaries with the highest scores are called 'in', those with the lowest \
      'out', as many as you say; say it before you look at scores, as the bound holds for numbers \
      that were fixed. Equal scores count against the audit. Two analyses are printed: for any \
      mechanism, and for one whose trade-off is Gaussian, as that of DP-SGD nearly is.

      Many runs: each score comes from a training of its own. Error rates are bounded by \
      Clopper-Pearson at one threshold that was fixed before, or at all of them, which costs \
      significance.

      EXPERIMENT.yaml: the defenses that promise clients privacy at a trusted server run with canary \
      clients and without an attack, every seed; the guesses of all seeds count together. Each claim \
      is told beside what was proved of it, and is refuted where the bound for any mechanism is above \
      it, or that for Gaussian ones if the claim is of such a trade-off. Defenses that each client runs \
      by itself release an update as long as their clip lets through, and what their claim puts in \
      its place, many times each; a quarter of the releases choose a threshold, the rest count the \
      guesses, and what they prove stands beside the claim for one release. With several claims the \
      significance is divided among them.

      A bound below the epsilon that is claimed proves nothing wrong; one above it does.

      Exit status: 0 done, 1 a claim is refuted or a run failed, 2 a file or the command line is \
      wrong, 130 stopped.
      """,
    parameters: [
      .argument(
        "FILE", "Scores and members, .npz or .safetensors, or an experiment, .yaml.", kind: .file),
      .option(
        "guesses-in", "N", "Canaries called 'in'.", kind: .integer(in: 0...Int.max)),
      .option(
        "guesses-out", "N", "Canaries called 'out'.", kind: .integer(in: 0...Int.max)),
      .option(
        "runs", "RUNS", "One training with all canaries, or one for each score.",
        kind: .oneOf("runs", ["one", "many"]), default: "one"),
      .option(
        "threshold", "T", "With many runs: scores from here on say 'in' (default: try all).",
        kind: .number()),
      .option("delta", "D", "The delta of the epsilon.", kind: .number(in: 0...1), default: "1e-5"),
      .option(
        "significance", "S", "How often the bound may be wrong.",
        kind: .number(in: 1e-12...0.499), default: "0.05"),
      .option(
        "canaries", "N", "Canary clients of each run of an experiment (default: as it says).",
        kind: .integer(in: 2...1_000_000)),
      .option(
        "guesses", "N",
        "Guesses of either kind about them (default: as it says, or a quarter of --canaries).",
        kind: .integer(in: 1...500_000)),
      .option(
        "trials", "N",
        "Releases of either update for each defense that clients run by themselves (default: 8000).",
        kind: .integer(in: 8...10_000_000)),
      .option(
        "only", "AXIS=NAME", "Only this entry of an experiment's axis; given twice, either.",
        kind: .pair(axisWords()), repeated: true),
      .option(
        "seeds", "LIST", "Seeds in place of the experiment's.", kind: .integers(in: 0...Int.max)),
      .option(
        "jobs", "N", "Runs of an experiment at once (default: one a core).",
        kind: .integer(in: 1...1024)),
      .option(
        "out", "RUN", "Keep the experiment's runs here, and go on with what is there.",
        kind: .folder),
      .flag("json", "Write JSON."),
    ]
  ) { arguments in
    let path = arguments.positional("FILE") ?? ""
    func refuse(_ options: [String], _ remedy: String) throws {
      guard let name = options.first(where: arguments.isGiven) else { return }
      throw UserError("--\(name) is not for \(path): \(remedy)")
    }
    switch path.split(separator: ".").last?.lowercased() {
    case "yaml", "yml":
      try refuse(
        ["guesses-in", "guesses-out", "runs", "threshold", "delta"],
        "an experiment says its delta itself; say --canaries and --guesses (of either kind)")
      return try ExperimentAuditTask(arguments, path: path).run()
    case "npz", "safetensors":
      try refuse(
        ["canaries", "guesses", "trials", "only", "seeds", "jobs", "out"],
        "it is for experiments; scores take --guesses-in and --guesses-out")
      return try AuditTask(arguments).run()
    default:
      throw UserError(
        "\(path): is neither scores (.npz, .safetensors) nor an experiment (.yaml, .yml)")
    }
  }
}

/// One run of `rampart privacy audit` on scores.
private struct AuditTask {
  let path: String
  let scores: [Double]
  let members: [Bool]
  let delta: Double
  let significance: Double
  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    path = arguments.positional("FILE") ?? ""
    delta = arguments.double("delta") ?? 1e-5
    significance = arguments.double("significance") ?? 0.05
    let isMember: [Double]
    do throws(TensorFileError) {
      let archive = try TensorArchive.read(path)
      scores = try archive.tensor("scores").doubles
      isMember = try archive.tensor("members").doubles
    } catch {
      throw UserError("\(error)")
    }
    guard isMember.count == scores.count else {
      throw UserError(
        "\(path): members: \(isMember.count) values; there must be one for each of the "
          + "\(scores.count) scores")
    }
    if let place = isMember.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw UserError(
        "\(path): members: value \(place) is \(isMember[place]); write 1 for in and 0 for out")
    }
    members = isMember.map { $0 == 1 }
  }

  func run() throws -> ExitStatus {
    do throws(AccountingError) {
      if arguments.string("runs") == "many" { try many() } else { try one() }
    } catch {
      throw UserError("\(path): \(error)")
    }
    return .done
  }

  private func one() throws(AccountingError) {
    if arguments.isGiven("threshold") {
      throw .invalid(
        "--threshold", Words.plain(arguments.double("threshold") ?? 0),
        "is for --runs many; with one run say --guesses-in and --guesses-out")
    }
    guard
      let wantedIn = arguments.int("guesses-in") ?? (arguments.int("guesses-out") != nil ? 0 : nil)
    else {
      throw .invalid(
        "--guesses-in", "none", "must be given, or --guesses-out, and fixed before scores are seen")
    }
    let audit = try OneRunAudit(
      scores: scores, members: members, guessesIn: wantedIn,
      guessesOut: arguments.int("guesses-out") ?? 0)
    let any = try audit.epsilonLower(delta: delta, significance: significance)
    let gaussian: Double? =
      delta > 0
      ? try audit.gaussianEpsilonLower(delta: delta, significance: significance) : nil
    report(
      "\(audit.correct) of \(audit.guesses) guesses about \(audit.canaries) canaries were right.",
      [
        ("any mechanism", "epsilonLower", any),
        ("if Gaussian", "gaussianEpsilonLower", gaussian),
      ],
      [
        ("canaries", .integer(audit.canaries)), ("guesses", .integer(audit.guesses)),
        ("correct", .integer(audit.correct)),
      ])
  }

  private func many() throws(AccountingError) {
    for name in ["guesses-in", "guesses-out"] where arguments.isGiven(name) {
      throw .invalid(
        "--\(name)", arguments.string(name) ?? "", "is for one run; with many say --threshold")
    }
    let canaries = try CanaryScores(
      members: scores.indices.filter { members[$0] }.map { scores[$0] },
      others: scores.indices.filter { !members[$0] }.map { scores[$0] })
    let thresholds: CanaryScores.Thresholds =
      if let threshold = arguments.double("threshold") { .fixed(threshold) } else { .every }
    let any = try canaries.epsilonLower(thresholds, delta: delta, significance: significance)
    let gaussian: Double? =
      delta > 0
      ? try canaries.gaussianEpsilonLower(
        thresholds, delta: delta, significance: significance
      ).epsilon : nil
    report(
      "\(canaries.members.count) runs with their canary and \(canaries.others.count) without.",
      [
        ("any mechanism", "epsilonLower", any.epsilon),
        ("if Gaussian", "gaussianEpsilonLower", gaussian),
      ],
      [
        ("members", .integer(canaries.members.count)),
        ("others", .integer(canaries.others.count)), ("threshold", .number(any.threshold)),
      ])
  }

  private func report(
    _ sentence: String, _ bounds: [(title: String, key: String, value: Double?)],
    _ details: [(String, ConfigurationNode.Value)]
  ) {
    let terminal = Terminal.output
    if arguments.flag("json") {
      let entries =
        details
        + bounds.map { bound in
          (bound.key, bound.value.map { ConfigurationNode.Value.number($0) } ?? .null)
        } + [("delta", .number(delta)), ("significance", .number(significance))]
      terminal.writeLine(
        JSON.text(
          of: ConfigurationNode(
            .map(entries.map { .init(key: $0.0, node: ConfigurationNode($0.1)) }))))
      return
    }
    terminal.writeLine(sentence)
    for bound in bounds {
      guard let value = bound.value else { continue }
      terminal.writeLine(
        "epsilon is at least \(Words.downward(value)) at delta \(Words.plain(delta)) "
          + "(\(bound.title); wrong at most once in \(Words.nearest(1 / significance, digits: 3)))")
    }
  }
}
