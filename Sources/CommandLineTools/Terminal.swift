internal import Foundation
internal import Synchronization

/// A place text is written to: standard output, standard error, or a closure in tests.
///
/// Mixing it with `print` may change the order of lines, since `print` holds text back.
public struct Terminal: Sendable {
  /// Whether a person reads it as it is written.
  public let isTerminal: Bool
  /// Whether `styled` colours: a terminal, `NO_COLOR` unset, `TERM` not `dumb`.
  public let usesColour: Bool
  private let columns: @Sendable () -> Int
  private let rows: @Sendable () -> Int
  private let sink: @Sendable (String) -> Void
  private let failure: Failure

  /// A place of the caller's.
  public init(
    isTerminal: Bool = false, usesColour: Bool = false, width: Int = 80, height: Int = 24,
    sink: @escaping @Sendable (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.usesColour = usesColour
    self.columns = { width }
    self.rows = { height }
    self.sink = sink
    self.failure = Failure()
  }

  private init(_ handle: FileHandle, environment: [String: String]) {
    let descriptor = handle.fileDescriptor
    let isTerminal = TerminalSize.isTerminal(descriptor)
    let failure = Failure()
    self.isTerminal = isTerminal
    self.usesColour = Self.usesColour(isTerminal: isTerminal, environment: environment)
    self.columns = {
      environment["COLUMNS"].flatMap { Int($0) } ?? TerminalSize.columns(descriptor) ?? 80
    }
    self.rows = {
      environment["LINES"].flatMap { Int($0) } ?? TerminalSize.lines(descriptor) ?? 24
    }
    self.sink = { text in
      do {
        try handle.write(contentsOf: Data(text.utf8))
      } catch {
        failure.message.withLock { $0 = $0 ?? error.localizedDescription }
      }
    }
    self.failure = failure
  }

  /// Standard output.
  public static let output = Terminal(
    .standardOutput, environment: ProcessInfo.processInfo.environment)
  /// Standard error.
  public static let error = Terminal(
    .standardError, environment: ProcessInfo.processInfo.environment)

  /// Columns of a line: `COLUMNS`, else what the terminal says now, else 80; at least 20.
  public var width: Int { max(20, columns()) }
  /// Lines of the terminal: `LINES`, else what it says now, else 24; at least 4.
  public var height: Int { max(4, rows()) }
  /// Why text could not be written, when that happened: a full disk, a closed pipe.
  public var writeFailure: String? { failure.message.withLock { $0 } }

  /// Writes `text` as it is.
  public func write(_ text: String) { sink(text) }
  /// Writes `text` and a line end.
  public func writeLine(_ text: String = "") { sink(text + "\n") }

  /// `text` in `style` where colours are on, else as it is.
  public func styled(_ text: String, _ style: TextStyle) -> String {
    usesColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Whether to colour (https://no-color.org: any value of `NO_COLOR` but the empty one).
  package static func usesColour(isTerminal: Bool, environment: [String: String]) -> Bool {
    isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
  }

  private final class Failure: Sendable {
    let message = Mutex<String?>(nil)
  }
}

/// A colour or weight; the raw value is its SGR code (ECMA-48).
public enum TextStyle: Int, Sendable {
  /// Heavier.
  case bold = 1
  /// Fainter.
  case dim = 2
  /// For what went wrong.
  case red = 31
  /// For what went right.
  case green = 32
  /// For what to look at.
  case yellow = 33
  /// For names.
  case blue = 34
  /// For values.
  case cyan = 36
}
