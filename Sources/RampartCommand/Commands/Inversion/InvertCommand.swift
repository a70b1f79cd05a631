internal import CommandLineTools
internal import Components
internal import Experiments
internal import GradientInversion

extension CommandSpec {
  /// `rampart invert`.
  static let invert = CommandSpec(
    "invert",
    abstract: "Look for clients' examples behind gradients, inside the round or from files.",
    discussion: """
        rampart invert EXPERIMENT.yaml [--only AXIS=NAME] [--ladder] --output found
        rampart invert --model lenet-zhu --weights W.npz --gradient G.npz --shape 3,32,32 \\
          --normalisation unit --labels 3 --output found
        rampart invert ... --unit delta --learning-rate 0.1 --attack dlg
        rampart invert ... --originals B.npz --json

      With an experiment, one scenario of it is run, its attack reads along with what transport and \
      threat model show, and is judged against what the clients' steps were taken on. --ladder runs \
      the attack again on the same updates with one thing less known each time.

      Without one, W and G are of any framework, .npz or .safetensors, named and laid out as 'rampart gradient' \
      takes and writes them. G is the gradient of the mean loss; with --unit delta the weights after \
      training minus those before, with --unit pseudo-gradient the negative of that. What the attack \
      is not told it does not know: without --labels they are read off the gradient, without \
      --normalisation no range of valid inputs is known and attacks that need one are refused.

      Writes to --output one PNG for each image found, contact-sheet.png (originals above, if \
      known) and metrics.json. --originals (arrays x, and y if wanted) are for scoring alone: the \
      attack has ended before they are looked at.

      Attacks:

      \(attackList)

      Exit status: 0 done, 1 the attack failed, which says nothing of protection, 2 a file or the \
      command line is wrong.
      """,
    parameters: [
      .argument("EXPERIMENT", "The experiment, YAML.", .optional, kind: .file),
      .option(
        "only", "AXIS=NAME", "The entry to take of an axis with several.",
        kind: .pair(axisWords()), repeated: true),
      .flag("ladder", "Run the attack with capabilities switched off, one more each time."),
      .option("model", "MODEL", "The model as in an experiment: lenet-zhu."),
      .option("weights", "FILE", "What the client started from.", kind: .file),
      .option("gradient", "FILE", "What was seen of the client.", kind: .file),
      .option(
        "shape", "SIZES", "One example: channels, height, width, or a number of features.",
        kind: .integers(in: 1...1_000_000)),
      .option(
        "unit", "UNIT", "What the numbers are.",
        kind: .oneOf("unit", ObservedUpdate.Unit.allCases.map(\.rawValue)), default: "gradient"),
      .option(
        "attack", "NAME", "The attack.", kind: .oneOf("attack", InversionTask.attacks.map(\.name)),
        default: "inverting-gradients"),
      .option(
        "normalisation", "KIND",
        "'unit' for pixels from 0 to 1, or MEAN/DEVIATION, a list of channels each: "
          + "0.49,0.48,0.45/0.25,0.24,0.26."),
      .option("labels", "LIST", "The labels, if known: 3,5.", kind: .integers()),
      .option(
        "batch-size", "N", "Examples (default: as many as labels, else 1).",
        kind: .integer(in: 1...100_000)),
      .option(
        "learning-rate", "R", "The client's, for trained differences.",
        kind: .number(in: 1e-12...1e6)),
      .option(
        "local-steps", "N", "Steps of the client, each on a batch of equal size.",
        kind: .integer(in: 1...100_000), default: "1"),
      .option(
        "momentum", "M", "The client's.", kind: .number(in: 0...0.999999), default: "0"),
      .option("steps", "N", "Instead of the attack's own.", kind: .integer(in: 1...10_000_000)),
      .option("restarts", "N", "Likewise.", kind: .integer(in: 1...10_000)),
      .flag("double", "Compute in double precision."),
      .flag("training-mode", "The gradient was taken with batch norm as in training."),
      .option(
        "originals", "FILE", "The true examples x, for scores.", kind: .file),
      .option("output", "DIR", "Where pictures and figures go; made if need be.", kind: .folder),
      .flag("json", "Print the figures as JSON."),
      .option(
        "seed", "S", "The seed (default: the experiment's first, or 0).",
        kind: .integer(in: 0...Int.max)), ChainArguments.jobs,
    ]
  ) { arguments in
    let files = ["model", "weights", "gradient", "shape"]
    if let experiment = arguments.positional("EXPERIMENT") {
      if let other = files.first(where: { arguments.string($0) != nil }) {
        throw UserError("--\(other) is for gradients from files; an experiment says it itself")
      }
      return try InvertExperiment(arguments, file: experiment).run()
    }
    let missing = files.filter { arguments.string($0) == nil }
    guard missing.isEmpty else {
      throw UserError(
        "name an experiment, or give " + missing.map { "--\($0)" }.joined(separator: ", "))
    }
    if arguments.flag("ladder") || !arguments.pairs("only").isEmpty {
      throw UserError("--ladder and --only are for experiments")
    }
    return try InvertFromFiles(arguments).run()
  }

  private static var attackList: String {
    let attacks = InversionTask.attacks
    let width = attacks.map(\.name.count).max() ?? 0
    return attacks.map { "  " + $0.name.padded(to: width, .left) + "  " + $0.summary }
      .joined(separator: "\n")
  }
}
