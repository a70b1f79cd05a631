import Components
import Defenses
import Federation
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Inversion of defended clients, plain and adaptive")
struct AdaptiveInversionTests {
  /// A defense, and by how many dB knowing it must help over three digits.
  struct Gain: CustomTestStringConvertible, Sendable {
    let name: String
    let gain: Double
    let make: @Sendable () throws -> [any RoundComponent]
    var testDescription: String { name }

    init(
      _ name: String, _ gain: Double, _ make: @escaping @Sendable () throws -> [any RoundComponent]
    ) {
      (self.name, self.gain, self.make) = (name, gain, make)
    }
  }

  /// What the literature says of masks, clips, Soteria and transformations: the defense is in the
  /// attacker's not knowing. The gains asked for are about half of what was seen.
  static let gains = [
    Gain("pruning of 9 in 10", 10) { [try GradientPruning(ratio: 0.9)] },
    Gain("random coordinates", 12) { [try RandomK(fraction: 0.2)] },
    Gain("clipping by layer", 15) { [try UpdateClipping(clippingNorm: 0.01, scope: .layer)] },
    Gain("frozen head", 15) { [try FrozenLayers()] },
    Gain("signs", 2.5) { [SignCompression()] },
    Gain("QSGD", 3) { [try Quantisation(levels: 8)] },
    Gain("nearest levels", 1) {
      [try Quantisation(levels: 3, rounding: .nearest, norm: .maximum)]
    },
    Gain("Laplace noise", 1.5) { [try UpdateNoise(law: .laplace, sigma: 0.01)] },
    Gain("Soteria", 15) { [try Soteria(ratio: 0.5)] },
    Gain("Soteria, 9 in 10", 15) { [try Soteria(ratio: 0.9)] },
    Gain("PRECODE", 15) { [try PRECODE(features: 32)] },
    Gain("ATS, mirrors", 12) { [try ATS(policies: "flip 1")] },
    Gain("ATS", 4) { [try ATS(ATS.defaults)] },
    Gain("Soteria and pruning", 5) { [try Soteria(ratio: 0.5), try GradientPruning(ratio: 0.5)] },
  ]

  private let bench: InversionBench
  init() throws { bench = try InversionBench() }

  @Test("an attacker who knows the defense sees more", arguments: gains)
  func gain(_ test: Gain) throws {
    let result = try bench.medians(
      test.make(), batches: [[0], [1], [2]], settings: InversionBench.settings(steps: 200))
    #expect(result.adaptive > result.plain + test.gain, "\(result)")
    if test.gain >= 10 {
      // What the defense leaves is a picture: well above the gray image.
      #expect(try result.adaptive > bench.gray([0]) + 6, "\(result)")
    }
  }

  @Test("dropping Soteria's layer finds what is found without the defense, to the last bit")
  func soteria() throws {
    let settings = InversionBench.settings(steps: 100)
    let defended = try bench.evaluate([Soteria(ratio: 0.8)], [0], settings: settings)
    var dropped = settings
    dropped.objective.mask = .without(tensors: ["fc1.weight"])
    let undefended = try GradientMatchingAttack(dropped).run(
      on: bench.problem(bench.sent([0], []), [0]), using: testGenerator(0, name: "attacker"))
    #expect(defended.adaptive?.found.inputs == undefended.inputs)
    #expect(defended.worse?.score == defended.adaptive?.score && defended.isAdaptiveWorse)
  }

  @Test("clipping as a whole hides nothing from the cosine, and small normal noise little")
  func nothing() throws {
    let settings = InversionBench.settings(steps: 200)
    let none = try bench.medians(
      [UpdateNoise(sigma: 0)], batches: [[0], [1], [2]], settings: settings)
    #expect(none.plain == none.adaptive)
    let clipped = try bench.medians(
      [UpdateClipping(clippingNorm: 0.01)], batches: [[0], [1], [2]], settings: settings)
    #expect(abs(clipped.plain - none.plain) < 1)
    let noisy = try bench.medians(
      [UpdateNoise(sigma: 0.01)], batches: [[0], [1], [2]], settings: settings)
    #expect(noisy.adaptive > none.plain - 8)
  }

  @Test("more noise is better protection, whatever the attacker knows")
  func noise() throws {
    let scores = try [0.01, 0.1, 1].map { sigma -> Double in
      let result = try bench.medians(
        [UpdateNoise(sigma: sigma)], batches: [[0], [1], [2]],
        settings: InversionBench.settings(steps: 150))
      return max(result.plain, result.adaptive)
    }
    #expect(scores[0] > scores[1] + 3 && scores[1] > scores[2], "\(scores)")
    #expect(try scores[2] < bench.gray([0]) + 3, "\(scores)")
  }

  @Test("seeking the mixtures with the examples sees more through MixUp than not")
  func mixUp() throws {
    let batch = [0, 1]
    #expect(bench.examples.labels[0] != bench.examples.labels[1])
    let mixUp = try MixUp(alpha: 4)
    let clean = try bench.sent(batch, []).array
    var (mixed, gains, worst): (Int, [Double], [Double]) = (0, [], [])
    for seed in UInt64(0)..<20 where mixed < 3 {
      let sent = try bench.sent(batch, [mixUp], seed: seed).array
      // Half of the permutations of two leave all as it is.
      guard zip(clean, sent).contains(where: { abs($0 - $1) > 1e-3 }) else { continue }
      mixed += 1
      let result = try bench.evaluate(
        [mixUp], batch, settings: InversionBench.settings(steps: 400, restarts: 2), seed: seed)
      gains.append((result.adaptive?.score ?? 0) - (result.plain.score ?? 0))
      worst.append(result.worse?.score ?? 0)
    }
    #expect(mixed == 3)
    // Under an untrained model even the plain search, for examples that were never trained on, comes
    // near: mixing alone hides little, and knowing of it adds some dB.
    #expect(ScoreSpread(gains)?.median ?? 0 > 0.5, "\(gains)")
    #expect(try ScoreSpread(worst)?.median ?? 0 > bench.gray(batch) + 6, "\(worst)")
  }

  @Test("where nobody knows how, the evaluation says so and has the plain run alone")
  func nonAdaptive() throws {
    let result = try bench.evaluate(
      [InstaHide(k: 1)], [0], settings: InversionBench.settings(steps: 20))
    #expect(result.adaptive == nil && result.nonAdaptiveOnly?.contains("instahide") == true)
    #expect(result.worse?.score == result.plain.score)
    // Beside a defense that is known, both are said.
    let both = try bench.evaluate(
      [InstaHide(k: 1), SignCompression()], [0], settings: InversionBench.settings(steps: 20))
    #expect(both.adaptive != nil && both.nonAdaptiveOnly != nil)
    let momentum = try InversionCounter.counters(
      to: [ClientMomentum(beta: 0.9), Mean(Mean.defaults)], network: bench.network)
    guard momentum.count == 1, case .nonAdaptiveOnly = momentum[0] else {
      Issue.record("client-momentum has no model, and a rule at the server needs none")
      return
    }
  }

  @Test("the transformations of a batch are found one by one, up to 64 ways")
  func combinations() throws {
    let ats = try ATS(policies: "flip 1 + translate-y 0.25")
    let result = try bench.evaluate(
      [ats], [0, 1], settings: InversionBench.settings(steps: 150), seed: 3)
    #expect(result.isAdaptiveWorse && result.nonAdaptiveOnly == nil)
    #expect(try result.adaptive?.score ?? 0 > bench.gray([0, 1]) + 6)
    let many = try bench.evaluate(
      [ats], [0, 1, 2, 3], settings: InversionBench.settings(steps: 3))
    #expect(many.adaptive != nil && many.nonAdaptiveOnly?.contains("too many") == true)
  }

  @Test("a failed run counts for nothing, and the run that did not fail decides")
  func failure() throws {
    var settings = InversionBench.settings(steps: 5)
    // No step, and no box that would move the start.
    (settings.search, settings.start) = (.adam(rate: 0), .uniform(bound: 0.5))
    let result = try bench.evaluate([SignCompression()], [0], settings: settings)
    #expect(result.plain.score == nil && result.adaptive?.score == nil && result.worse == nil)
    #expect(!result.isAdaptiveWorse)
  }
}
