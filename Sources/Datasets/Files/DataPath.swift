import Components

/// A path in a parameter: written as a text, relative to the experiment file it stands in.
///
/// In a command line's words, and in code, a relative path counts from the working directory. Results
/// are told apart by what was written and by the data's content, not by where the folder is.
public struct DataPath: Codable, Hashable, Sendable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// The path as written; empty for none.
  public let written: String
  /// The folder of the experiment file, if there is one.
  private let folder: String

  /// A path relative to the working directory.
  public init(_ path: String) { (written, folder) = (path, "") }

  /// A path relative to the working directory.
  public init(stringLiteral path: String) { self.init(path) }

  /// Whether there is no path.
  public var isEmpty: Bool { written.isEmpty }

  /// The path to open.
  public var resolved: String {
    written.hasPrefix("/") || folder.isEmpty ? written : folder + "/" + written
  }

  /// The path as written.
  public var description: String { written }

  /// Reads a text, and remembers the folder of the file that it stands in.
  public init(from decoder: any Decoder) throws {
    let node = try ConfigurationNode(from: decoder)
    written = try decoder.singleValueContainer().decode(String.self)
    let file = node.position?.file ?? ""
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    let parent = parts.dropLast().joined(separator: "/")
    // What comes through a pipe stands in no folder.
    folder = parent.hasPrefix("/dev/") || parent.hasPrefix("/proc/") ? "" : parent
  }

  /// Writes the text alone.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(written)
  }

  /// Equal texts.
  public static func == (left: DataPath, right: DataPath) -> Bool { left.written == right.written }

  /// By the text.
  public func hash(into hasher: inout Hasher) { hasher.combine(written) }
}
