import Components
import FileFormats
import Foundation
import Testing

@Suite("YAML files")
struct YAMLFileTests {
  private static func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "experiment.yaml").path
    try Data(bytes).write(to: URL(filePath: path))
    try body(path)
  }

  private static func message(_ path: String) -> String {
    do {
      return try YAML.read(path: path).summary
    } catch {
      return error.description
    }
  }

  @Test("a file reads with its path in every position")
  func read() throws {
    try Self.withFile(Array("a: 1\n".utf8)) { path in
      let node = try YAML.read(path: path)
      #expect(node["a"]?.position == SourcePosition(file: path, line: 1, column: 4))
    }
  }

  static let strangers: [([UInt8], String)] = [
    (Array("PK\u{3}\u{4}rest".utf8), ":1:1: not an experiment file: this is a ZIP archive"),
    (Array("SQLite format 3\0".utf8), "this is an SQLite database"),
    (Array("\n <!DOCTYPE html><html>".utf8), "this is an HTML page"),
    ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A], "this is a PNG image"),
    ([0xFF, 0xFE, 0x61, 0x00], "text in UTF-16"),
    ([0x61, 0x00, 0x62, 0x00], "a binary file"),
    (
      Array("a: 1\nü: ".utf8) + [0xE9, 0x0A],
      ":2:4: not an experiment file: this is not text in UTF-8"
    ),
    ([0x61, 0x3A, 0x20, 0xC3], ":1:4: not an experiment file"),
    (Array(repeating: 0x61, count: (1 << 20) + 1), "larger than 1048576 bytes"),
  ]

  @Test("a file that is no YAML gets one line that says so", arguments: strangers)
  func stranger(bytes: [UInt8], words: String) throws {
    try Self.withFile(bytes) { path in
      let message = Self.message(path)
      #expect(message.contains("not an experiment file"), "\(message)")
      #expect(message.contains(words), "\(message)")
      #expect(message.hasPrefix(path))
      #expect(!message.contains("\n"))
    }
  }

  @Test("a missing file, a folder and an unreadable file are told apart")
  func unreadable() throws {
    #expect(Self.message("/nowhere/x.yaml") == "/nowhere/x.yaml: there is no such file")
    #expect(Self.message("/").contains("this is a folder"))
    try Self.withFile([0x61]) { path in
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
      if FileManager.default.isReadableFile(atPath: path) { return }  // the superuser reads all
      #expect(Self.message(path).contains("cannot be opened"))
    }
  }
}
