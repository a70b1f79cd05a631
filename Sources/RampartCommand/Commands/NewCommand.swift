internal import CommandLineTools
internal import Components
internal import Experiments
internal import Foundation

extension CommandSpec {
  /// `rampart new`.
  static let new = CommandSpec(
    "new",
    abstract: "Write a working component with its test, to start from.",
    subcommands: [
      newComponent(.init(word: "defense", folder: "defenses", tests: "DefensesTests")),
      newComponent(.init(word: "attack", folder: "attacks", tests: "AttacksTests")),
    ])

  private static func newComponent(_ kind: Scaffold.Kind) -> CommandSpec {
    CommandSpec(
      kind.word,
      abstract: "Write \(kind.folder)/NAME.swift and its test.",
      discussion: """
        Run it in a checkout of rampart. The file works as it is; add its type to \
        \(kind.folder)/Catalogue.swift and help, matrix and law tests know it.
        """,
      parameters: [.argument("NAME", "The name in kebab case, such as my-rule.")]
    ) { arguments in
      let scaffold = try Scaffold(
        kind, name: arguments.positional("NAME") ?? "",
        root: FileManager.default.currentDirectoryPath)
      let written = try scaffold.write()
      for path in written { Terminal.output.writeLine("wrote \(path)") }
      Terminal.output.writeLine(
        "now add '\(scaffold.typeName).self,' to \(kind.folder)/Catalogue.swift")
      return .done
    }
  }
}
