/// A place in a configuration file, so that every message about it can point there.
public struct SourcePosition: Sendable, Hashable, CustomStringConvertible {
  /// The file as the user named it, or what stands for it (`command line`).
  public var file: String
  /// Line, from 1.
  public var line: Int
  /// Column, from 1.
  public var column: Int

  /// A place: `file`, and `line` and `column` counted from 1.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, the form editors and terminals turn into a link.
  public var description: String { "\(file):\(line):\(column)" }
}

/// One value of a configuration with the place it was written at.
///
/// The tree that a YAML file, a command-line word or a component's defaults become before anything
/// is interpreted. Two nodes are equal when they mean the same: positions do not count, and neither
/// does the order of a mapping's keys.
public struct ConfigurationNode: Sendable {
  /// The YAML 1.2 core schema's kinds of value.
  public indirect enum Value: Sendable {
    /// Nothing was written, or `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A whole number.
    case integer(Int)
    /// A number with a fraction, an exponent, `.inf` or `.nan`.
    case number(Double)
    /// Any other scalar.
    case text(String)
    /// A sequence.
    case list([ConfigurationNode])
    /// A mapping in the order written; keys are distinct.
    case map([Entry])
  }

  /// One key of a mapping and its value.
  public struct Entry: Sendable {
    /// The key.
    public var key: String
    /// Where the key was written.
    public var keyPosition: SourcePosition?
    /// The value.
    public var node: ConfigurationNode

    /// A key at `keyPosition` with its value.
    public init(key: String, keyPosition: SourcePosition? = nil, node: ConfigurationNode) {
      self.key = key
      self.keyPosition = keyPosition
      self.node = node
    }
  }

  /// What was written.
  public var value: Value
  /// Where it was written; nil for values no user wrote.
  public var position: SourcePosition?

  /// A value written at `position`.
  public init(_ value: Value, at position: SourcePosition? = nil) {
    self.value = value
    self.position = position
  }

  /// The value under `key`, if this is a mapping that has it.
  public subscript(key: String) -> ConfigurationNode? {
    guard case .map(let entries) = value else { return nil }
    return entries.first { $0.key == key }?.node
  }

  /// The entries of a mapping; nil for anything else.
  public var entries: [Entry]? {
    if case .map(let entries) = value { entries } else { nil }
  }

  /// The text of a scalar written as text; nil for anything else.
  public var text: String? {
    if case .text(let text) = value { text } else { nil }
  }

  /// This mapping with `patch`'s keys laid over its own; any other value is replaced whole.
  public func overlaid(with patch: ConfigurationNode) -> ConfigurationNode {
    guard case .map(var merged) = value, case .map(let changes) = patch.value else { return patch }
    for change in changes {
      if let index = merged.firstIndex(where: { $0.key == change.key }) {
        merged[index] = change
      } else {
        merged.append(change)
      }
    }
    return ConfigurationNode(.map(merged), at: patch.position ?? position)
  }

  /// What this value is, in the words of an error message: `the text 'abc'`, `a list`.
  public var summary: String {
    switch value {
    case .null: "nothing"
    case .boolean(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .text(let text): "the text '\(text)'"
    case .list: "a list"
    case .map: "a mapping"
    }
  }
}

extension ConfigurationNode: Equatable, Hashable {
  /// Equal meaning: positions and the order of keys do not count.
  public static func == (left: ConfigurationNode, right: ConfigurationNode) -> Bool {
    left.canonicalJSON == right.canonicalJSON
  }

  /// Feeds the canonical text, so that equal nodes hash alike.
  public func hash(into hasher: inout Hasher) { hasher.combine(canonicalJSON) }
}
