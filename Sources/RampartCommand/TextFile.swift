internal import CommandLineTools
internal import Foundation

/// Writing a result to a file, all or nothing.
enum TextFile {
  /// Writes `text` to `path`, replacing a file of that name only once the new one is complete.
  ///
  /// - Throws: `UserError` naming the path when it cannot be written.
  static func write(_ text: String, to path: String) throws(UserError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw UserError(
        "cannot write '\(path)': \((error as NSError).localizedDescription); give another path")
    }
  }
}
