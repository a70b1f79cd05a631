import Accounting
import FileFormats
import Foundation
import Testing

@Suite("rampart train --dp-sgd")
struct PrivateTrainCommandTests {
  /// What `--json` printed about privacy.
  private struct Record: Decodable {
    struct Privacy: Decodable {
      var epsilon: Double
      var delta: Double
      var noiseMultiplier: Double
      var steps: Int
      var cutShort: Bool
      var adjacency: String
      var sampling: String
      var samplingRate: Double
      var randomness: String
    }
    var finalAccuracy: Double
    var steps: Int
    var privacy: Privacy?
  }

  private func record(_ rampart: Program, _ words: String...) throws -> Record {
    let result = try rampart.run(["train"] + words + ["--json"], input: Data())
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Record.self, from: result.output)
  }

  @Test("a target is met: the printed noise, rate and steps come to the printed epsilon")
  func target() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let found = try record(
      rampart, "--training", "{rounds: 4, batch-size: 64, learning-rate: 2}", "--dp-sgd",
      "target-epsilon: 3, delta: 1e-5, clipping-norm: 0.5", "--out", "w.npz")
    let privacy = try #require(found.privacy)
    #expect(found.steps == 81 && privacy.steps == 81 && !privacy.cutShort)
    #expect(privacy.epsilon <= 3 && privacy.epsilon > 2.99)
    let event = try PrivacyEvent(
      .gaussian(noiseMultiplier: privacy.noiseMultiplier),
      sampling: .poisson(rate: 64.0 / 1297), count: 81)
    let again = try PLDAccountant().epsilon(delta: 1e-5, of: [event]).upper
    #expect(abs(privacy.epsilon - again) < 1e-6)
    #expect((privacy.adjacency, privacy.sampling) == ("add-remove", "poisson"))
    #expect(privacy.randomness == "seeded")
    // Chance is a tenth; the same recipe without noise reaches nine tenths.
    #expect(found.finalAccuracy > 0.6)
    #expect(try TensorArchive.read(rampart.path("w.npz")).tensors.count == 2)
    #expect(try record(rampart, "--training", "{rounds: 1}").privacy == nil)
  }

  @Test("with noise and target training stops at the budget; an experiment says the same")
  func stops() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let found = try record(
      rampart, "--training", "{rounds: 9, batch-size: 64}", "--dp-sgd",
      "target-epsilon: 2, noise-multiplier: 1")
    let privacy = try #require(found.privacy)
    #expect(privacy.cutShort && privacy.epsilon <= 2 && privacy.steps < 182)
    try rampart.write(
      """
      training:
        rounds: 9
        batch-size: 64
        dp-sgd: {target-epsilon: 2, noise-multiplier: 1}
      """, to: "e.yaml")
    let same = try record(rampart, "e.yaml")
    #expect(same.privacy?.steps == privacy.steps && same.finalAccuracy == found.finalAccuracy)
  }

  @Test("plain lines name the guarantee and leave out the training loss")
  func lines() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let result = try rampart(
      "train", "--training", "{rounds: 1, batch-size: 64}", "--dp-sgd",
      "noise-multiplier: 2, sampling: shuffled")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("privacy    dp-sgd, noise multiplier 2, shuffled batches of 64"))
    #expect(result.output.contains("relation zero-out, accountant pld, noise seeded"))
    #expect(!result.output.contains("batch loss"))
  }

  @Test("wrong options are refused with the key, the reason and what would work")
  func refusals() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    for (options, words) in [
      ("target-epsilon: -1", ["target-epsilon", "greater than 0"]),
      ("delta: 1e-5", ["target-epsilon", "noise-multiplier"]),
      ("target-epsilon: 3, delta: 0.01", ["delta 0.01", "well below"]),
      ("target-epsilon: 3, clip: 1", ["'clip'", "did you mean"]),
      ("target-epsilon: 3, clipping: flatt", ["flatt", "flat"]),
      ("target-epsilon: 3, cap: 100", ["cap", "truncated"]),
      ("target-epsilon: 3, groups: 2", ["groups", "cyclic"]),
      ("target-epsilon: 3, clipping-norm: 0", ["clipping-norm", "greater than 0"]),
      ("target-epsilon: 3, noise-multiplier: 0", ["noise-multiplier", "greater than 0"]),
      ("target-epsilon: 3, shift: 9", ["shift 9", "less than"]),
    ] {
      let result = try rampart("train", "--training", "{batch-size: 64}", "--dp-sgd", options)
      #expect(result.status == 2, "\(options): \(result.errors)")
      for word in words { #expect(result.errors.contains(word), "\(options): \(result.errors)") }
    }
    let large = try rampart(
      "train", "--training", "{batch-size: 5000}", "--dp-sgd", "target-epsilon: 3")
    #expect(large.status == 2 && large.errors.contains("batch-size 5000"))
  }
}
