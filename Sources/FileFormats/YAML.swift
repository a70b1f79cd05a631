public import Components
internal import Foundation

/// Reads and writes YAML 1.2 (core schema), the language of experiment files.
///
///     let node = try YAML.parse("krum: {f: 3}", file: "experiment.yaml")
///     node["krum"]?["f"]                // 3, at experiment.yaml:1:11
///
/// Every value and key knows its line and column. One document a text; keys are words and distinct
/// within their mapping; anchors and aliases work; merge keys and tags of other schemas do not.
public enum YAML {
  /// What a text may hold at most, so that no input exhausts stack, memory or patience.
  public struct Limits: Sendable, Hashable {
    /// The length of the text in bytes.
    public var bytes = 1 << 20
    /// The levels of lists and mappings, aliases written out.
    public var depth = 64
    /// The number of keys and values, aliases written out; a long text counts as several (one more
    /// for every 16 bytes).
    public var values = 200_000

    /// The default limits.
    public init() {}
  }

  /// The value that `text` holds; null for an empty text.
  ///
  /// - Parameters:
  ///   - text: One YAML document.
  ///   - file: Where the text comes from, for positions.
  ///   - limits: What to refuse as too large.
  /// - Throws: `ConfigurationError` with every mistake found, each at its line and column.
  public static func parse(_ text: String, file: String, limits: Limits = Limits())
    throws(ConfigurationError) -> ConfigurationNode
  {
    try parse(Array(text.utf8), file: file, limits: limits)
  }

  /// The value of one word on a command line: `krum`, `0.5`, `krum: {f: 3}`.
  public static func parseInline(_ text: String, source: String)
    throws(ConfigurationError) -> ConfigurationNode
  {
    try parse(text, file: source)
  }

  /// The value that the file at `path` holds.
  ///
  /// - Throws: `ConfigurationError` if there is no such file, it is a folder or unreadable, it is
  ///   not text in UTF-8, or for every mistake in its text.
  public static func read(path: String, limits: Limits = Limits())
    throws(ConfigurationError) -> ConfigurationNode
  {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ConfigurationError("\(path): there is no such file", at: nil)
    }
    if isFolder.boolValue {
      throw ConfigurationError(
        "\(path): this is a folder; name a YAML file in it", at: nil)
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw ConfigurationError("\(path): the file cannot be opened; check its permissions", at: nil)
    }
    defer { try? handle.close() }
    do {
      // One byte past the limit is enough to see that the file is too large.
      let data = try handle.read(upToCount: limits.bytes + 1) ?? Data()
      return try parse(Array(data), file: path, limits: limits)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError("\(path): the file cannot be read: \(error)", at: nil)
    }
  }

  /// The value of `utf8`, checked to be text at all first.
  static func parse(_ utf8: [UInt8], file: String, limits: Limits)
    throws(ConfigurationError) -> ConfigurationNode
  {
    let start = SourcePosition(file: file, line: 1, column: 1)
    if let found = TextCheck.kind(of: utf8) {
      throw ConfigurationError(
        "not an experiment file: this is \(found); expected YAML text", at: start)
    }
    guard utf8.count <= limits.bytes else {
      throw ConfigurationError(
        "not an experiment file: larger than \(limits.bytes) bytes", at: start)
    }
    let text = utf8.starts(with: TextCheck.byteOrderMark) ? Array(utf8.dropFirst(3)) : utf8
    if let offset = TextCheck.firstInvalidUTF8(text) {
      throw ConfigurationError(
        "not an experiment file: this is not text in UTF-8 "
          + "(byte 0x\(String(text[offset], radix: 16)) is out of place)",
        at: TextCheck.position(of: offset, in: text, file: file))
    }
    var composer = try YAMLComposer(text, file: file, limits: limits) { problem in
      YAMLProblem.issue(problem, in: text, file: file)
    }
    return try composer.document()
  }
}
