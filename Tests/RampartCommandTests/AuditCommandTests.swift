import Accounting
import FileFormats
import Foundation
import Testing

@Suite("rampart privacy audit")
struct AuditCommandTests {
  private struct Answer: Decodable {
    var epsilonLower: Double
    var gaussianEpsilonLower: Double?
    var guesses: Int?
    var correct: Int?
    var delta: Double
  }

  /// 1000 canaries; of the 50 highest and the 50 lowest scores 45 each are right.
  private func write(to rampart: Program) throws {
    var scores: [Double] = []
    var members: [Double] = []
    for index in 0..<1000 {
      scores.append(Double(1000 - index))
      let isIn =
        index < 50 ? index % 10 != 0 : index >= 950 ? index % 10 == 0 : index % 2 == 0
      members.append(isIn ? 1 : 0)
    }
    try TensorArchive.write(
      [
        NamedTensor(name: "scores", shape: [1000], values: .float64(scores)),
        NamedTensor(name: "members", shape: [1000], values: .float64(members)),
      ], to: rampart.path("s.npz"))
  }

  /// The published bounds of both analyses for 90 of 100 right among 1000, delta 1e-5, 95 percent.
  @Test("one run: the published figures of both analyses")
  func oneRun() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try write(to: rampart)
    let words = [
      "privacy", "audit", "s.npz", "--guesses-in", "50", "--guesses-out", "50", "--delta", "1e-5",
    ]
    let json = try rampart.run(words + ["--json"], input: Data())
    let answer = try JSONDecoder().decode(Answer.self, from: json.output)
    #expect(answer.guesses == 100 && answer.correct == 90)
    #expect(abs(answer.epsilonLower - 1.626) < 1e-3)
    #expect(abs(try #require(answer.gaussianEpsilonLower) - 2.456) < 1e-3)
    let text = try rampart.run(words, input: Data())
    let lines = String(decoding: text.output, as: UTF8.self)
    #expect(lines.contains("90 of 100 guesses about 1000 canaries were right."))
    #expect(lines.contains("epsilon is at least 1.62"))
  }

  @Test("many runs: Clopper and Pearson's bounds at a threshold fixed before")
  func manyRuns() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try TensorArchive.write(
      [
        NamedTensor(
          name: "scores", shape: [400],
          values: .float64((0..<400).map { $0 < 200 ? 1 : 0 })),
        NamedTensor(
          name: "members", shape: [400],
          values: .float64((0..<400).map { $0 < 200 ? 1 : 0 })),
      ], to: rampart.path("m.npz"))
    let json = try rampart.run(
      ["privacy", "audit", "m.npz", "--runs", "many", "--threshold", "0.5", "--json"],
      input: Data())
    let answer = try JSONDecoder().decode(Answer.self, from: json.output)
    // No error in 200 at 2.5 percent each: a rate of at most p = 1 - 0.025^(1/200).
    let p = 1 - pow(0.025, 1.0 / 200)
    #expect(abs(answer.epsilonLower - log((1 - p - 1e-5) / p)) < 1e-6)
  }

  @Test("what does not fit is refused by name")
  func refusals() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try write(to: rampart)
    for (words, wanted) in [
      (["s.npz"], "--guesses-in"), (["s.npz", "--guesses-in", "1001"], "guesses"),
      (["s.npz", "--guesses-in", "5", "--threshold", "1"], "--threshold"),
      (["s.npz", "--runs", "many", "--guesses-in", "5"], "--guesses-in"),
      (["none.npz", "--guesses-in", "5"], "none.npz"),
    ] {
      let result = try rampart.run(["privacy", "audit"] + words, input: Data())
      #expect(result.status == 2)
      #expect(result.errors.contains(wanted), "\(result.errors)")
    }
  }
}
