import Attacks
import Components
import Experiments
import Federation
import GradientInversion
import Testing

/// Attackers in the round who know the defense, beside those who do not.
@Suite("Adaptive inversion in the round")
struct AdaptiveInversionTests {
  private static func record(
    _ attack: String, _ defense: String, examples: Int = 1, algorithm: String? = nil,
    model: String = "mlp: {hidden: [100]}", training: String = "", rounds: Int = 1,
    knows: String = "batch-size, hyper-parameters, normalisation"
  ) throws -> RunRecord {
    let text = """
      name: adaptive
      data: digits
      partition: {iid: {clients: 10}}
      model: {\(model)}
      training: {rounds: \(rounds), learning-rate: 0.1\(training)}
      algorithm: \(algorithm ?? "{fedsgd: {examples: \(examples)}}")
      threat: {attackers: 0, server-knows: [\(knows)]}
      attack: [{\(attack)}]
      defense: [\(defense)]
      seeds: [1]
      """
    let experiment = try Experiment.parse(text, file: "e.yaml")
    return try SingleScenario(experiment, selection: Selection(), seed: nil)
      .run(workers: 1) { _ in }
  }

  private static let headline = InversionScores.headline

  /// Plain and adaptive, and that the worse for the defender counts.
  private func sides(_ record: RunRecord) throws -> (plain: Double, adaptive: Double) {
    #expect(record.adaptivity == .init(wasRun: true))
    let plain = try #require(record.figures["plain: \(Self.headline)"])
    let adaptive = try #require(record.figures["adaptive: \(Self.headline)"])
    #expect(record.figures[Self.headline] == max(plain, adaptive))
    return (plain, adaptive)
  }

  @Test("division by all units beats division by one behind noise, pruning and top-k")
  func division() throws {
    let noise = try sides(
      Self.record("dense-inversion: {updates: 8}", "update-noise: {sigma: 0.001}"))
    #expect(noise.adaptive > noise.plain + 3, "\(noise)")
    for ratio in [0.9, 0.95] {
      let pruned = try sides(
        Self.record("dense-inversion: {updates: 8}", "gradient-pruning: {ratio: \(ratio)}"))
      #expect(pruned.adaptive > pruned.plain + 1, "\(pruned)")
    }
    let top = try sides(
      Self.record(
        "dense-inversion: {updates: 8}", "mean",
        algorithm: "[[fedsgd: {examples: 1}, top-k: {fraction: 0.2}]]"))
    #expect(top.adaptive > top.plain + 3, "\(top)")
  }

  @Test("a defense of the last layer is no obstacle to division, and none to who leaves that out")
  func lastLayer() throws {
    let division = try sides(Self.record("dense-inversion", "soteria"))
    #expect(division.plain == division.adaptive && division.plain > 30)
    let search = try sides(
      Self.record(
        "inverting-gradients: {updates: 2, steps: 300}", "soteria: {ratio: 0.9}",
        model: "mlp: {hidden: [30]}"))
    #expect(search.adaptive > search.plain + 1, "\(search)")
  }

  @Test("where nobody knows how, or nothing defends, that is said")
  func words() throws {
    let momentum = try Self.record("dense-inversion", "client-momentum")
    #expect(momentum.adaptivity?.wasRun == false)
    #expect(
      momentum.adaptivity?.gaps == ["client-momentum publishes no forward model"],
      "\(String(describing: momentum.adaptivity))")
    #expect(momentum.figures["adaptive: \(Self.headline)"] == nil)
    #expect(momentum.figures[Self.headline] != nil)
    let imprint = try Self.record(
      "imprint: {bins: 99, mean: 0.31, deviation: 0.06}", "update-noise",
      knows: "batch-size, hyper-parameters, normalisation, modify-weights")
    #expect(imprint.adaptivity?.wasRun == false)
    let batch = try Self.record("dense-inversion", "gradient-pruning", examples: 4)
    #expect(
      batch.adaptivity?.gaps == [
        "dense-inversion fits missing or noisy entries for a batch of one only"
      ])
    // A rule of the server is no defense of updates, and an inspection none against who sends the model
    // as it is.
    for defense in ["mean", "median", "[weight-inspection, mean]"] {
      #expect(try Self.record("dense-inversion", defense).adaptivity == nil, "\(defense)")
    }
    let signs = try Self.record("dense-inversion", "sign")
    #expect(signs.adaptivity == .init(wasRun: false, gaps: ["signs have no quotients"]))
  }

  @Test("dp-sgd is a defense that publishes no forward model")
  func privateTraining() throws {
    let record = try Self.record(
      "dense-inversion", "mean", algorithm: "fedavg", training: ", dp-sgd: {noise-multiplier: 0.5}")
    #expect(record.adaptivity?.gaps == ["dp-sgd publishes no forward model"])
  }

  @Test("figures stand beside gray, the mean image and a random one, and who is identified")
  func baselines() throws {
    let exact = try Self.record("dense-inversion: {updates: 5}", "mean").figures
    #expect(exact["identified among test images of the class, share"] == 1)
    let gray = try #require(exact["gray's PSNR in dB, median"])
    let mean = try #require(exact["mean image's PSNR in dB, median"])
    let random = try #require(exact["random image's PSNR in dB, median"])
    #expect(mean > gray && random < mean, "\(gray) \(mean) \(random)")
    // An image exact to the ceiling is above the better of both by what that lacks.
    let psnr = try #require(exact["PSNR in dB, worst"])
    #expect(try #require(exact[Self.headline]) <= 60 - mean + 10 && psnr > 58.9)
    let noise = try Self.record(
      "dense-inversion: {updates: 5}", "update-noise: {sigma: 1}"
    ).figures
    #expect(try #require(noise[Self.headline]) < 0)
    #expect(noise["identified among test images of the class, share"] == 0)
  }

  @Test("an attack runs at the beginning, in the middle and at the end, and each is told")
  func rounds() throws {
    let record = try Self.record(
      "dense-inversion: {updates: 2, rounds: [initial, middle, final]}", "mean",
      rounds: 5)
    for round in [1, 3, 5] {
      #expect(record.figures["PSNR in dB, median in round \(round)"] != nil)
      #expect(
        record.figures["PSNR above gray and mean image in dB, median in round \(round)"] != nil)
    }
    #expect(record.figures["examples"] == 6)
  }
}
