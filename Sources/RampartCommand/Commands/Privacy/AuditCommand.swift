internal import Accounting
internal import CommandLineTools
internal import Components
internal import FileFormats

extension CommandSpec {
  /// `rampart privacy audit`.
  static let privacyAudit = CommandSpec(
    "audit",
    abstract: "Lower bounds on epsilon from scores of canaries: what an attack proves.",
    discussion: """
        rampart privacy audit S.npz --guesses-in 100 --guesses-out 100 --delta 1e-5
        rampart privacy audit S.npz --runs many --threshold 0.5 --delta 1e-5

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

      A bound below the epsilon that is claimed proves nothing wrong; one above it does.

      Exit status: 0 done, 2 a file or the command line is wrong.
      """,
    parameters: [
      .argument("SCORES", "Scores and members, .npz or .safetensors.", kind: .file),
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
      .flag("json", "Write JSON."),
    ]
  ) { arguments in try AuditTask(arguments).run() }
}

/// One run of `rampart privacy audit`.
private struct AuditTask {
  let path: String
  let scores: [Double]
  let members: [Bool]
  let delta: Double
  let significance: Double
  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    path = arguments.positional("SCORES") ?? ""
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
