import Components
import Experiments
import Federation
import Foundation
import Learning
import TestSupport
import Testing

@Suite("An experiment")
struct ExperimentTests {
  @Test("that says nothing is one plain run with the defaults", arguments: ["{}", "name: x"])
  func empty(_ text: String) throws {
    let experiment = try Experiment.parse(text, file: "e.yaml")
    let labels = Axis.allCases.map { experiment.entries($0).map(\.label) }
    #expect(
      labels == [
        ["digits"], ["iid"], ["ideal"], ["logistic"], ["default"], ["fedavg"], ["plain"],
        ["default"], ["none"], ["mean"],
      ])
    #expect(experiment.seeds == [1])
    #expect(experiment.trainings == [TrainingOptions()])
    #expect(experiment.threats == [ThreatModel()])
    let plan = try MatrixPlan(experiment)
    #expect(plan.units == [Unit(cell: 0, seed: 1)])
    #expect(plan.cells.first?.isCompanion == false)
  }

  @Test("with an empty file is refused: a mapping is the least there is")
  func emptyFile() throws {
    let found = try problems("")
    #expect(found.count == 1)
    #expect(found.first?.contains("an experiment is a mapping of keys") == true)
  }

  @Test("takes one value, or a list of values, on every axis")
  func lists() throws {
    let one = try Experiment.parse("attack: ipm\nseeds: 7", file: "e.yaml")
    let list = try Experiment.parse("attack: [ipm]\nseeds: [7]", file: "e.yaml")
    #expect(one.identity == list.identity)
    #expect(one.seeds == [7])
    #expect(list.seeds == [7])
  }

  @Test("labels entries with the parameters that differ from the defaults")
  func labels() throws {
    let experiment = try Experiment.parse(
      """
      model: {mlp: {hidden: [64]}}
      training: [{rounds: 100}, {rounds: 7, learning-rate: 0.5}]
      attack: [ipm: {epsilon: 0.5}, ipm: {epsilon: 3}]
      defense: [krum: {f: assumed}, krum: {f: 3}, [nnm, trimmed-mean: {f: 1}]]
      """, file: "e.yaml")
    #expect(experiment.entries(.model).map(\.label) == ["mlp(hidden=[64])"])
    #expect(
      experiment.entries(.training).map(\.label) == ["default", "learning-rate=0.5, rounds=7"])
    #expect(experiment.entries(.attack).map(\.label) == ["ipm", "ipm(epsilon=3)"])
    #expect(
      experiment.entries(.defense).map(\.label) == ["krum", "krum(f=3)", "nnm+trimmed-mean(f=1)"])
    #expect(experiment.entries(.defense).map(\.name) == ["krum", "krum", "nnm+trimmed-mean"])
  }

  @Test("is identified by every parameter and revision, not by its seeds or how it is written")
  func identity() throws {
    func identity(_ text: String) throws -> ConfigurationNode {
      try Experiment.parse(text, file: "e.yaml").identity
    }
    let base = try identity("attack: {ipm: {epsilon: 3}}\nseeds: [1]")
    #expect(
      try identity("seeds: [4, 5]\nattack:\n  - ipm: {knowledge: omniscient, epsilon: 3.0}") == base
    )
    #expect(try identity("attack: {ipm: {epsilon: 3.5}}") != base)
    #expect(try identity("attack: {ipm: {epsilon: 3}}\nname: other") != base)
    #expect(try identity("attack: {ipm: {epsilon: 3}}\nthreat: {attackers: 3}") != base)
    #expect(base.canonicalJSON.contains("\"revision\":1"))
  }
}

@Suite("The experiments that ship")
struct ShippedExperimentTests {
  static let folder = testsDirectory.deletingLastPathComponent().appending(path: "experiments")

  static var files: [String] { experiments(in: folder) }
  static var presets: [String] { experiments(in: folder.appending(path: "presets")) }
  static var twins: [String] { experiments(in: folder.appending(path: "twins")) }

  private static func experiments(in folder: URL) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
  }

  @Test("a preset of a paper says that it was not run here, and can be read", arguments: presets)
  func preset(_ file: String) throws {
    let path = Self.folder.appending(path: "presets").appending(path: file)
    #expect(try String(contentsOf: path, encoding: .utf8).hasPrefix("# not run here: "))
    #expect(try Experiment.read(path: path.path).name + ".yaml" == file)
  }

  @Test(
    "every preset has a twin on embedded data, which can be read and planned", arguments: presets)
  func twin(_ file: String) throws {
    let path = Self.folder.appending(path: "twins").appending(path: file)
    let experiment = try Experiment.read(path: path.path)
    #expect(try !MatrixPlan(experiment).units.isEmpty)
    #expect(experiment.name + ".yaml" == file)
  }

  @Test("no twin is without its preset")
  func twinsOfPresets() { #expect(Self.twins == Self.presets) }

  @Test("the network of Shejwalkar's preset has as many parameters as their notebooks print")
  func alexNet() throws {
    let path = Self.folder.appending(path: "presets/shejwalkar-2021-cifar10.yaml")
    let experiment = try Experiment.read(path: path.path)
    let model = try #require(experiment.entries(.model).first?.components.first)
    let family = try #require(model.component as? any ModelFamily)
    #expect(try family.network(inputShape: [3, 32, 32], classes: 10).layout.count == 2_472_266)
  }

  @Test("the built-in one is experiments/first-matrix.yaml byte for byte")
  func builtInText() throws {
    let file = try Data(contentsOf: Self.folder.appending(path: "first-matrix.yaml"))
    #expect(Data(Experiment.builtInText.utf8) == file)
    #expect(!file.isEmpty)
  }

  @Test("each can be read and planned", arguments: files)
  func readable(_ file: String) throws {
    let experiment = try Experiment.read(path: Self.folder.appending(path: file).path)
    let plan = try MatrixPlan(experiment)
    #expect(!plan.units.isEmpty)
    #expect(experiment.name + ".yaml" == file)
  }

  @Test("the built-in one is as large as promised")
  func builtIn() throws {
    let experiment = try Experiment.builtIn()
    #expect(experiment.entries(.data).map(\.label) == ["digits"])
    #expect(experiment.entries(.partition).map(\.name) == ["dirichlet"])
    let partition = try #require(experiment.entries(.partition).first?.components.first)
    guard case .integer(let clients)? = partition.effective["clients"]?.value else {
      Issue.record("clients is no whole number")
      return
    }
    #expect(clients >= 20)
    #expect(experiment.trainings.allSatisfy { $0.rounds >= 100 })
    #expect(experiment.seeds == [1, 2, 3, 4, 5])
    #expect(experiment.entries(.attack).count >= 10 && experiment.entries(.defense).count >= 12)
    #expect(experiment.entries(.attack).first?.name == "none")
    #expect(experiment.entries(.defense).first?.label == "mean")
    let plan = try MatrixPlan(experiment)
    #expect(plan.cells.allSatisfy { $0.refusal == nil })
    #expect(plan.cells.allSatisfy { !$0.isCompanion })
  }
}
