/// A command as a declaration: parsing, help and completion all follow from it.
///
///     CommandSpec(
///       "report", abstract: "Print the matrix of a run.",
///       parameters: [
///         .argument("RUN", "The run directory.", kind: .folder),
///         .option("format", "FORMAT", "How to print it.",
///           kind: .oneOf("format", ["table", "csv"]), default: "table"),
///       ]
///     ) { arguments in
///       let run = arguments.positional("RUN")      // "runs/first"
///       let format = arguments.string("format")    // "table"
///       return .done
///     }
public struct CommandSpec: Sendable {
  /// What a command does with its arguments.
  public typealias Body = @Sendable (ParsedArguments) throws -> ExitStatus

  /// The word that calls it.
  public let name: String
  /// What it does, in one sentence of one line.
  public let abstract: String
  /// More for the help text: paragraphs are wrapped, lines that begin with spaces are kept.
  public let discussion: String
  /// Its arguments, options and flags; positional ones in their order.
  public let parameters: [Parameter]
  /// The commands below it; a command with subcommands has no parameters and no body.
  public let subcommands: [CommandSpec]
  /// What it does; nil for a group.
  let body: Body?

  /// A command that runs `body`.
  public init(
    _ name: String, abstract: String, discussion: String = "", parameters: [Parameter] = [],
    run body: @escaping Body
  ) {
    self.name = name
    self.abstract = abstract
    self.discussion = discussion
    self.parameters = parameters
    self.subcommands = []
    self.body = body
  }

  /// A group of commands.
  public init(
    _ name: String, abstract: String, discussion: String = "", subcommands: [CommandSpec]
  ) {
    self.name = name
    self.abstract = abstract
    self.discussion = discussion
    self.parameters = []
    self.subcommands = subcommands
    self.body = nil
  }

  /// The parameter called `--name`.
  func named(_ name: String) -> Parameter? {
    parameters.first { !$0.isPositional && $0.name == name }
  }
  /// The positional parameters.
  var positionals: [Parameter] { parameters.filter(\.isPositional) }
  /// The options and flags.
  var options: [Parameter] { parameters.filter { !$0.isPositional } }

  /// What is wrong with this declaration and those below it; empty when nothing is. For a test.
  public var declarationProblems: [String] { problems(path: []) }

  private func problems(path: [String]) -> [String] {
    let path = path + [name]
    let title = path.joined(separator: " ")
    var found: [String] = []
    func require(_ holds: Bool, _ message: String) {
      if !holds { found.append("\(title): \(message)") }
    }
    let names = parameters.map(\.name)
    let commands = subcommands.map(\.name)
    require(!abstract.isEmpty && !abstract.contains("\n"), "the abstract is one line")
    require(Set(names).count == names.count, "two parameters share a name")
    require(Set(commands).count == commands.count, "two subcommands share a name")
    require(body != nil || !subcommands.isEmpty, "neither a body nor subcommands")
    for parameter in parameters {
      require(!parameter.help.isEmpty, "\(parameter.title) has no help")
      require(
        parameter.isPositional
          || parameter.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" },
        "\(parameter.title) is not in kebab case")
      require(!["help", "version"].contains(parameter.name), "\(parameter.title) is built in")
      if let value = parameter.defaultValue, let problem = parameter.kind.problem(value) {
        require(false, "the default of \(parameter.title): \(problem)")
      }
    }
    let order = positionals.map { positional in
      switch positional.form {
      case .required: 0
      case .optional: 1
      default: 2
      }
    }
    require(order == order.sorted(), "positional arguments go required, optional, variadic")
    require(order.count { $0 == 2 } <= 1, "two variadic arguments")
    return found + subcommands.flatMap { $0.problems(path: path) }
  }
}
