internal import Components

/// A program made of commands: parses, answers `--help` and `--version`, runs, reports errors.
public struct CommandProgram: Sendable {
  private let root: CommandSpec
  private let version: String
  private let output: Terminal
  private let errors: Terminal

  /// The program `root`, which says `version` for `--version`.
  public init(
    _ root: CommandSpec, version: String, output: Terminal = .output, errors: Terminal = .error
  ) {
    self.root = root
    self.version = version
    self.output = output
    self.errors = errors
  }

  /// Runs what `words`, the words after the program's name, ask for.
  ///
  /// `UserError` and `ConfigurationError` print one line per mistake and end with `.badInput`, any
  /// other error ends with `.failed`; so does output that could not be written.
  public func run(_ words: some Sequence<String>) -> ExitStatus {
    let words = Array(words)
    if words.first == "--candidates" {
      for line in root.completions(for: Array(words.dropFirst())).lines { output.writeLine(line) }
      return .done
    }
    let status: ExitStatus
    do {
      status = try answer(words)
    } catch let error as UserError {
      status = report(error)
    } catch let error as ConfigurationError {
      status = report(UserError(error))
    } catch {
      errors.writeLine(UserError.line("\(error)"))
      status = .failed
    }
    if status == .done, let failure = output.writeFailure {
      errors.writeLine(UserError.line("cannot write to standard output: \(failure)"))
      return .failed
    }
    return status
  }

  private func answer(_ words: [String]) throws -> ExitStatus {
    switch try root.parse(words) {
    case .help(let path):
      for line in HelpText(path: path, terminal: output).lines { output.writeLine(line) }
      return .done
    case .version:
      output.writeLine("\(root.name) \(version)")
      return .done
    case .run(let command, let arguments):
      return try command.body?(arguments) ?? .done
    }
  }

  private func report(_ error: UserError) -> ExitStatus {
    for line in error.lines {
      errors.writeLine(errors.styled("error:", .red) + line.dropFirst("error:".count))
    }
    return .badInput
  }
}
