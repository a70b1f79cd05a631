internal import Foundation

/// Why a database could not do what it was asked, and what would work.
public struct DatabaseError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The causes a caller may want to tell apart.
  public enum Reason: String, Sendable, Hashable {
    /// Another process kept the file to itself for longer than the waiting time.
    case busy
    /// The file or its folder cannot be written to.
    case readOnly
    /// The file cannot be opened or created.
    case cannotOpen
    /// The file is no SQLite database.
    case notADatabase
    /// The file was one, and is damaged.
    case damaged
    /// No room is left on the disk.
    case full
    /// The disk or file system failed.
    case inputOutput
    /// A rule of the schema was violated.
    case constraint
    /// A value is not of the kind that the reader expected.
    case unexpectedValue
    /// Anything else; mostly a mistake in SQL.
    case other
  }

  /// The database file.
  public var path: String
  /// SQLite's extended result code.
  public var code: Int
  /// SQLite's message.
  public var message: String
  /// What was being done: an SQL statement, or `opening`.
  public var action: String
  /// Whether the message is this package's own and says all there is to say.
  var isOwn = false

  /// A failure with SQLite's extended result `code`.
  public init(path: String, code: Int, message: String, action: String) {
    self.path = path
    self.code = code
    self.message = message
    self.action = action
  }

  /// The cause, from the primary part of the code.
  public var reason: Reason {
    switch code & 0xFF {
    case 5, 6: .busy
    case 3, 8, 23: .readOnly
    case 10: .inputOutput
    case 11: .damaged
    case 13: .full
    case 14: .cannotOpen
    case 19: .constraint
    case 20: .unexpectedValue
    case 26: .notADatabase
    default: .other
    }
  }

  /// A failure found before SQLite was asked; `reason` follows from the code.
  init(path: String, code: Int, explanation: String, action: String) {
    self.init(path: path, code: code, message: explanation, action: action)
    isOwn = true
  }

  /// One line: the file, what happened, what would work, SQLite's own message and code.
  public var description: String {
    if isOwn { return "\(path): \(message)" }
    let words =
      switch reason {
      case .busy:
        "another process is writing to it and did not finish in 10 seconds; wait for it, or stop it"
      case .readOnly:
        "no permission to write to it or its folder; choose a folder that grants it"
      case .cannotOpen: "it cannot be opened or created; choose a folder with write permission"
      case .notADatabase: "it is not a database; name another file (this one was not changed)"
      case .damaged: "it is damaged; move it away and run again"
      case .full: "the disk is full; free some space and run again, what was finished is kept"
      case .inputOutput: "reading or writing failed; check the disk and the file system"
      case .constraint, .unexpectedValue, .other: "'\(shortAction)' failed"
      }
    return "\(path): \(words) (SQLite: \(message), code \(code))"
  }

  private var shortAction: String {
    let line = action.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count <= 80 ? line : line.prefix(79) + "…"
  }

  /// Finds the plain mistakes in a path, which SQLite reports as one.
  static func checkPlace(_ path: String, creating: Bool) throws(DatabaseError) {
    guard path != ":memory:" else { return }
    let files = FileManager.default
    var isFolder: ObjCBool = false
    let problem: String
    if files.fileExists(atPath: path, isDirectory: &isFolder) {
      guard isFolder.boolValue else { return }
      problem = "this is a folder, not a database"
    } else if !creating {
      problem = "there is no such file"
    } else {
      let folder = URL(filePath: path).deletingLastPathComponent().path
      if files.fileExists(atPath: folder, isDirectory: &isFolder) {
        guard !isFolder.boolValue else { return }
        problem = "\(folder) is a file, not a folder"
      } else {
        problem = "the folder \(folder) does not exist"
      }
    }
    throw DatabaseError(path: path, code: 14, explanation: problem, action: "opening")
  }
}
