public import Foundation

/// A file of published or independently computed values under `Tests/Vectors`.
public struct VectorFile<Case: Decodable>: Decodable {
  /// Where the values come from.
  public let source: String
  /// How to read them.
  public let note: String
  /// The values.
  public let cases: [Case]

  /// Reads `Tests/Vectors/<name>.json`.
  public init(named name: String) throws {
    let data = try Data(contentsOf: testsDirectory.appending(path: "Vectors/\(name).json"))
    self = try JSONDecoder().decode(Self.self, from: data)
  }
}

/// The folder `Tests` of the package, found from the place of this file.
public var testsDirectory: URL {
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
}
