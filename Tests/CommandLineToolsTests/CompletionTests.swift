import CommandLineTools
import Foundation
import Testing

@Suite("Completion")
struct CompletionTests {
  /// The words offered after `words`, the last one being what has been typed of it.
  func candidates(_ words: String...) -> [String] {
    run(["--candidates"] + words).output.split(separator: "\n").map {
      String($0.prefix { $0 != "\t" })
    }
  }

  @Test("commands, then options, then values")
  func offers() {
    #expect(candidates("") == ["matrix", "merge", "new", "report", "--help"])
    #expect(candidates("m") == ["matrix", "merge"])
    #expect(candidates("new", "") == ["defense", "--help"])
    #expect(candidates("help", "rep") == ["report"])
    #expect(candidates("report", "--f") == ["--format"])
    #expect(candidates("report", "--format", "") == ["table", "html", "csv"])
    #expect(candidates("report", "--format", "h") == ["html"])
    #expect(candidates("report", "--format=h") == ["--format=html"])
    #expect(candidates("matrix", "") == [":files"])
    #expect(candidates("matrix", "--out", "") == [":folders"])
    #expect(candidates("merge", "a", "b", "") == [":folders"])
    #expect(candidates("matrix", "--jobs", "") == [])
    #expect(candidates("unknown", "") == [])
  }

  @Test("pairs offer their keys, then the names known for the key")
  func pairs() {
    #expect(candidates("matrix", "--only", "") == ["attack=", "defense="])
    #expect(candidates("matrix", "--only", "attack=") == ["attack=alie", "attack=ipm"])
    #expect(candidates("matrix", "--only=attack=a") == ["--only=attack=alie"])
  }

  @Test("an option is offered once unless it repeats, and not after --")
  func offeredOnce() {
    #expect(candidates("matrix", "--dry-run", "--d") == [])
    #expect(candidates("matrix", "--only", "attack=ipm", "--on") == ["--only"])
    #expect(candidates("matrix", "--", "--d") == [":files"])
  }

  @Test(
    "the bash script completes in bash itself",
    arguments: [
      ("lab report --format ", "table html csv"), ("lab report --format=h", "html"),
      ("lab matrix --only attack=i", "ipm"), ("lab matrix --on", "--only"),
    ])
  func bash(line: String, reply: String) throws {
    // A stand-in program answers as `lab --candidates` does.
    let words = line.split(separator: " ", omittingEmptySubsequences: false).dropFirst()
    let answer = run(["--candidates"] + words.map(String.init)).output
    let output = try shell(
      """
      lab() { [ "$*" = "--candidates \(words.joined(separator: " "))" ] && printf %s "$ANSWER"; }
      compopt() { :; }
      source /dev/stdin <<<"$SCRIPT"
      COMP_LINE="\(line)" COMP_POINT=\(line.count)
      _lab
      echo "${COMPREPLY[*]}"
      """, ["ANSWER": answer, "SCRIPT": try script("bash")])
    #expect(output == reply + "\n")
  }

  @Test("another shell is refused with the known ones")
  func unknownShell() {
    let errors = Recorder()
    let root = CommandSpec("lab", abstract: "L.", subcommands: [.completion(of: "lab")])
    let program = CommandProgram(root, version: "1", errors: errors.terminal())
    #expect(program.run(["completion", "fish"]) == .badInput)
    #expect(errors.text.contains("(known: bash, zsh)") || errors.text.contains("known: bash, zsh"))
  }

  private func script(_ shell: String) throws -> String {
    let output = Recorder()
    let terminal = output.terminal()
    let root = CommandSpec(
      "lab", abstract: "L.", subcommands: [.completion(of: "lab", output: terminal)])
    try #require(CommandProgram(root, version: "1").run(["completion", shell]) == .done)
    return output.text
  }

  private func shell(_ commands: String, _ environment: [String: String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", commands]
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
