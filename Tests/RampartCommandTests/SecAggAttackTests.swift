import Attacks
import Foundation
import RampartCommand
import TestSupport
import Testing

@Suite("rampart secagg attack")
struct SecAggAttackTests {
  struct Sheet: Decodable {
    struct Finding: Decodable {
      var attack: String
      var variant: String
      var adversary: String
      var metric: String
      var value: Double
      var control: Double?
      var succeeded: Bool
      var expected: String
      var asExpected: Bool
      var evidence: String
    }
    var seed: Int
    var findings: [Finding]
    var asExpected: Bool
  }

  private func run(_ line: String) throws -> (status: Int32, output: String, errors: String) {
    let rampart = try Program()
    defer { rampart.remove() }
    let words = ["secagg", "attack"] + line.split(separator: " ").map(String.init)
    let result = try rampart.run(words, input: Data())
    return (result.status, String(decoding: result.output, as: UTF8.self), result.errors)
  }

  private func sheet(_ line: String) throws -> Sheet {
    let result = try run(line + " --json")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return try JSONDecoder().decode(Sheet.self, from: Data(result.output.utf8))
  }

  @Test("A sheet has both verdicts side by side, and repeats with its seed")
  func dropouts() throws {
    let found = try sheet("dropout-equivocation --clients 8 --seed 5")
    #expect(found.seed == 5 && found.asExpected)
    #expect(found.findings.map(\.attack) == [String](repeating: "dropout-equivocation", count: 6))
    #expect(
      found.findings.map(\.expected) == [
        "succeeds", "fails", "succeeds", "fails", "fails", "succeeds",
      ])
    for finding in found.findings {
      #expect(finding.succeeded == (finding.expected == "succeeds") && finding.asExpected)
      #expect(finding.succeeded == (finding.value == 1))
      // One in as many as there are residues modulo 2^19.
      #expect(finding.control == 1 / 524_288.0)
    }
    #expect(found.findings[4].evidence.contains("tooFewSignatures"))
    let again = try sheet("dropout-equivocation --clients 8 --seed 5")
    #expect(again.findings.map(\.value) == found.findings.map(\.value))
    #expect(
      try sheet("collusion-sweep --seed 5").findings[1].value
        != sheet("collusion-sweep --seed 6").findings[1].value)
  }

  @Test("The table has a line for each cell and says what it came to")
  func table() throws {
    let result = try run("key-substitution --clients 9")
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    let heading = ["attack", "against", "measured", "came", "out", "expected"]
    #expect(lines[0].split(separator: " ").map(String.init) == heading)
    #expect(lines[1].hasPrefix("key-substitution  semi-honest, t 5, 8 of 8 keys replaced"))
    #expect(lines[1].hasSuffix("1  succeeds  succeeds"))
    #expect(lines[4].hasSuffix("0  fails     fails"))
    #expect(
      result.output.contains("unsignedKeys: the keys listed for client 1 are not signed by it"))
    #expect(lines.dropLast().last == "7 cells: 3 got through, 4 did not; all as theory says.")
  }

  @Test("All attacks run and come out as theory says")
  func all() throws {
    // Optimised builds only: a search of 2^20 seeds takes ten seconds otherwise.
    guard isOptimizedBuild else { return }
    let found = try sheet("all")
    #expect(found.asExpected && Set(found.findings.map(\.attack)).count == 9)
    let text = try run("all").output
    #expect(text.contains("\(found.findings.count) cells: "))
    #expect(!text.contains("NOT AS EXPECTED"))
  }

  @Test("A cell that theory does not explain is marked, counted, and fails the command")
  func surprise() {
    let cells = [true, false, true].map { succeeded in
      ProtocolFinding(
        attack: "made-up", variant: "a variant", adversary: "nobody", metric: "luck", value: 0.25,
        control: nil, succeeded: succeeded, expected: .succeeds, evidence: "none")
    }
    let sheet = AttackSheet(seed: 1, isDetailed: false, findings: cells)
    #expect(!sheet.isAsExpected)
    let rows = sheet.lines.dropFirst().prefix(3)
    #expect(rows.map { $0.contains("NOT AS EXPECTED") } == [false, true, false])
    #expect(sheet.lines.last == "3 cells: 2 got through, 1 did not; 1 NOT as theory says.")
    #expect(AttackSheet(seed: 1, isDetailed: true, findings: [cells[0]]).isAsExpected)
  }

  @Test("Wrong input says what would work")
  func wrongInput() throws {
    for (line, words) in [
      ("dropout-equivocatoin", "did you mean 'dropout-equivocation'?"),
      ("fire", "known: all, collusion-sweep, differencing, dropout-equivocation"),
      ("", "NAME"),
      ("replay --clients 3", "--clients 3 must be in 8...64"),
      ("replay --clients many", "--clients many must be in 8...64"),
      ("replay --seed -1", "--seed"),
      ("replay --jobs 0", "at least 1 thread"),
    ] {
      let result = try run(line)
      #expect(result.status == 2 && result.output.isEmpty, "\(line)")
      #expect(result.errors.contains(words), "\(line): \(result.errors)")
    }
    let mistakes = try run("replay --clients 1 --seed x --jobs 0")
    #expect(mistakes.errors.split(separator: "\n").count { $0.hasPrefix("error:") } == 3)
  }
}
