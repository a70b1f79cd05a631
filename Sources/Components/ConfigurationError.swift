/// One thing wrong with what the user wrote: where, what, and what would work.
public struct ConfigurationIssue: Sendable, Hashable, CustomStringConvertible {
  /// Where it was written; nil when nothing written is to blame.
  public var position: SourcePosition?
  /// What is wrong and what would work, in one line.
  public var message: String

  /// A problem at `position`.
  public init(_ message: String, at position: SourcePosition?) {
    self.position = position
    self.message = message
  }

  /// `file:line:column: message`, or the message alone.
  public var description: String {
    if let position { "\(position): \(message)" } else { message }
  }
}

/// Everything wrong with a configuration, found in one pass.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The problems in the order of the file.
  public var issues: [ConfigurationIssue]

  /// An error of these problems, put in the order of their files; those without a place come first.
  public init(_ issues: [ConfigurationIssue]) {
    var files: [String: Int] = [:]
    for issue in issues {
      if let file = issue.position?.file, files[file] == nil { files[file] = files.count + 1 }
    }
    let ranked = issues.enumerated().map { offset, issue in
      let position = issue.position
      let file = position.flatMap { files[$0.file] } ?? 0
      return (rank: (file, position?.line ?? 0, position?.column ?? 0, offset), issue: issue)
    }
    self.issues = ranked.sorted { $0.rank < $1.rank }.map(\.issue)
  }

  /// An error of one problem.
  public init(_ message: String, at position: SourcePosition?) {
    self.init([ConfigurationIssue(message, at: position)])
  }

  /// One line a problem.
  public var description: String { issues.map(\.description).joined(separator: "\n") }
}

/// Collects problems while reading goes on, so that all of them are reported together.
public struct IssueCollector: Sendable {
  /// What was found so far.
  public private(set) var issues: [ConfigurationIssue] = []

  /// An empty collector.
  public init() {}

  /// Notes a problem.
  public mutating func add(_ message: String, at position: SourcePosition?) {
    issues.append(ConfigurationIssue(message, at: position))
  }

  /// Runs `body`; its configuration errors are noted and nil is returned, others pass through.
  public mutating func attempt<Result>(_ body: () throws -> Result) rethrows -> Result? {
    do {
      return try body()
    } catch let error as ConfigurationError {
      issues += error.issues
      return nil
    }
  }

  /// Throws everything that was noted, if anything was.
  public func finish() throws(ConfigurationError) {
    if !issues.isEmpty { throw ConfigurationError(issues) }
  }
}
