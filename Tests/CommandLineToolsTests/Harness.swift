import CommandLineTools
import Synchronization

/// Keeps what is written to a terminal that is none.
final class Recorder: Sendable {
  private let kept = Mutex("")
  var text: String { kept.withLock { $0 } }
  var lines: [String] { text.split(separator: "\n").map(String.init) }
  func terminal(isTerminal: Bool = false, usesColour: Bool = false, width: Int = 80) -> Terminal {
    Terminal(isTerminal: isTerminal, usesColour: usesColour, width: width) { text in
      self.kept.withLock { $0 += text }
    }
  }
}

/// What a command line led to.
struct Outcome {
  var status: ExitStatus
  var output: String
  var errors: [String]
  /// What the command was given, when it ran.
  var arguments: ParsedArguments?
}

/// Runs `words` on the commands below, in a terminal of `width` columns.
func run(_ words: String..., width: Int = 80) -> Outcome { run(words, width: width) }

func run(
  _ words: [String], width: Int = 80, usesColour: Bool = false,
  body: @escaping @Sendable (ParsedArguments) throws -> ExitStatus = { _ in .done }
) -> Outcome {
  let output = Recorder()
  let errors = Recorder()
  let seen = Mutex<ParsedArguments?>(nil)
  let root = laboratory { arguments in
    seen.withLock { $0 = arguments }
    return try body(arguments)
  }
  let program = CommandProgram(
    root, version: "1.2.3", output: output.terminal(usesColour: usesColour, width: width),
    errors: errors.terminal())
  let status = program.run(words)
  return Outcome(
    status: status, output: output.text, errors: errors.lines, arguments: seen.withLock { $0 })
}

/// A small program with every kind of parameter.
func laboratory(_ body: @escaping @Sendable (ParsedArguments) throws -> ExitStatus) -> CommandSpec {
  CommandSpec(
    "lab", abstract: "A laboratory.",
    subcommands: [
      CommandSpec(
        "matrix", abstract: "Run every attack against every defense.",
        discussion: """
          Without a file the built-in experiment runs, and this paragraph is long enough to be \
          wrapped in a terminal of eighty columns.

            lab matrix --only attack=alie
          """,
        parameters: [
          .argument("FILE", "The experiment.", .optional, kind: .file),
          .option("out", "RUN", "The run directory.", kind: .folder, default: "runs/first"),
          .option("jobs", "N", "How many cells run at once.", kind: .integer(in: 1...64)),
          .option("seeds", "LIST", "The seeds.", kind: .integers(in: 0...Int.max)),
          .option("rate", "X", "A rate.", kind: .number(in: -1...1)),
          .option("shard", "I/N", "The part of the cells to run.", kind: .part),
          .option(
            "only", "KEY=NAME", "Cells to keep.",
            kind: .pair([("attack", ["alie", "ipm"]), ("defense", ["krum"])]), repeated: true),
          .flag("dry-run", "Show the cells."),
        ], run: body),
      CommandSpec(
        "merge", abstract: "Join runs.",
        parameters: [
          .argument("RUN", "The run directories.", .variadic(minimum: 1), kind: .folder),
          .option("out", "RUN", "The joined run.", required: true),
        ], run: body),
      CommandSpec(
        "new", abstract: "Begin a component.",
        subcommands: [
          CommandSpec(
            "defense", abstract: "Begin a defense.", parameters: [.argument("NAME", "Its name.")],
            run: body)
        ]),
      CommandSpec(
        "report", abstract: "Print a run.",
        parameters: [
          .argument("RUN", "The run directory."),
          .option(
            "format", "FORMAT", "How to print it.",
            kind: .oneOf("format", ["table", "html", "csv"]), default: "table"),
        ], run: body),
    ])
}
