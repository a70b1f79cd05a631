import CommandLineTools
import Testing

@Suite("Help and version")
struct HelpTests {
  static let matrix = """
    Run every attack against every defense.

    Usage: lab matrix [FILE] [--out RUN] [--jobs N] [--seeds LIST] [--rate X]
                      [--shard I/N] [--only KEY=NAME]... [--dry-run]

    Arguments
      FILE             The experiment.

    Options
      --out RUN        The run directory. (default: runs/first)
      --jobs N         How many cells run at once.
      --seeds LIST     The seeds.
      --rate X         A rate.
      --shard I/N      The part of the cells to run.
      --only KEY=NAME  Cells to keep. (keys: attack, defense; may be repeated)
      --dry-run        Show the cells.
      -h, --help       Show this help.

    Without a file the built-in experiment runs, and this paragraph is long enough
    to be wrapped in a terminal of eighty columns.

      lab matrix --only attack=alie

    """

  @Test(
    "help of a command is aligned and wrapped",
    arguments: [
      ["matrix", "--help"], ["matrix", "-h"], ["help", "matrix"], ["matrix", "--jbos", "--help"],
      ["matrix", "--jobs", "1", "a", "b", "-h"],
    ])
  func commandHelp(words: [String]) {
    let outcome = run(words)
    #expect(outcome.status == .done)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output == Self.matrix)
    #expect(outcome.arguments == nil)
  }

  @Test(
    "a group alone, with --help and with help says the same",
    arguments: [
      [], ["--help"], ["-h"], ["help"],
    ])
  func rootHelp(words: [String]) {
    let outcome = run(words)
    #expect(outcome.status == .done)
    #expect(
      outcome.output == """
        A laboratory.

        Usage: lab COMMAND

        Commands
          matrix      Run every attack against every defense.
          merge       Join runs.
          new         Begin a component.
          report      Print a run.

        Options
          -h, --help  Show this help.
          --version   Show the version.

        'lab COMMAND --help' says more about one command.

        """)
  }

  @Test("every command has help that fits its terminal", arguments: [30, 40, 60, 80, 132])
  func fits(width: Int) {
    for words in [["merge"], ["new"], ["new", "defense"], ["report"], []] {
      for line in run(words + ["--help"], width: width).output.split(separator: "\n") {
        #expect(line.count <= width || !line.contains(" "), "\(line)")
      }
    }
  }

  @Test("headings are bold where colours are on")
  func colour() {
    let outcome = run(["merge", "--help"], usesColour: true)
    #expect(outcome.output.contains("\u{1B}[1mUsage:\u{1B}[0m lab merge RUN... --out RUN\n"))
    #expect(!run("merge", "--help").output.contains("\u{1B}"))
  }

  @Test("the version is one line")
  func version() {
    #expect(run("--version").output == "lab 1.2.3\n")
    #expect(run("new", "--version").output == "lab 1.2.3\n")
  }
}
