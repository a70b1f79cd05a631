import Attacks
import Components
import Experiments
import Federation
import Testing

/// Inversion inside the round: from the words of an experiment to figures, pictures and the store.
@Suite("Inversion in the round")
struct InversionScenarioTests {
  /// One round of ten clients that each take a step on a few digits.
  private static func text(
    _ attack: String, examples: Int = 1, model: String = "mlp: {hidden: [100]}",
    transport: String = "plain", knows: String? = nil, clients: Int = 10
  ) -> String {
    """
    name: inversion
    data: digits
    partition: {iid: {clients: \(clients)}}
    model: {\(model)}
    training: {rounds: 1, learning-rate: 0.1}
    algorithm: {fedsgd: {examples: \(examples)}}
    transport: \(transport)
    threat: {attackers: 0\(knows.map { ", server-knows: [\($0)]" } ?? "")}
    attack: [{\(attack)}]
    seeds: [1]
    """
  }

  private static func run(_ text: String) throws -> RunRecord {
    try scenario(text).run(workers: 1) { _ in }
  }

  private static func scenario(_ text: String) throws -> SingleScenario {
    let experiment = try Experiment.parse(text, file: "e.yaml")
    return try SingleScenario(experiment, selection: Selection(), seed: nil)
  }

  private static let usual = "batch-size, hyper-parameters, normalisation"

  @Test("division gives single digits back exactly, as far as pictures of 8 bits can tell")
  func dense() throws {
    let record = try Self.run(Self.text("dense-inversion: {updates: 5}"))
    let figures = record.figures
    #expect(figures["PSNR in dB, worst"].map { $0 > 58.9 } == true)
    #expect(figures["leakage rate at 20 dB"] == 1 && figures["examples"] == 5)
    #expect(figures["attacks failed, share"] == 0)
    let found = try #require(record.tensors["reconstructions"])
    #expect(found.shape == [5, 1, 8, 8] && found.captions.count == 5)
    let originals = try #require(record.tensors["originals"])
    #expect(zip(found.values, originals.values).allSatisfy { abs($0 - $1) < 1e-3 })
    // Of eight digits at once it gives mixtures.
    let batch = try Self.run(Self.text("dense-inversion: {updates: 5}", examples: 8)).figures
    #expect(batch["PSNR in dB, median"].map { $0 < 30 } == true)
  }

  @Test("searches beat gray on one digit, and read its label off the gradient")
  func search() throws {
    let record = try Self.run(
      Self.text("inverting-gradients: {updates: 2, steps: 300}", model: "mlp: {hidden: [30]}"))
    #expect(record.figures["PSNR above gray in dB, median"].map { $0 > 3 } == true)
    #expect(record.figures["label overlap"] == 1)
  }

  @Test("an imprint reads lone digits out of the sum, where nothing else is seen")
  func imprint() throws {
    let text = Self.text(
      "imprint: {bins: 128, architecture: replace, mean: 0.31, deviation: 0.06}", examples: 2,
      transport: "sum-only", knows: Self.usual + ", modify-weights, modify-architecture")
    let figures = try Self.run(text).figures
    // 20 digits in 128 bins: 17 are alone on average, were the bins equally likely.
    #expect(figures["examples"] == 20)
    #expect(figures["leakage rate at 20 dB"].map { $0 >= 0.5 } == true, "\(figures)")
  }

  @Test("loki keeps the clients of a sum apart")
  func loki() throws {
    let text = Self.text(
      "loki: {clients: 10, bins: 64, mean: 0.31, deviation: 0.06}", examples: 4,
      transport: "sum-only", knows: Self.usual + ", modify-weights, modify-architecture")
    let figures = try Self.run(text).figures
    #expect(figures["examples"] == 40)
    #expect(figures["leakage rate at 20 dB"].map { $0 >= 0.7 } == true, "\(figures)")
  }

  @Test("fishing opens a batch that plain division cannot")
  func fishing() throws {
    let knows = Self.usual + ", modify-weights"
    let record = try Self.run(
      Self.text("fishing: {target: 3, updates: 10}", examples: 8, knows: knows))
    // Where the class is there once its example is exact; where it is not, nothing comes back at all.
    #expect(record.figures["PSNR in dB, best"].map { $0 > 50 } == true)
    #expect(record.figures["attacks failed, share"].map { $0 > 0 && $0 < 1 } == true)
    #expect(record.remarks.contains { $0.contains("every entry is zero") }, "\(record.remarks)")
  }

  @Test("a step's running statistics give those of its batch away")
  func batchNorm() throws {
    let layers = "{conv: {outputs: 16, kernel: 3, padding: 1}}, batch-norm, relu, {dense: classes}"
    let figures = try Self.run(
      Self.text(
        "gradinversion: {updates: 1, steps: 600}", examples: 2,
        model: "sequential: {layers: [\(layers)]}")
    ).figures
    #expect(figures["PSNR above gray in dB, median"].map { $0 > 3 } == true, "\(figures)")
  }

  @Test("what transport and threat model do not grant is refused with the reason")
  func refusals() throws {
    for (text, expected) in [
      (
        Self.text("dlg", transport: "sum-only"),
        "needs individual updates; sum-only reveals only the sum"
      ),
      (
        Self.text("dlg", knows: "hyper-parameters, normalisation"),
        "needs the batch size; the threat model grants the server only"
      ),
      (
        Self.text("inverting-gradients: {labels: known}"),
        "add labels to the threat's 'server-knows'"
      ),
      (Self.text("imprint"), "needs modified weights"),
      // A model that division cannot be applied to.
      (
        Self.text("dense-inversion", model: "lenet-zhu"),
        "needs a first layer that is dense with a bias"
      ),
      (
        Self.text("imprint: {architecture: replace}", knows: Self.usual + ", modify-weights"),
        "needs a modified architecture"
      ),
    ] {
      let message = try mistake { _ = try Self.scenario(text) }
      #expect(message.contains(expected), "\(message)")
    }
  }

  @Test("a ladder runs the attack again on the same updates and names the cliff")
  func ladder() throws {
    let text = Self.text(
      "inverting-gradients: {updates: 1, steps: 200}", model: "mlp: {hidden: [30]}",
      knows: Self.usual + ", labels")
    let record = try Self.scenario(text).withLadder().run(workers: 1) { _ in }
    let rungs = record.figures.keys.filter { $0.hasPrefix("rung") && $0.contains("failed") }
    #expect(rungs.count == 5, "\(rungs)")
    // The cliff is the greatest fall from one rung to the next, and is named by the rung below it.
    let heights = (0..<5).map { rung in
      record.figures.first {
        $0.key.hasPrefix("rung \(rung), ") && $0.key.hasSuffix("median")
      }?.value ?? 0
    }
    let falls = zip(heights, heights.dropFirst()).map { $0 - $1 }
    let fall = try #require(falls.max())
    #expect(fall > 0 && record.figures["cliff in dB"] == fall)
    let below = try #require(falls.firstIndex(of: fall)) + 1
    let name = try #require(
      record.figures.keys.first { $0.hasPrefix("rung \(below), ") }?
        .split(separator: ":").first?.dropFirst("rung \(below), ".count))
    #expect(record.remarks.contains { $0.contains("the cliff is \(name): ") })
    // Without the hyper-parameters a trained difference is no gradient any more.
    #expect(record.figures.contains { $0.key.contains("failed") && $0.value == 1 })
  }

  @Test("pictures are kept in the store beside the figures, and merged with them")
  func stored() throws {
    let scratch = try Scratch()
    let experiment = try Experiment.parse(
      Self.text("dense-inversion: {updates: 3}"), file: "e.yaml")
    let outcome = try Tiny.runner(of: experiment, in: scratch.file("run")).run { _ in }
    #expect(outcome.failures.isEmpty)
    _ = try MatrixMerge.merge([scratch.file("run")], into: scratch.file("all"))
    for folder in ["run", "all"] {
      let results = try MatrixResults(folder: scratch.file(folder))
      let row = try #require(
        results.rows.first { $0.description.labels["attack"]?.hasPrefix("dense") == true })
      #expect(row.metrics?.conclusions["PSNR in dB, median"].map { $0 > 58.9 } == true)
      #expect(row.metrics?.curves?["PSNR, best first"]?.x == [1, 2, 3])
      #expect(try results.tensors(of: row)["originals"]?.shape == [3, 1, 8, 8])
      let cell = try #require(results.cells.first { $0.cell == row.cell })
      #expect(
        cell.verdict == .valid
          && cell.harm?.figure == "PSNR above gray and mean image in dB, median")
    }
  }
}
