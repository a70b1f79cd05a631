import Experiments
import Federation
import Foundation
import TestSupport
import Testing

@Suite("Experiments over transports that mask")
struct MaskedTransportRunTests {
  static let transports = [
    "plain", "sum-only", "double-masking", "double-masking(active=true)", "secagg-plus",
    "double-masking(groups=6)", "committed(verifiers=1)", "verifynet(mode=per-vector, verifiers=1)",
  ]

  private static let axis =
    "transport: [plain, sum-only, double-masking, double-masking: {active: true}, secagg-plus, "
    + "double-masking: {groups: 6}, committed: {verifiers: 1}, "
    + "verifynet: {mode: per-vector, verifiers: 1}]"

  private func results(
    _ experiment: Experiment, _ selection: Selection
  ) throws -> MatrixResults {
    let scratch = try Scratch()
    _ = try Tiny.runner(selection, of: experiment, in: scratch.path, jobs: 2).run { _ in }
    return try MatrixResults(folder: scratch.path)
  }

  @Test(
    "the built-in experiment ends within quantisation of the plain run over every transport",
    .enabled(if: isOptimizedBuild))
  func builtIn() throws {
    let experiment = try Experiment.parse(
      Experiment.builtInText + "\n" + Self.axis + "\n", file: "built-in")
    let only: [Axis: [String]] = [.attack: ["none"], .defense: ["mean"]]
    let rows = try results(experiment, Selection(only: only, seeds: [1, 2])).rows
    for seed in [1, 2] as [UInt64] {
      let own = rows.filter { $0.seed == seed }
      let plain = try #require(own.first { $0.description.labels["transport"] == "plain" }?.metrics)
      #expect(Set(own.compactMap { $0.description.labels["transport"] }) == Set(Self.transports))
      for row in own {
        let metrics = try #require(row.metrics)
        let label = row.description.labels["transport"] ?? ""
        #expect(metrics.notes.isEmpty, "\(label)")
        // One of the 500 test examples may fall on the other side. Errors of a millionth in a hundred
        // rounds move the loss by less than a hundred thousandth.
        #expect(abs(metrics.finalAccuracy - plain.finalAccuracy) < 1.5 / 500, "\(label)")
        #expect(abs(metrics.finalLoss - plain.finalLoss) < 1e-5, "\(label)")
        #expect(
          (metrics.transport != nil)
            == ["double", "secagg", "committed", "verifynet"].contains { label.hasPrefix($0) })
      }
    }
  }

  /// What becomes of a server that lies in the second round of three, in every way.
  private func lies(
    _ text: String, _ transport: String, _ parameters: String, lies: [String] = lies
  ) throws {
    let cells = lies.map { "\(transport): {\(parameters), tamper: \($0), tamper-round: 2}" }
    let experiment = try Experiment.parse(
      text + "\ntransport: [\(transport): {\(parameters)}, \(cells.joined(separator: ", "))]\n",
      file: "lies")
    let only: [Axis: [String]] = [.attack: ["none"], .defense: ["mean"]]
    let rows = try results(experiment, Selection(only: only, seeds: [1])).rows
    #expect(rows.count == lies.count + 1)
    for row in rows {
      let label = row.description.labels["transport"] ?? ""
      let notes = try #require(row.metrics?.notes)
      guard let lie = lies.first(where: { label.contains($0) }) else {
        #expect(notes.isEmpty, "\(label)")
        continue
      }
      #expect(notes.count == 1, "\(label): \(notes)")
      let note = notes.first.map { "\($0)" } ?? ""
      #expect(note.contains("held: \(transport): ") && note.contains("refuse the sum"), "\(note)")
      #expect(
        note.contains(lie == "dropped-user" ? "the server lied" : "cannot tell which"), "\(note)")
    }
  }

  private static let lies = [
    "wrong-sum", "swapped-coordinates", "dropped-user", "replayed-aggregate",
  ]

  @Test(
    "clients of a small experiment find every lie, and the model is held",
    arguments: [("committed", "verifiers: 0"), ("verifynet", "mode: per-vector")])
  func smallLies(_ transport: String, parameters: String) throws {
    let text = """
      name: small
      data: {synthetic: {examples: 60, test-examples: 20, features: 4, informative: 4, classes: 2}}
      partition: {iid: {clients: 4}}
      training: {rounds: 3, batch-size: 20}
      threat: {attackers: 1}
      attack: none
      defense: mean
      """
    try lies(text, transport, parameters)
  }

  @Test(
    "clients of the built-in experiment find every lie, and the model is held",
    .enabled(if: isOptimizedBuild),
    arguments: [("committed", "verifiers: 0"), ("verifynet", "mode: per-vector")])
  func builtInLies(_ transport: String, parameters: String) throws {
    let text = Experiment.builtInText.replacing("rounds: 100", with: "rounds: 3")
    #expect(text != Experiment.builtInText)
    try lies(text, transport, parameters)
  }

  @Test(
    "coordinate by coordinate, four clients find a lie about the built-in experiment's model",
    .enabled(if: isOptimizedBuild))
  func everyCoordinate() throws {
    // Each of the 4,810 parameters is proved by all, sent and checked in each round.
    let text = Experiment.builtInText.replacing("rounds: 100", with: "rounds: 3")
      .replacing("clients: 20", with: "clients: 4").replacing("attackers: 6", with: "attackers: 1")
    try lies(text, "verifynet", "mode: labelled, verifiers: 1", lies: ["swapped-coordinates"])
  }

  @Test(
    "twenty rounds of the built-in experiment end under encryption where they end under masks",
    .enabled(if: isOptimizedBuild))
  func encrypted() throws {
    // Keys that tests can afford; the codes, and so the sums, are those of keys of any size.
    let key = "bits: 16, max-weight: 512, key-bits: 512, insecure: true"
    let text = Experiment.builtInText.replacing("rounds: 100", with: "rounds: 20")
    #expect(text != Experiment.builtInText)
    let experiment = try Experiment.parse(
      """
      \(text)
      transport: [plain, double-masking: {bits: 16, max-weight: 512}, paillier: {\(key)}, \
      threshold-paillier: {\(key), parties: 3, threshold: 2}]
      """, file: "built-in")
    let only: [Axis: [String]] = [.attack: ["none"], .defense: ["mean"]]
    let rows = try results(experiment, Selection(only: only, seeds: [1])).rows
    #expect(rows.count == 4)
    func metrics(_ name: String) throws -> RunMetrics {
      try #require(
        rows.first { ($0.description.labels["transport"] ?? "").hasPrefix(name) }?.metrics)
    }
    let (plain, masked) = (try metrics("plain"), try metrics("double-masking"))
    // Rounding to steps of 16 / 2^16 moves the loss by less than a thousandth in twenty rounds.
    #expect(abs(masked.finalLoss - plain.finalLoss) < 1e-3)
    for name in ["paillier", "threshold-paillier"] {
      let encrypted = try metrics(name)
      #expect(encrypted.notes.isEmpty)
      #expect(abs(encrypted.finalAccuracy - plain.finalAccuracy) < 1.5 / 500, "\(name)")
      // The same codes, the same sums: what differs is the last bit of a Float in each round.
      #expect(abs(encrypted.finalLoss - masked.finalLoss) < 1e-5, "\(name)")
      #expect(encrypted.transport != nil)
    }
  }

  @Test("cells over group sums say so, cells over the sum that need updates are n/a")
  func weaker() throws {
    let experiment = try Tiny.experiment([
      "transport": "transport: [plain, double-masking, double-masking: {groups: 2}]",
      "partition": "partition: {iid: {clients: 6}}", "attack": "attack: [none]",
      "defense": "defense: [mean, median]", "threat": "threat: {attackers: 0}",
    ])
    let cells = try results(experiment, Selection()).cells
    let found = cells.map { cell in
      [
        cell.label(.transport), cell.label(.defense), cell.verdict.rawValue,
        cell.description.stagesOnGroups?.joined() ?? "",
      ]
    }
    #expect(
      Set(found) == [
        ["plain", "mean", "clean", ""], ["plain", "median", "clean", ""],
        ["double-masking", "mean", "clean", ""], ["double-masking", "median", "n/a", ""],
        ["double-masking(groups=2)", "mean", "clean", ""],
        ["double-masking(groups=2)", "median", "clean", "median"],
      ])
  }

  @Test("a rule that has too few groups to work on is n/a over them and stays legal over updates")
  func tooFewGroups() throws {
    let plan = try MatrixPlan(
      try Tiny.experiment([
        "transport": "transport: [plain, double-masking: {groups: 2}]",
        "partition": "partition: {iid: {clients: 6}}", "attack": "attack: [none]",
        "defense": "defense: [mean, trimmed-mean]",
      ]), selection: Selection())
    let refused = plan.cells.filter { $0.refusal != nil }
    #expect(refused.map { $0.entry(.transport).label } == ["double-masking(groups=2)"])
    #expect(
      refused.first?.refusal?.description
        == "trimmed-mean with f = 1 needs at least 3 updates a round, but it gets 2; at 2 updates f "
        + "may be at most 0")
  }

  @Test("too many groups for the clients is a mistake of the experiment, at its place")
  func tooManyGroups() throws {
    let experiment = try Tiny.experiment([
      "transport": "transport: {double-masking: {groups: 2}}"
    ])
    do {
      _ = try MatrixPlan(experiment, selection: Selection())
      Issue.record("planned")
    } catch {
      #expect(
        "\(error)".contains(
          "transport 'double-masking' needs at least 6 clients a round, but it gets 4; let more "
            + "clients take part, or make fewer groups"), "\(error)")
    }
  }
}
