internal import Components

/// Puts libyaml's problems into words that say what to change.
enum YAMLProblem {
  /// The issue at the place the problem was found.
  static func issue(_ problem: LibYAML.Problem, in text: [UInt8], file: String)
    -> ConfigurationIssue
  {
    guard let place = problem.place else {
      let position = TextCheck.position(of: problem.offset, in: text, file: file)
      return ConfigurationIssue(words(problem, next: nil), at: position)
    }
    let position = SourcePosition(file: file, line: place.line, column: place.column)
    var message = words(problem, next: character(at: place, in: text))
    if let context = context(problem, at: place) { message += " (\(context))" }
    return ConfigurationIssue(message, at: position)
  }

  private static func words(_ problem: LibYAML.Problem, next: Character?) -> String {
    let context = problem.context ?? ""
    switch problem.problem {
    case "found character that cannot start any token":
      if next == "\t" { return "a tab cannot indent YAML; use spaces" }
      let found = next.map { "'\($0)'" } ?? "this character"
      return "a value cannot start with \(found); put it in quotes"
    case "mapping values are not allowed in this context":
      return "': ' is not allowed here; check the indentation, or quote a text that contains it"
    case "could not find expected ':'":
      return "expected ': ' after the key before this line; check the indentation and the quotes"
    case "did not find expected key":
      return "expected a key in line with the keys above; check the indentation, "
        + "and that brackets and quotes are closed"
    case "did not find expected '-' indicator":
      return "expected '- ' in line with the items above; check the indentation"
    case "block sequence entries are not allowed in this context":
      return "a list item '- ' cannot stand here; start the list on a line of its own"
    case "mapping keys are not allowed in this context":
      return "a key '? ' cannot stand here"
    case "did not find expected ',' or ']'":
      return "expected ',' or ']' in the list"
    case "did not find expected ',' or '}'":
      return "expected ',' or '}' in the mapping"
    case "did not find expected node content":
      return "a value is missing here"
    case "found unexpected end of stream" where context.contains("quoted scalar"):
      return "the text ends inside quotes; close them"
    case "found unexpected document indicator" where context.contains("quoted scalar"):
      return "the document ends inside quotes; close them"
    case "found unknown escape character":
      return "unknown escape after '\\'; use single quotes to write a backslash as it is"
    case "did not find expected hexdecimal number":
      return "expected hexadecimal digits after the escape"
    case "found invalid Unicode character escape code":
      return "the escape names no Unicode character"
    case "did not find expected <document start>":
      return "expected the document to end here; check the indentation"
    case "control characters are not allowed":
      return "a control character stands here; remove it, or write it as an escape in double quotes"
    case "did not find expected alphabetic or numeric character" where context.contains("alias"):
      return "'*' starts a reference to an anchor; quote a text that starts with it"
    case "did not find expected alphabetic or numeric character" where context.contains("anchor"):
      return "'&' names an anchor; quote a text that starts with it"
    case "found undefined tag handle":
      return "'!' starts a tag that is not declared; quote a text that starts with it"
    case "found incompatible YAML document":
      return "expected %YAML 1.2"
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      return "a tab cannot indent YAML; use spaces"
    case let other:
      return "not YAML: \(other)"
    }
  }

  /// `in the mapping that starts at line 3`, where that helps to find the mistake.
  private static func context(_ problem: LibYAML.Problem, at place: LibYAML.Place) -> String? {
    guard let context = problem.context, let start = problem.contextPlace,
      start.line != place.line || context.contains("quoted")
    else { return nil }
    let names = [
      ("block mapping", "mapping"), ("flow mapping", "mapping"), ("block collection", "list"),
      ("flow sequence", "list"), ("quoted scalar", "quoted text"), ("simple key", "key"),
      ("block scalar", "text"), ("plain scalar", "text"),
    ]
    guard let name = names.first(where: { context.contains($0.0) })?.1 else { return nil }
    return "in the \(name) that starts at line \(start.line), column \(start.column)"
  }

  private static func character(at place: LibYAML.Place, in text: [UInt8]) -> Character? {
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
      .dropFirst(place.line - 1)
    guard let line = lines.first else { return nil }
    return String(decoding: line, as: UTF8.self).unicodeScalars.dropFirst(place.column - 1).first
      .map(Character.init)
  }
}
