import Foundation
import RampartCommand
import Testing

@Suite("rampart secagg verify-attack")
struct SecAggVerifyAttackTests {
  typealias Sheet = SecAggAttackTests.Sheet

  private func run(_ line: String) throws -> (status: Int32, output: String, errors: String) {
    let rampart = try Program()
    defer { rampart.remove() }
    let words = ["secagg", "verify-attack"] + line.split(separator: " ").map(String.init)
    let result = try rampart.run(words, input: Data())
    return (result.status, String(decoding: result.output, as: UTF8.self), result.errors)
  }

  private func sheet(_ line: String) throws -> Sheet {
    let result = try run(line + " --json")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return try JSONDecoder().decode(Sheet.self, from: Data(result.output.utf8))
  }

  @Test("A sheet has every way to verify with its verdict, and repeats with its seed")
  func forgery() throws {
    let line = "server-forgery --clients 8 --dimension 3 --seed 5"
    let found = try sheet(line)
    #expect(found.seed == 5 && found.asExpected && found.findings.count == 8)
    #expect(
      found.findings.map(\.expected) == [
        "succeeds", "succeeds", "fails", "fails", "succeeds", "fails", "fails", "fails",
      ])
    #expect(found.findings[1].variant == "verifynet-reconstructed, public-code")
    for finding in found.findings {
      #expect(finding.succeeded == (finding.expected == "succeeds") && finding.asExpected)
      #expect(finding.value == (finding.succeeded ? 1 : 0))
    }
    #expect(try sheet(line).findings.map(\.evidence) == found.findings.map(\.evidence))
  }

  @Test("The table has a line for each cell, and one attack alone says what it rests on")
  func table() throws {
    let result = try run("commitment-equivocation --clients 8 --dimension 2")
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[1].hasPrefix("commitment-equivocation  verifl, published"))
    #expect(lines[1].hasSuffix("7  succeeds  succeeds"))
    #expect(lines[2].contains("verifl, mended") && lines[2].hasSuffix("0  fails     fails"))
    #expect(result.output.contains("does not open"))
    #expect(lines.dropLast().last == "3 cells: 1 got through, 2 did not; all as theory says.")
  }

  @Test("All attacks run and come out as theory says")
  func all() throws {
    let found = try sheet("all --clients 8 --dimension 2")
    #expect(found.asExpected && Set(found.findings.map(\.attack)).count == 10)
    #expect(found.findings.count == 8 * 6 + 4 * 8 + 3 + 4 + 2 * 8)
    let text = try run("all --clients 8 --dimension 2").output
    #expect(
      text.contains("103 cells: 33 got through, 70 did not;") && !text.contains("NOT AS EXPECTED"))
  }

  @Test("Wrong input says what would work")
  func wrongInput() throws {
    for (line, words) in [
      ("server-forgry", "did you mean 'server-forgery'?"),
      ("fire", "known: aggregate-replay, all, commitment-equivocation"),
      ("", "NAME"),
      ("server-forgery --clients 3", "--clients 3 must be in 8...64"),
      ("server-forgery --dimension 1", "--dimension 1 must be in 2...1024"),
      ("server-forgery --dimension many", "--dimension many must be in 2...1024"),
      ("server-forgery --seed -1", "--seed"),
    ] {
      let result = try run(line)
      #expect(result.status == 2 && result.output.isEmpty, "\(line)")
      #expect(result.errors.contains(words), "\(line): \(result.errors)")
    }
    let mistakes = try run("server-forgery --clients 1 --dimension 0 --seed x")
    #expect(mistakes.errors.split(separator: "\n").count { $0.hasPrefix("error:") } == 3)
  }

  @Test("The help names every attack, and says what the reconstruction is")
  func help() throws {
    let text = try run("--help").output
    for name in [
      "proof-recovery", "vector-guessing", "server-forgery", "coordinate-permutation",
      "aggregate-replay", "insider-forgery", "tampered-aggregate", "commitment-equivocation",
      "rogue-commitment",
      "unbounded-input",
    ] {
      #expect(text.contains(name), "\(name)")
    }
    #expect(text.contains("says nothing of the paper"))
  }
}
