internal import Foundation

/// What the system says about a file descriptor: the one file here that talks to C.
enum TerminalSize {
  /// Whether the descriptor is a terminal.
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// The columns of the terminal behind the descriptor; nil for files and pipes.
  static func columns(_ descriptor: Int32) -> Int? {
    size(descriptor).map { Int($0.ws_col) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The lines of the terminal behind the descriptor; nil for files and pipes.
  static func lines(_ descriptor: Int32) -> Int? {
    size(descriptor).map { Int($0.ws_row) }.flatMap { $0 > 0 ? $0 : nil }
  }

  private static func size(_ descriptor: Int32) -> winsize? {
    var size = winsize()
    return unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
  }
}
