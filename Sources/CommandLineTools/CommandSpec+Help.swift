/// The help text of the last command of a path.
struct HelpText {
  let path: [CommandSpec]
  let terminal: Terminal

  private var command: CommandSpec { path[path.count - 1] }
  private var title: String { path.map(\.name).joined(separator: " ") }
  private var width: Int { terminal.width }

  /// The whole text.
  var lines: [String] {
    var lines = command.abstract.wrapped(to: width) + [""] + usage
    let longest = tables.flatMap(\.rows).map(\.label.displayWidth).max() ?? 0
    for table in tables where !table.rows.isEmpty {
      lines += ["", terminal.styled(table.heading, .bold)]
      lines += columns(table.rows, first: min(longest, 26, width / 3))
    }
    if !command.discussion.isEmpty { lines += [""] + discussion }
    if !command.subcommands.isEmpty {
      lines += [""] + "'\(title) COMMAND --help' says more about one command.".wrapped(to: width)
    }
    return lines
  }

  private typealias Row = (label: String, help: String)

  private var tables: [(heading: String, rows: [Row])] {
    var options = command.options.map { ($0.label, help(of: $0)) }
    options.append(("-h, --help", "Show this help."))
    if path.count == 1 { options.append(("--version", "Show the version.")) }
    return [
      ("Arguments", command.positionals.map { ($0.label, help(of: $0)) }),
      ("Commands", command.subcommands.map { ($0.name, $0.abstract) }),
      ("Options", options),
    ]
  }

  /// `Usage: rampart report RUN [--format FORMAT]`, continued under its first parameter.
  private var usage: [String] {
    let words =
      command.subcommands.isEmpty
      ? command.positionals.map(\.usage) + command.options.map(\.usage) : ["COMMAND"]
    var lines: [String] = []
    var line = "Usage: \(title)"
    let indent = line.displayWidth <= width / 2 ? line.displayWidth : 3
    for word in words {
      if line.displayWidth + 1 + word.displayWidth > width {
        lines.append(line)
        line = String(repeating: " ", count: indent)
      }
      line += " " + word
    }
    lines.append(line)
    lines[0] = terminal.styled("Usage:", .bold) + lines[0].dropFirst("Usage:".count)
    return lines
  }

  /// Names, and sentences wrapped beside them.
  private func columns(_ rows: [Row], first column: Int) -> [String] {
    rows.flatMap { row in
      var texts = row.help.wrapped(to: max(16, width - column - 4))[...]
      // A label wider than the column has a line of its own.
      let first = row.label.displayWidth <= column ? texts.popFirst() : nil
      let start = "  " + (first == nil ? row.label : row.label.padded(to: column) + "  ")
      return [start + (first ?? "")] + texts.map { String(repeating: " ", count: column + 4) + $0 }
    }
  }

  private func help(of parameter: Parameter) -> String {
    var notes: [String] = []
    if let value = parameter.defaultValue { notes.append("default: \(value)") }
    if case .words(let words) = parameter.kind.completion {
      notes.append("one of: \(words().joined(separator: ", "))")
    }
    if case .pairs(let pairs) = parameter.kind.completion {
      notes.append("keys: \(pairs().map(\.key).joined(separator: ", "))")
    }
    if case .option(let required, let repeated) = parameter.form {
      if required { notes.append("required") }
      if repeated { notes.append("may be repeated") }
    }
    return parameter.help + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
  }

  /// Paragraphs wrapped, lines that begin with blanks as they are.
  private var discussion: [String] {
    var lines: [String] = []
    var paragraph = ""
    func endParagraph() {
      lines += paragraph.wrapped(to: width)
      paragraph = ""
    }
    for line in command.discussion.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(" ") || line.isEmpty {
        endParagraph()
        lines.append(String(line))
      } else {
        paragraph += (paragraph.isEmpty ? "" : " ") + line
      }
    }
    endParagraph()
    return lines
  }
}
