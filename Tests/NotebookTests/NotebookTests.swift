import Foundation
import TestSupport
import Testing

/// Every notebook is replayed: its files written, its commands run, their output compared.
@Suite("Text notebooks")
struct NotebookTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("notebooks-text")

  static let names: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return all.filter { $0.hasSuffix(".md") && $0 != "README.md" }.sorted()
  }()

  @Test("there are notebooks to replay")
  func found() { #expect(!Self.names.isEmpty) }

  @Test(
    "says what happens when it is replayed",
    .enabled(if: isOptimizedBuild, "a debug build trains too slowly"), arguments: names)
  func replay(_ name: String) throws {
    let notebook = try Notebook(path: Self.folder.appendingPathComponent(name))
    let work = FileManager.default.temporaryDirectory
      .appendingPathComponent("notebook-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: work) }
    var commands = 0
    for step in notebook.steps {
      switch step {
      case .file(let file, let text):
        try text.write(to: work.appendingPathComponent(file), atomically: true, encoding: .utf8)
      case .command(let line, let text, let recorded, let tolerance):
        commands += 1
        let got = try Self.run(text, in: work)
        if let difference = Notebook.difference(
          recorded: Self.trimmed(recorded), got: Self.trimmed(got), tolerance: tolerance)
        {
          Issue.record(
            "\(name):\(line): $ \(text)\n\(difference)\n--- all:\n\(got.joined(separator: "\n"))")
        }
      }
    }
    #expect(commands > 0, "\(name) runs nothing")
  }

  @Test("the comparison lets numbers differ by the tolerance and nothing else")
  func comparison() {
    let recorded = ["accuracy 93.4 ± 0.5", "…", "done"]
    func differs(_ got: [String]) -> Bool {
      Notebook.difference(recorded: recorded, got: got, tolerance: 0.3) != nil
    }
    #expect(!differs(["accuracy  93.6 ± 0.5", "a", "b", "done"]))
    #expect(!differs(["accuracy 93.4 ± 0.5", "done"]))
    #expect(differs(["accuracy 93.8 ± 0.5", "done"]))
    #expect(differs(["accuracy 93.4 + 0.5", "done"]))
    #expect(differs(["accuracy 93.4 ± 0.5", "a"]))
    #expect(differs(["accuracy 93.4 ± 0.5", "done", "more"]))
    #expect(Notebook.difference(recorded: ["3 runs"], got: ["4 runs"], tolerance: 9) != nil)
  }

  private static func trimmed(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return lines
  }

  /// Runs `command` in a shell with the program under test first on the path.
  private static func run(_ command: String, in folder: URL) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "exec 2>&1; " + command]
    process.currentDirectoryURL = folder
    let products = Bundle.main.executableURL?.deletingLastPathComponent().path ?? "."
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = products + ":" + (environment["PATH"] ?? "")
    environment["COLUMNS"] = "100"
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).components(separatedBy: "\n")
  }
}
