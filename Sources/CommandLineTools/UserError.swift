public import Components

/// What the user can correct: one line per mistake, all of them at once.
///
/// A command that throws it ends with exit code 2 and prints `error: MESSAGE` for each message.
/// A message about a file carries its place: `error: first.yaml:3:5: unknown attack 'alei'; …`.
public struct UserError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The mistakes in the order they were found, each one line that says what would work.
  public var messages: [String]

  /// The mistakes `messages`.
  public init(_ messages: [String]) {
    self.messages = messages
  }

  /// One mistake, in a file when `position` is given.
  public init(_ message: String, at position: SourcePosition? = nil) {
    messages = [ConfigurationIssue(message, at: position).description]
  }

  /// The mistakes of a configuration file.
  public init(_ error: ConfigurationError) {
    messages = error.issues.map(\.description)
  }

  /// The lines to print: `error: file:line:column: message`.
  public var lines: [String] { messages.map(UserError.line) }
  /// The lines to print, joined.
  public var description: String { lines.joined(separator: "\n") }

  /// `error: message`, with line breaks inside a message indented.
  public static func line(_ message: String) -> String {
    "error: " + message.split(separator: "\n").joined(separator: "\n  ")
  }
}
