import Foundation
import Testing

@Suite("rampart privacy audit of an experiment")
struct ExperimentAuditTests {
  private struct Answer: Decodable {
    struct Claim: Decodable {
      var mechanism: String
      var epsilonUpper: Double?
      var epsilonLower: Double
      var gaussianEpsilonLower: Double
      var greatestProvable: Double
      var canaries: Int
      var guesses: Int
      var correct: Int
      var runs: Int
      var truePositiveRate: Double
      var truePositiveRateLower: Double
      var truePositiveRateUpper: Double
      var truePositiveRateCap: Double?
      var verdict: String
    }
    struct LocalClaim: Decodable {
      var mechanism: String
      var epsilonUpper: Double?
      var epsilonLower: Double
      var gaussianEpsilonLower: Double
      var greatestProvable: Double
      var trials: Int
      var recognised: Int
      var mistaken: Int
      var releases: Int
      var verdict: String
    }
    var claims: [Claim]
    var localClaims: [LocalClaim]
    var notAudited: [String]
  }

  private static func text(_ defense: String) -> String {
    """
    name: audited
    partition: {iid: {clients: 20}}
    training: {rounds: 1, batch-size: 20, evaluate-every: 1}
    algorithm: [[fedavg: {weighting: uniform}]]
    threat: {attackers: 0}
    defense:
      - mean
      \(defense)
    seeds: [1, 2]
    """
  }

  @Test("each claim is told beside what was proved of it, as text and as JSON")
  func claims() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(
      Self.text(
        """
        - [dp-fedavg: {target-epsilon: 4, delta: 1e-5}, mean]
          - [dp-fedavg: {noise-multiplier: 0, delta: 1e-5}, mean]
          - [local-dp: {target-epsilon: 50}, mean]
        """), to: "e.yaml")
    let words = [
      "privacy", "audit", "e.yaml", "--canaries", "200", "--guesses", "50", "--trials", "400",
    ]
    let json = try rampart.run(words + ["--json", "--out", "kept"], input: Data())
    #expect(json.status == 0, "\(json.errors)")
    let answer = try JSONDecoder().decode(Answer.self, from: json.output)
    #expect(answer.claims.count == 2 && answer.notAudited.isEmpty)
    #expect(answer.localClaims.count == 1)
    let local = answer.localClaims[0]
    #expect(local.mechanism == "local-dp" && local.verdict == "pass" && local.releases == 1)
    #expect(local.trials == 300 && local.recognised <= 300 && local.mistaken <= 300)
    #expect(local.epsilonLower <= local.greatestProvable && local.gaussianEpsilonLower > 1)
    #expect((49...50).contains(local.epsilonUpper ?? 0))
    let (kept, bare) = (answer.claims[0], answer.claims[1])
    #expect(kept.verdict == "pass" && bare.verdict == "nothing claimed")
    let upper = try #require(kept.epsilonUpper)
    #expect((3.9...4).contains(upper) && bare.epsilonUpper == nil)
    for claim in answer.claims {
      #expect(claim.canaries == 400 && claim.guesses == 200 && claim.runs == 2)
      #expect(claim.epsilonLower <= claim.greatestProvable)
      #expect(
        (claim.truePositiveRateLower...claim.truePositiveRateUpper)
          .contains(claim.truePositiveRate))
    }
    // Without noise nearly every guess is right, and 200 of them prove about 4.
    #expect(bare.correct >= 199 && bare.gaussianEpsilonLower > 4 && kept.correct < bare.correct)
    // The runs that were kept are not made again.
    let text = try rampart.run(words + ["--out", "kept"], input: Data())
    let lines = String(decoding: text.output, as: UTF8.self)
    #expect(text.status == 0 && !text.errors.contains("seed"), "\(text.errors)")
    for part in [
      "dp-fedavg(", ": pass", "claimed     epsilon at most", "of 200 about 400 canaries",
      "fixed in advance", "if Gaussian, as claimed", "at most 0.", "local-dp(",
      "for one release of a client (zero-out)", "of 300 of its neighbour",
    ] {
      #expect(lines.contains(part), "\(part) in \(lines)")
    }
  }

  @Test("what does not fit is refused in a line that says what would work")
  func refusals() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(Self.text("- median"), to: "none.yaml")
    try rampart.write(Self.text("- [dp-fedavg: {delta: 1e-5}, mean]"), to: "dp.yaml")
    try rampart.write("defense: [mean\n", to: "broken.yaml")
    try rampart.write("x", to: "notes.txt")
    for (words, wanted) in [
      (["none.yaml"], "add one such as"), (["broken.yaml"], "broken.yaml:"),
      (["missing.yaml"], "missing.yaml"), (["notes.txt"], "neither scores"),
      (["dp.yaml", "--canaries", "10", "--guesses", "6"], "--canaries 24"),
      (["dp.yaml", "--guesses-in", "5"], "--guesses"),
      (["dp.yaml", "--only", "defense=krum"], "krum"),
      (["s.npz", "--canaries", "5"], "--guesses-in"),
      (["s.npz", "--trials", "50"], "--guesses-in"), (["dp.yaml", "--trials", "3"], "--trials"),
    ] {
      let result = try rampart.run(["privacy", "audit"] + words, input: Data())
      #expect(result.status == 2, "\(words): \(result.output)")
      #expect(result.errors.contains(wanted), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
  }
}
