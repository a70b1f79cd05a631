import CommandLineTools
import Components
import Testing

@Suite("Parsing a command line")
struct ParsingTests {
  @Test("each kind of parameter reads back as its type")
  func everyKind() throws {
    let outcome = run(
      "matrix", "first.yaml", "--out", "runs/a", "--jobs=2", "--seeds", "1,2,30", "--rate", "-0.5",
      "--shard", "2/3", "--only", "attack=alie", "--only=defense=trimmed=mean", "--dry-run")
    #expect(outcome.status == .done)
    #expect(outcome.errors.isEmpty)
    let arguments = try #require(outcome.arguments)
    #expect(arguments.command == ["lab", "matrix"])
    #expect(arguments.positional("FILE") == "first.yaml")
    #expect(arguments.string("out") == "runs/a")
    #expect(arguments.int("jobs") == 2)
    #expect(arguments.ints("seeds") == [1, 2, 30])
    #expect(arguments.double("rate") == -0.5)
    #expect(arguments.part("shard")?.index == 2)
    #expect(arguments.part("shard")?.count == 3)
    #expect(arguments.pairs("only").map(\.key) == ["attack", "defense"])
    #expect(arguments.pairs("only").map(\.value) == ["alie", "trimmed=mean"])
    #expect(arguments.flag("dry-run"))
  }

  @Test("what is left out is nil, empty, false or the default")
  func nothingGiven() throws {
    let arguments = try #require(run("matrix").arguments)
    #expect(arguments.positional("FILE") == nil)
    #expect(arguments.string("out") == "runs/first")
    #expect(!arguments.isGiven("out"))
    #expect(arguments.int("jobs") == nil)
    #expect(arguments.pairs("only").isEmpty)
    #expect(!arguments.flag("dry-run"))
  }

  @Test("any order and both spellings of options mean the same")
  func orderDoesNotMatter() throws {
    let groups = [["a"], ["--out", "o"], ["b"], ["c"]]
    let orders = [[0, 1, 2, 3], [1, 0, 2, 3], [0, 2, 3, 1], [0, 2, 1, 3]]
    for order in orders {
      for joined in [false, true] {
        let words = order.flatMap { index in
          joined && groups[index].count == 2
            ? [groups[index].joined(separator: "=")] : groups[index]
        }
        let arguments = try #require(run(["merge"] + words).arguments)
        #expect(arguments.positionals("RUN") == ["a", "b", "c"])
        #expect(arguments.string("out") == "o")
      }
    }
  }

  @Test("-- ends the options, - is a value")
  func endOfOptions() throws {
    let arguments = try #require(
      run("merge", "a", "--out", "-", "--", "--out", "-x", "--help").arguments)
    #expect(arguments.string("out") == "-")
    #expect(arguments.positionals("RUN") == ["a", "--out", "-x", "--help"])
    #expect(run("matrix", "-").arguments?.positional("FILE") == "-")
  }

  @Test("an equals sign passes what looks like an option")
  func attachedDashes() {
    #expect(run("merge", "a", "--out=--b").arguments?.string("out") == "--b")
  }

  @Test("subcommands nest")
  func nesting() {
    let outcome = run("new", "defense", "my-rule")
    #expect(outcome.arguments?.command == ["lab", "new", "defense"])
    #expect(outcome.arguments?.positional("NAME") == "my-rule")
  }

  @Test(
    "one mistake gives one line that says what would work",
    arguments: [
      (["matrix", "a", "--jbos", "2"], "unknown option '--jbos'; did you mean '--jobs'?"),
      (["matrix", "-j"], "unknown option '-j'"),
      (["matrix", "--jobs"], "--jobs needs a value: --jobs N"),
      (["matrix", "--out", "--dry-run"], "--out needs a value: --out RUN"),
      (["matrix", "--out="], "--out is empty; it needs a value: --out RUN"),
      (["matrix", "--jobs", "two"], "--jobs: 'two' is not a whole number from 1 to 64"),
      (["matrix", "--jobs", "-3"], "--jobs: '-3' is not a whole number from 1 to 64"),
      (["matrix", "--jobs", "65"], "--jobs: '65' is not a whole number from 1 to 64"),
      (["matrix", "--jobs", "1", "--jobs", "2"], "--jobs is given twice and takes one value"),
      (["matrix", "--seeds", "1,,2"], "--seeds: '' in '1,,2' is not a whole number of at least 0"),
      (["matrix", "--seeds", "1,b"], "--seeds: 'b' in '1,b' is not a whole number of at least 0"),
      (["matrix", "--rate", "nan"], "--rate: 'nan' is not a number from -1.0 to 1.0"),
      (["matrix", "--shard", "3/2"], "--shard: '3/2' is not of the form i/n"),
      (["matrix", "--shard", "0/2"], "--shard: '0/2' is not of the form i/n"),
      (["matrix", "--only", "alie"], "--only: 'alie' is not of the form attack=value"),
      (["matrix", "--only", "atack=alie"], "--only: unknown key 'atack'; did you mean 'attack'?"),
      (["matrix", "--dry-run=yes"], "--dry-run takes no value, got 'yes'"),
      (["matrix", "a", "b"], "unexpected argument 'b'; lab matrix takes [FILE]"),
      (["merge", "--out", "x"], "missing RUN: The run directories."),
      (["merge", "x"], "missing --out RUN: The joined run."),
      (["report", "x", "--format", "htm"], "--format: unknown format 'htm'; did you mean 'html'?"),
      (["matrx"], "unknown command 'matrx'; did you mean 'matrix'?"),
      (["new", "attack"], "unknown command 'attack'; known: defense; see: lab new --help"),
      (["--jobs", "2", "matrix"], "unknown option '--jobs'"),
    ])
  func oneMistake(words: [String], message: String) {
    let outcome = run(words)
    #expect(outcome.status == .badInput)
    #expect(outcome.arguments == nil)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.count == 1)
    #expect(outcome.errors.first?.hasPrefix("error: " + message) == true, "\(outcome.errors)")
  }

  @Test("all mistakes are reported at once")
  func allMistakes() {
    let outcome = run(
      "matrix", "a", "b", "--jbos", "2", "--seeds", "x", "--dry-run=1", "--wholly-unlike", "--out")
    #expect(outcome.status == .badInput)
    #expect(outcome.errors.count == 6, "\(outcome.errors)")
    for part in ["--jbos", "--seeds", "--dry-run", "--wholly-unlike", "--out needs", "'b'"] {
      #expect(outcome.errors.contains { $0.contains(part) }, "\(part)")
    }
  }

  @Test("the value of an unknown option is not blamed on the arguments")
  func unknownOptionWithValue() {
    #expect(run("matrix", "a", "--wholly-unlike", "b").errors.count == 1)
  }

  @Test("the command's own errors choose the exit code")
  func thrownErrors() {
    struct Trouble: Error, CustomStringConvertible { var description: String { "trouble" } }
    let position = SourcePosition(file: "first.yaml", line: 3, column: 5)
    let user = run(["matrix"]) { _ in throw UserError("unknown key 'x'", at: position) }
    #expect(user.status == .badInput)
    #expect(user.errors == ["error: first.yaml:3:5: unknown key 'x'"])
    let issues = [
      ConfigurationIssue("one", at: position),
      ConfigurationIssue("two", at: SourcePosition(file: "first.yaml", line: 9, column: 1)),
    ]
    let configuration = run(["matrix"]) { _ in throw ConfigurationError(issues) }
    #expect(configuration.status == .badInput)
    #expect(configuration.errors == ["error: first.yaml:3:5: one", "error: first.yaml:9:1: two"])
    let other = run(["matrix"]) { _ in throw Trouble() }
    #expect(other.status == .failed)
    #expect(other.errors == ["error: trouble"])
    #expect(run(["matrix"]) { _ in .failed }.status == .failed)
  }

  @Test("exit codes are the documented ones")
  func exitCodes() {
    #expect(ExitStatus.done.rawValue == 0)
    #expect(ExitStatus.failed.rawValue == 1)
    #expect(ExitStatus.badInput.rawValue == 2)
  }
}

@Suite("Declarations")
struct DeclarationTests {
  @Test("a sound declaration has no problems")
  func sound() {
    #expect(laboratory { _ in .done }.declarationProblems.isEmpty)
  }

  @Test(
    "each unsound declaration is told apart",
    arguments: [
      ([Parameter.flag("x", "X."), .option("x", "N", "X.")], "two parameters share a name"),
      ([.argument("A", "A.", .optional), .argument("B", "B.")], "go required, optional, variadic"),
      (
        [.argument("A", "A.", .variadic(minimum: 0)), .argument("B", "B.", .variadic(minimum: 1))],
        "two variadic arguments"
      ),
      ([.flag("dryRun", "X.")], "--dryRun is not in kebab case"),
      ([.flag("help", "X.")], "--help is built in"),
      ([.flag("x", "")], "--x has no help"),
      ([.option("n", "N", "X.", kind: .integer(), default: "many")], "the default of --n"),
    ])
  func unsound(parameters: [Parameter], problem: String) {
    let command = CommandSpec("c", abstract: "C.", parameters: parameters) { _ in .done }
    let root = CommandSpec("r", abstract: "R.", subcommands: [command])
    #expect(root.declarationProblems.count == 1)
    #expect(root.declarationProblems.first?.contains("r c: ") == true)
    #expect(root.declarationProblems.first?.contains(problem) == true)
  }
}
