internal import Foundation

/// How a run directory came to be, for whoever wants to repeat it.
public struct RunOrigin: Sendable, Hashable {
  /// The command that wrote it last; nil in stores of programs that did not keep it.
  public var command: String?
  /// The experiment's file as the command named it, empty for the built-in one; nil likewise.
  public var file: String?
  /// The processors that ran it, by the names the kernel gives them; empty likewise.
  public var processors: [String]

  /// An origin; without anything, one that is not known.
  public init(command: String? = nil, file: String? = nil, processors: [String] = []) {
    self.command = command
    self.file = file
    self.processors = processors
  }

  /// The name of this machine's processor from `/proc/cpuinfo`; nil where it has none.
  static var processor: String? {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}

extension ResultStore {
  /// What is known of how the store came to be.
  var origin: RunOrigin {
    get throws {
      RunOrigin(
        command: try meta("command"), file: try meta("file"),
        processors: try meta("processors")?.split(separator: "\n").map(String.init) ?? [])
    }
  }

  /// Keeps `origin`: its command and file in place of earlier ones, its processors beside them.
  func add(_ origin: RunOrigin) throws {
    let processors = Set(try self.origin.processors).union(origin.processors).sorted()
    try set(meta: "processors", to: processors.joined(separator: "\n"))
    if let command = origin.command { try set(meta: "command", to: command) }
    if let file = origin.file { try set(meta: "file", to: file) }
  }
}
