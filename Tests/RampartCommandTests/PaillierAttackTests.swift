import Foundation
import TestSupport
import Testing

@Suite("rampart paillier attack")
struct PaillierAttackTests {
  private func run(_ line: String) throws -> (status: Int32, output: String, errors: String) {
    let rampart = try Program()
    defer { rampart.remove() }
    let words = ["paillier", "attack"] + line.split(separator: " ").map(String.init)
    let result = try rampart.run(words, input: Data())
    return (result.status, String(decoding: result.output, as: UTF8.self), result.errors)
  }

  private func sheet(_ line: String) throws -> SecAggAttackTests.Sheet {
    let result = try run(line + " --json")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return try JSONDecoder().decode(
      SecAggAttackTests.Sheet.self, from: Data(result.output.utf8))
  }

  @Test("A sheet has both verdicts side by side, and repeats with its seed")
  func sheets() throws {
    let found = try sheet("reused-randomness --bits 512 --seed 5")
    #expect(found.seed == 5 && found.asExpected)
    #expect(
      found.findings.map(\.expected)
        == ["succeeds", "fails", "succeeds", "fails", "fails", "fails"])
    for finding in found.findings {
      #expect(finding.attack == "reused-randomness" && finding.asExpected)
      #expect(finding.succeeded == (finding.expected == "succeeds"))
      #expect(finding.value == (finding.succeeded ? 1 : 0) && finding.control == 1 / 65_536.0)
    }
    let again = try sheet("slot-overflow --bits 512 --seed 6")
    #expect(
      try sheet("slot-overflow --bits 512 --seed 6").findings.map(\.evidence)
        == again.findings.map(\.evidence))
  }

  @Test("The table has a line for each cell and says what it came to")
  func table() throws {
    let result = try run("shared-key --bits 512")
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[1].hasPrefix("shared-key  one key for 5 clients, 1 insider"))
    #expect(lines[1].hasSuffix("1  succeeds  succeeds"))
    #expect(lines[3].hasSuffix("0  fails     fails"))
    #expect(result.output.contains("2 good partial decryptions, and 3 are needed"))
    #expect(lines.dropLast().last == "7 cells: 4 got through, 3 did not; all as theory says.")
  }

  @Test("All attacks run and come out as theory says")
  func all() throws {
    // Optimised builds only: keys of 2048 bits, and times.
    guard isOptimizedBuild else { return }
    let found = try sheet("all")
    #expect(found.asExpected && Set(found.findings.map(\.attack)).count == 7)
    #expect(found.findings.count == 39)
  }

  @Test("Wrong input says what would work")
  func wrongInput() throws {
    for (line, words) in [
      ("reused-randomnes", "did you mean 'reused-randomness'?"),
      ("fire", "known: all, close-factors"), ("", "NAME"),
      ("shared-key --bits 100", "keys have a multiple of 64 bits in 512...4096"),
      ("shared-key --bits 1000", "--bits 1000"), ("shared-key --timings 3", "--timings 3 must be"),
      ("shared-key --seed -1", "--seed"),
    ] {
      let result = try run(line)
      #expect(result.status == 2 && result.output.isEmpty, "\(line)")
      #expect(result.errors.contains(words), "\(line): \(result.errors)")
    }
    let mistakes = try run("shared-key --bits 1 --timings x --seed x")
    #expect(mistakes.errors.split(separator: "\n").count { $0.hasPrefix("error:") } == 3)
  }
}
