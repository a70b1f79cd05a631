import Foundation

/// Lines for a terminal or a file: colours only where a person looks.
public struct Paper: Sendable {
  /// A way to write.
  public enum Ink: Int, Sendable {
    case plain = 0
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
  }

  private let isColoured: Bool

  /// Standard output.
  public init() {
    let environment = ProcessInfo.processInfo.environment
    isColoured =
      isatty(1) == 1 && environment["NO_COLOR", default: ""].isEmpty
      && environment["TERM"] != "dumb"
  }

  /// `text` in `ink`.
  public func styled(_ text: String, _ ink: Ink) -> String {
    isColoured && ink != .plain && !text.isEmpty ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Writes a line at once, without the blanks at its end; blanks alone are not written.
  public func line(_ text: String) {
    let end = text.lastIndex { $0 != " " }
    let text = end.map { text[...$0] } ?? ""
    if !text.isEmpty { write(String(text)) }
  }

  /// Writes an empty line.
  public func line() { write("") }

  private func write(_ text: String) {
    // A reader who has left misses the rest; the figures still go to their file.
    try? FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
  }

  /// `text` filled with blanks to `width`, in `ink`.
  public func cell(
    _ text: String, _ width: Int, right: Bool = true, _ ink: Ink = .plain
  ) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return right ? blanks + styled(text, ink) : styled(text, ink) + blanks
  }
}
