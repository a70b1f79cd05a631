import Components
import Datasets
import Experiments
import Federation
import Foundation
import MembershipInference
import Synchronization
import Testing

@Suite("Membership studies")
struct MembershipStudyTests {
  private static func text(
    attack: String = "[none, fedmia: {clients: 3, examples: 12}]", defense: String = "mean",
    transport: String = "plain", partition: String = "iid: {clients: 3}", granted: Bool = false
  ) -> String {
    """
    name: study
    data: {handwriting: {examples: 90, test-examples: 60, wrong-labels: 0.2, test-wrong-labels: 0.2}}
    partition: {\(partition)}
    model: {mlp: {hidden: [8]}}
    training: {rounds: 2, epochs: 2, batch-size: 5, learning-rate: 0.1, evaluate-every: 2}
    threat: {attackers: 1\(granted ? ", server-knows: [hyper-parameters, candidates, modify-weights]" : "")}
    transport: \(transport)
    attack: \(attack)
    defense: \(defense)
    """
  }

  private func study(
    _ text: String, models: Int = 4, scores: [String] = ["loss"], folder: String? = nil,
    audited: Int = 24
  ) throws -> MembershipStudy {
    var options = MembershipStudy.Options()
    options.folder = folder
    options.models = models
    options.activeModels = min(2, models)
    options.audited = audited
    options.evaluation.resamples = 50
    let catalogue = Catalogue([.init(.membershipScore, membershipScoreCatalogue)])
    options.scores = try scores.map {
      try catalogue.component(ConfigurationNode(.text($0)), role: .membershipScore)
    }
    return try MembershipStudy(
      try MatrixPlan(try Experiment.parse(text, file: "study.yaml")), options: options)
  }

  @Test(
    "each audited example is its client's in half of the federations and nobody's in the others")
  func audit() throws {
    let shares = ClientShares([Array(0..<30), Array(30..<50), Array(50..<55)])
    let audit = try MembershipAudit(shares, perClient: 10, models: 6, seed: 3)
    #expect(audit.examples.count == 25)
    #expect(audit.membership.counts.allSatisfy { $0 == 3 })
    var seeds: Set<UInt64> = []
    for model in 0..<6 {
      var scenario = try SingleScenario(
        try Experiment.parse(Self.text(attack: "none"), file: "study.yaml"), selection: Selection(),
        seed: 1
      ).scenario
      scenario.shares = shares
      audit.apply(to: &scenario, model: model, seed: 3)
      seeds.insert(scenario.seed)
      for client in shares.indices.indices {
        let (own, held) = (Set(scenario.shares.indices[client]), Set(scenario.heldOut[client]))
        #expect(own.isDisjoint(with: held))
        #expect(own.union(held) == Set(shares.indices[client]))
        for (place, example) in audit.examples.enumerated()
        where shares.indices[client].contains(example) {
          #expect(own.contains(example) == audit.membership[model, place])
        }
        #expect(held.isSubset(of: audit.examples))
      }
    }
    #expect(seeds.count == 6)
  }

  @Test(
    "results do not depend on the number of jobs; every attack has its place, impossible or not")
  func results() throws {
    let study = try study(Self.text(transport: "[plain, sum-only]"), scores: ["loss", "rmia"])
    #expect(study.runs == 8)
    let one = try study.run(jobs: 1)
    let two = try study.run(jobs: 2)
    #expect(one.blocks.map(\.title) == ["plain / mean", "sum-only / mean"])
    #expect(one.blocks.map(\.isUndefended) == [true, false])
    #expect(areas(one) == areas(two))
    #expect(one.blocks[0].attacks.count == 3)
    guard case .impossible(let reason) = try #require(one.blocks[1].attacks.last).outcome else {
      Issue.record("fedmia works on sums")
      return
    }
    #expect(reason.contains("sum-only reveals only"), "\(reason)")
    // 3 clients, 24 audited each, 4 federations: half of 288 are members.
    guard case .measured(let loss) = one.blocks[0].attacks[0].outcome else {
      Issue.record("loss cannot be measured")
      return
    }
    #expect(loss.members == 144 && loss.others == 144 && loss.targets == 4)
  }

  private func areas(_ results: MembershipResults) -> [Double?] {
    results.blocks.flatMap(\.attacks).map { attack in
      if case .measured(let evaluation) = attack.outcome {
        evaluation.areaUnderCurve.value
      } else {
        nil
      }
    }
  }

  /// What a run gives, and how many federations it trained.
  private func trained(_ study: MembershipStudy) throws -> (areas: [Double?], runs: Int) {
    let count = Mutex(0)
    let results = try study.run(jobs: 2) { count.withLock { $0 += 1 } }
    return (areas(results), count.withLock { $0 })
  }

  private static let attacks =
    "[none, fedmia: {clients: 3, examples: 12}, server-ascent: {clients: 3, examples: 12}]"

  @Test("a study goes on where it stopped, with the same figures; damaged files are trained again")
  func resume() throws {
    let scratch = try Scratch()
    let folder = scratch.path
    let text = Self.text(attack: Self.attacks, defense: "[mean, output-truncation]", granted: true)
    let plain = try trained(try study(text))
    let study = try study(text, folder: folder + "/kept")
    #expect(study.runs == 12 && plain.runs == 12)
    #expect(try study.finishedRuns() == 0)
    let first = try trained(study)
    #expect(first.runs == 12 && first.areas == plain.areas)
    #expect(try study.finishedRuns() == 12)
    let second = try trained(study)
    #expect(second.runs == 0 && second.areas == plain.areas)
    // As if it had been stopped after nine, and one file had been damaged since.
    let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/kept").sorted()
    #expect(files.count == 12)
    for file in files.prefix(3) {
      try FileManager.default.removeItem(atPath: "\(folder)/kept/\(file)")
    }
    let victim = URL(fileURLWithPath: "\(folder)/kept/\(files[5])")
    var bytes = try Data(contentsOf: victim)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: victim)
    let third = try trained(study)
    #expect(third.runs == 4 && third.areas == plain.areas)
  }

  @Test("what another configuration decides is not reused, and what it does not decide is")
  func reuse() throws {
    let scratch = try Scratch()
    let folder = scratch.path
    func finished(
      _ text: String, models: Int = 4, scores: [String] = ["loss"], audited: Int = 24
    ) throws -> Int {
      try study(text, models: models, scores: scores, folder: folder, audited: audited)
        .finishedRuns()
    }
    let text = Self.text(attack: Self.attacks, granted: true)
    _ = try study(text, folder: folder).run(jobs: 2)
    #expect(try finished(text) == 6)
    // What is asked of the federations later, and how many more there are, changes none of them.
    #expect(try finished(text, scores: ["lira", "rmia"]) == 6)
    #expect(try finished(text, models: 6) == 6)
    #expect(try finished(text, audited: 20) == 0)
    for (old, new) in [
      ("learning-rate: 0.1", "learning-rate: 0.11"), ("rounds: 2", "rounds: 3"),
      ("wrong-labels: 0.2,", "wrong-labels: 0.1,"), ("{hidden: [8]}", "{hidden: [9]}"),
      ("iid: {clients: 3}", "dirichlet: {clients: 3, alpha: 5}"),
      ("plain", "sum-only"),
    ] {
      #expect(text.contains(old))
      #expect(try finished(text.replacing(old, with: new)) == 0, "\(new)")
    }
    // Beside another defense the undefended federations come along, and are the same.
    let defended = text.replacing("defense: mean", with: "defense: label-smoothing")
    #expect(try finished(defended) == 6)
    #expect(try study(defended, folder: folder).runs == 12)
    // Another reader: only the federations that the active attack was in are the same.
    #expect(try finished(text.replacing("[none, fedmia", with: "[none, loss-series")) == 2)
    #expect(
      try finished(text.replacing("server-ascent: {", with: "server-ascent: {rate: 1, ")) == 4)
  }

  @Test("a folder that cannot be made is refused with the way out")
  func badFolder() throws {
    let study = try study(Self.text(), folder: "/dev/null/federations")
    do {
      _ = try study.run(jobs: 1)
      Issue.record("accepted")
    } catch { #expect("\(error)".contains("choose another with --out"), "\(error)") }
  }

  @Test("a defense that the transport leaves nothing to work on is impossible, whoever attacks")
  func impossible() throws {
    let study = try study(
      Self.text(attack: "none", defense: "[mean, median]", transport: "[plain, sum-only]"),
      models: 2)
    // Of the four combinations median has nothing to rank on sums.
    #expect(study.runs == 6)
    let blocks = try study.run(jobs: 1).blocks
    #expect(
      blocks.map(\.title)
        == ["plain / mean", "plain / median", "sum-only / mean", "sum-only / median"])
    guard case .impossible(let reason) = blocks[3].attacks[0].outcome else {
      Issue.record("median works on sums")
      return
    }
    #expect(reason.contains("median needs individual updates"), "\(reason)")
    #expect(blocks[3].accuracy == nil && blocks[0].accuracy != nil)
  }

  @Test("wrong inputs are refused with a sentence that names the remedy")
  func refusals() throws {
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "nothing"
      } catch {
        return "\(error)"
      }
    }
    let odd = message { _ = try study(Self.text(), models: 3) }
    #expect(odd.contains("not an even number"), "\(odd)")
    let stranger = message { _ = try study(Self.text(attack: "[none, sign-flip]")) }
    #expect(stranger.contains("asks nothing about membership"), "\(stranger)")
    let shared = message {
      _ = try study(Self.text(attack: "none", partition: "dirichlet-shared: {clients: 3}"))
    }
    #expect(shared.contains("without overlap"), "\(shared)")
  }
}
