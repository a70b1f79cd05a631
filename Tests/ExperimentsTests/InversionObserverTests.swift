import Experiments
import Federation
import TestSupport
import Testing

/// Inversion attacks that need other data, other models or other rounds than one step on digits.
@Suite("Inversion observers of their own kind")
struct InversionObserverTests {
  private static func run(
    _ attack: String, data: String = "digits", model: String = "mlp: {hidden: [100]}",
    examples: Int? = 1, partition: String = "iid: {clients: 10}", rounds: Int = 1,
    grants: String = "", defense: String = ""
  ) throws -> RunRecord {
    let text = """
      name: observers
      data: \(data)
      partition: {\(partition)}
      model: {\(model)}
      training: {rounds: \(rounds), learning-rate: 0.1}
      algorithm: {\(examples.map { "fedsgd: {examples: \($0)}" } ?? "fedsgd")}
      transport: plain
      threat: {attackers: 0, server-knows: [batch-size, hyper-parameters, normalisation\(grants)]}
      attack: [{\(attack)}]\(defense)
      seeds: [1]
      """
    let experiment = try Experiment.parse(text, file: "e.yaml")
    return try SingleScenario(experiment, selection: Selection(), seed: nil).run(workers: 1) { _ in
    }
  }

  @Test("TabLeak gets most of a table's columns right, the mean row and another row few")
  func table() throws {
    let steps = isOptimizedBuild ? 1500 : 400
    let record = try Self.run(
      "tableak: {updates: 2, restarts: 3, steps: \(steps)}", data: "breast-cancer", examples: 2,
      grants: ", labels")
    let figures = record.figures
    let found = try #require(figures["columns right, share, mean"], "\(record.remarks)")
    let mean = try #require(figures["columns right by the mean row, share"])
    let other = try #require(figures["columns right by another row, share"])
    #expect(figures["examples"] == 4 && figures["label overlap"] == 1)
    #expect(found > 0.8 && mean < 0.4 && other < 0.4, "\(figures)")
    #expect(
      figures["columns right above the mean row, share"].map {
        isClose($0, found - mean, tolerance: 1e-12)
      } == true)
    // Images are no table.
    #expect(throws: FederationError.self) {
      try Self.run("tableak: {updates: 1, restarts: 1, steps: 1}", grants: ", labels")
    }
  }

  @Test("R-GAP solves one digit exactly in the round, and says that a batch is beyond it")
  func rgap() throws {
    let model =
      "sequential: {layers: [{conv: {outputs: 5, kernel: 3, padding: 1, bias: false}}, "
      + "{leaky-relu: 0.2}, {dense: {outputs: classes, bias: false}}]}"
    let figures = try Self.run("r-gap: {updates: 3}", model: model).figures
    #expect(figures["examples"] == 3 && figures["label overlap"] == 1)
    #expect(figures["PSNR in dB, worst"].map { $0 > 40 } == true, "\(figures)")
    let batch = try Self.run("r-gap: {updates: 1}", model: model, examples: 2)
    #expect(batch.figures["attacks failed, share"] == 1)
    #expect(batch.remarks.contains { $0.contains("one step on one example") })
    #expect(throws: FederationError.self) { try Self.run("r-gap") }
  }

  @Test("the likeliest input under the noise's law is nearer than the plain distance's")
  func bayes() throws {
    let defense = "\ndefense: [[{update-noise: {sigma: 0.002}}, mean]]"
    let figures = try Self.run(
      "bayes-optimal: {updates: 2, scale: 0.002, smoothness: 3, steps: 400}", defense: defense
    ).figures
    #expect(figures["PSNR above gray in dB, median"].map { $0 > 3 } == true, "\(figures)")
  }

  @Test("a threshold that moves from round to round catches one example of a full batch")
  func featureFishing() throws {
    let record = try Self.run(
      "feature-fishing: {target: 0, updates: 11}", examples: nil,
      partition: "k-class: {clients: 100, labels: 1}", rounds: 12,
      grants: ", public-data, modify-weights")
    #expect(record.figures["PSNR in dB, best"].map { $0 > 40 } == true, "\(record.remarks)")
    // Clients of other classes have nothing to catch.
    #expect(record.figures["attacks failed, share"].map { $0 >= 0.5 } == true)
  }

  @Test("every label method stands beside the two baselines")
  func labels() throws {
    let lenet = "lenet-zhu"
    let single = try Self.run("label-recovery", model: lenet, grants: ", public-data").figures
    for method in ["idlg", "analytic", "yin", "wainakh", "bias-corrected"] {
      #expect(single["label overlap, \(method)"] == 1, "\(method)")
      #expect(single["all labels right, share, \(method)"] == 1)
    }
    let figures = try Self.run(
      "label-recovery", model: lenet, examples: 8, grants: ", public-data"
    ).figures
    #expect(figures["label overlap, idlg"] == nil)
    let prior = try #require(figures["label overlap, class prior"])
    let random = try #require(figures["label overlap, at random"])
    #expect(prior < 1 && random < 1)
    for method in ["wainakh", "wainakh-white-box", "bias-corrected", "geng", "dimitrov"] {
      let overlap = try #require(figures["label overlap, \(method)"])
      #expect(overlap > max(prior, random), "\(method)")
      #expect(
        figures["label overlap above the class prior, \(method)"].map {
          isClose($0, overlap - prior, tolerance: 1e-12)
        } == true)
    }
  }
}
