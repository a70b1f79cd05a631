import FileFormats
import Foundation
import FoundationXML
import Randomness
import TestSupport
import Testing

@Suite("rampart membership")
struct MembershipCommandTests {
  /// What `--json` prints.
  private struct Report: Decodable {
    struct Figure: Decodable {
      var value: Double
      var independent: [Double]
      var clustered: [Double]
    }
    struct Rate: Decodable {
      var fpr: Double
      var value: Double
      var independent: [Double]
      var clustered: [Double]
      var resolved: Bool
      var truePositives: Int
    }
    struct Attack: Decodable {
      var attack: String
      var auc: Figure?
      var balancedAccuracy: Figure?
      var tpr: [Rate]?
      var error: String?
    }
    struct Blind: Decodable {
      var auc: Double
      var interval: [Double]
      var alarm: Bool
    }
    var models: Int
    var audited: Int
    var targets: [Int]
    var leaveOneOut: Bool
    var comparisons: Int
    var warnings: [String]
    var blind: Blind?
    var attacks: [Attack]
  }

  /// Losses of a world in which members are fitted better: phi ~ N(mu_x + 2 [member], 1).
  private struct World {
    var models = 16
    var examples = 120
    var members: [Bool] = []
    var phis: [Double] = []

    init(models: Int = 16, examples: Int = 120, balanced: Bool = true) {
      (self.models, self.examples) = (models, examples)
      var generator = testGenerator(UInt64(models), name: "membership command")
      members = [Bool](repeating: false, count: models * examples)
      for example in 0..<examples {
        let order = generator.permutation(models)
        let count = balanced ? models / 2 : 1 + generator.uniform(below: models - 1)
        for model in order.prefix(count) { members[model * examples + example] = true }
      }
      phis = members.indices.map { index in
        Double(index % examples % 5) + (members[index] ? 2 : 0) + generator.normal()
      }
    }

    var losses: [Double] { phis.map { log1p(exp(-$0)) } }
    var scores: NamedTensor {
      NamedTensor(name: "scores", shape: [models, examples], values: .float64(losses))
    }
    var membership: NamedTensor {
      NamedTensor(name: "members", shape: [models, examples], values: .bool(members))
    }
    var logits: NamedTensor {
      NamedTensor(
        name: "scores", shape: [models, examples, 2], values: .float64(phis.flatMap { [$0, 0] }))
    }
    var labels: NamedTensor {
      NamedTensor(
        name: "labels", shape: [examples], values: .int64([Int64](repeating: 0, count: examples)))
    }
  }

  private func run(
    _ tensors: [NamedTensor], _ words: String...
  ) throws -> (status: Int32, output: String, errors: String) {
    let rampart = try Program()
    defer { rampart.remove() }
    try TensorArchive.write(tensors, to: rampart.path("S.npz"))
    let result = try rampart.run(
      ["membership", "--scores", "S.npz", "--resamples", "100"] + words, input: Data())
    return (result.status, String(decoding: result.output, as: UTF8.self), result.errors)
  }

  private func report(_ text: String) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(text.utf8))
  }

  @Test("Losses: LiRA and RMIA beat one threshold, with intervals around their figures")
  func losses() throws {
    let world = World()
    let result = try run([world.scores, world.membership], "--attack", "loss,lira,rmia", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let report = try report(result.output)
    #expect(report.models == 16 && report.audited == 120 && report.leaveOneOut)
    #expect(report.targets == Array(0..<16) && report.comparisons == 1)
    #expect(report.attacks.map(\.attack) == ["loss", "lira", "rmia"])
    let areas = report.attacks.compactMap { $0.auc?.value }
    // The optimum is Phi(sqrt 2) = 0.92; one threshold has about 0.8.
    #expect(areas.count == 3 && areas[1] > areas[0] + 0.04 && areas[1] > 0.87)
    for attack in report.attacks {
      let auc = try #require(attack.auc)
      let accuracy = try #require(attack.balancedAccuracy)
      for figure in [auc, accuracy] {
        for range in [figure.independent, figure.clustered] {
          #expect(range[0] <= figure.value && figure.value <= range[1])
        }
      }
      let rates = try #require(attack.tpr)
      #expect(rates.map(\.fpr) == [0.01, 0.001, 0])
      // 960 non-members: not 1,000.
      #expect(rates.map(\.resolved) == [false, false, true])
    }
    // The area of the loss, by comparing all pairs.
    let scores = world.losses.map { -$0 }
    var (wins, pairs) = (0.0, 0.0)
    for a in scores.indices where world.members[a] {
      for b in scores.indices where !world.members[b] {
        wins += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? 0.5 : 0
        pairs += 1
      }
    }
    #expect(abs(areas[0] - wins / pairs) < 1e-12)
  }

  @Test("Logits with labels give what their losses give, and more attacks")
  func logits() throws {
    let world = World()
    let fromLogits = try run(
      [world.logits, world.labels, world.membership], "--attack", "lira,entropy", "--json")
    let fromLosses = try run([world.scores, world.membership], "--attack", "lira", "--json")
    #expect(fromLogits.status == 0, "\(fromLogits.errors)")
    let a = try report(fromLogits.output).attacks[0].auc?.value ?? 0
    let b = try report(fromLosses.output).attacks[0].auc?.value ?? 1
    #expect(abs(a - b) < 1e-9)
    let refused = try run([world.scores, world.membership], "--attack", "entropy")
    #expect(refused.status == 2 && refused.errors.contains("losses say nothing"))
  }

  @Test("A target by option or in the file is attacked with the others as shadows")
  func target() throws {
    let world = World()
    let named = NamedTensor(name: "target", shape: [1], values: .int64([3]))
    let first = try run(
      [world.scores, world.membership, named], "--attack", "lira", "--json")
    let second = try run(
      [world.scores, world.membership], "--attack", "lira", "--json", "--target", "3")
    #expect(first.status == 0 && first.output == second.output)
    #expect(try report(first.output).targets == [3])
    #expect(first.errors.contains("one target"))
    let none = try run([world.scores, world.membership], "--target", "16")
    #expect(none.status == 2 && none.errors.contains("numbered from 0 to 15"))
  }

  @Test("The table says what is not resolved, and all attacks that cannot run say why")
  func table() throws {
    let world = World()
    let result = try run([world.scores, world.membership], "--attack", "all")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("not resolved: needs 1,000 non-members"))
    #expect(result.output.contains("No blind baseline"))
    let entropy = result.output.split(separator: "\n").first { $0.hasPrefix("entropy") }
    #expect(entropy?.contains("n/a") == true)
    #expect(result.output.contains("each model is the target once"))
  }

  @Test("Curves go to files: rates in order, and a figure that is XML")
  func files() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let world = World()
    try TensorArchive.write([world.scores, world.membership], to: rampart.path("S.npz"))
    let result = try rampart(
      "membership", "--scores", "S.npz", "--attack", "loss,lira: {variance: fixed, mode: offline}",
      "--roc", "roc.csv", "--svg", "roc.svg", "--resamples", "0")
    #expect(result.status == 0, "\(result.errors)")
    let lines = try rampart.read("roc.csv").split(separator: "\n")
    #expect(lines[0] == "attack,fpr,tpr")
    let loss = lines.filter { $0.hasPrefix("loss,") }.map { $0.split(separator: ",") }
    let rates = loss.map { (Double($0[1]) ?? -1, Double($0[2]) ?? -1) }
    #expect(rates.count > 20 && rates.last?.0 == 1 && rates.last?.1 == 1)
    for (a, b) in zip(rates, rates.dropFirst()) { #expect(b.0 > a.0 && b.1 >= a.1) }
    #expect(lines.contains { $0.hasPrefix("\"lira(mode=offline, variance=fixed)\",") })
    let parser = XMLParser(data: Data(try rampart.read("roc.svg").utf8))
    #expect(parser.parse())
    #expect(try rampart.read("roc.svg").contains("guessing"))
  }

  @Test("A blind baseline warns where the examples alone tell members apart")
  func blind() throws {
    let world = World(models: 4, examples: 200)
    // Members of model 0 are all bright.
    let features = (0..<200).map { Float(world.members[$0] ? 1 : 0) + Float($0 % 7) / 7 }
    let tensor = NamedTensor(name: "features", shape: [200, 1], values: .float32(features))
    let result = try run(
      [world.scores, world.membership, tensor], "--target", "0", "--attack", "loss", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let blind = try #require(try report(result.output).blind)
    #expect(blind.alarm)
    #expect(blind.auc > 0.9 && blind.interval.count == 2 && blind.interval[0] > 0.5)
    #expect(result.errors.contains("blind baseline") && result.errors.contains("one distribution"))
  }

  @Test("--simultaneous widens intervals")
  func simultaneous() throws {
    let world = World()
    let alone = try report(
      run([world.scores, world.membership], "--attack", "loss,rmia", "--json").output)
    let together = try report(
      run([world.scores, world.membership], "--attack", "loss,rmia", "--json", "--simultaneous")
        .output)
    #expect(together.comparisons == 10)
    let a = try #require(alone.attacks[0].auc)
    let b = try #require(together.attacks[0].auc)
    #expect(b.independent[0] < a.independent[0] && b.independent[1] > a.independent[1])
  }

  @Test("Unbalanced masks and losses that rounded to 0 are warned of")
  func warnings() throws {
    let uneven = World(models: 12, balanced: false)
    let result = try run([uneven.scores, uneven.membership], "--attack", "loss")
    #expect(result.status == 0 && result.errors.contains("masks are unbalanced"))
    let world = World()
    let rounded = world.losses.map { $0 < 0.05 ? 0 : $0 }
    let flat = try run(
      [
        NamedTensor(name: "scores", shape: [16, 120], values: .float64(rounded)), world.membership,
      ], "--attack", "loss")
    #expect(flat.status == 0 && flat.errors.contains("give logits and labels"))
    let few = try run(
      [world.scores, world.membership], "--attack", "lira: {variance: per-example}")
    #expect(few.status == 0 && few.errors.contains("below 32"))
  }

  @Test("Bad files are refused with the place and what would work")
  func badInput() throws {
    let world = World(models: 4, examples: 6)
    func scores(_ values: [Double], _ shape: [Int] = [4, 6]) -> NamedTensor {
      NamedTensor(name: "scores", shape: shape, values: .float64(values))
    }
    func members(_ values: [Int64], _ shape: [Int] = [4, 6]) -> NamedTensor {
      NamedTensor(name: "members", shape: shape, values: .int64(values))
    }
    var nan = world.losses
    nan[8] = .nan
    var infinite = world.losses
    infinite[9] = .infinity
    let all = members([Int64](repeating: 1, count: 24))
    // Model 0 has every example that any other lacks.
    let greedy = members((0..<24).map { $0 < 6 ? 1 : 0 })
    let cases: [([NamedTensor], [String], String)] = [
      ([scores(nan), world.membership], [], "model 1, example 2 is nan"),
      ([scores(infinite), world.membership], [], "leave models that diverged out"),
      ([scores(world.losses.map { -$0 }), world.membership], [], "-log p_y"),
      ([world.scores], [], "there is no array 'members'"),
      ([world.membership], [], "there is no array 'scores'"),
      ([world.scores, members(Array(repeating: 1, count: 24), [6, 4])], [], "give members.T"),
      (
        [world.scores, members(Array(repeating: 1, count: 12), [2, 6])], [], "4 models x 6 examples"
      ),
      ([world.scores, members(Array(repeating: 2, count: 24))], [], "write true and false"),
      ([world.scores, all], [], "in all models or in none"),
      ([world.scores, greedy], [], "target 0: non-members"),
      ([world.logits, world.membership], [], "must have 'labels'"),
      ([world.scores, world.membership], ["--attack", "lirra"], "did you mean 'lira'?"),
      ([world.scores, world.membership], ["--attack", "lira,lira"], "once will do"),
      ([world.scores, world.membership], ["--attack", "lira,,rmia"], "a name is missing"),
      ([world.scores, world.membership], ["--attack", "rmia: {gamma: -1}"], "greater than 0"),
      (
        [world.scores, world.membership], ["--attack", "lira: {variance: per-example}"],
        "train more shadows"
      ),
      ([world.scores, world.membership], ["--kind", "logits"], "the shape is [4, 6]"),
      (
        [
          world.scores, world.membership,
          NamedTensor(name: "target", shape: [2], values: .int64([0, 1])),
        ], [], "give the row of one model"
      ),
      (
        [
          world.scores, world.membership,
          NamedTensor(
            name: "population", shape: [6],
            values: .bool([true] + Array(repeating: false, count: 5))),
        ], [], "known non-members are in none"
      ),
      (
        [
          world.scores, world.membership,
          NamedTensor(name: "features", shape: [5, 1], values: .float32([1, 2, 3, 4, 5])),
        ], [], "must begin with the number of examples, 6"
      ),
    ]
    for (tensors, words, expected) in cases {
      let rampart = try Program()
      defer { rampart.remove() }
      try TensorArchive.write(tensors, to: rampart.path("S.npz"))
      let result = try rampart.run(
        ["membership", "--scores", "S.npz", "--resamples", "0"] + words, input: Data())
      #expect(result.status == 2, "\(expected): \(result.output)")
      #expect(result.errors.contains(expected), "\(expected): \(result.errors)")
      #expect(result.output.isEmpty)
    }
    let missing = try Program()
    defer { missing.remove() }
    let result = try missing("membership", "--scores", "nowhere.npz")
    #expect(result.status == 2 && result.errors.contains("nowhere.npz"))
    #expect(try missing("membership").status == 2)
  }

  private static let experiment = """
    name: study
    data: {handwriting: {examples: 90, test-examples: 60, wrong-labels: 0.2, test-wrong-labels: 0.2}}
    partition: {iid: {clients: 3}}
    model: {mlp: {hidden: [8]}}
    training: {rounds: 2, epochs: 1, batch-size: 5, learning-rate: 0.1, evaluate-every: 2}
    threat: {attackers: 1}
    transport: [plain, sum-only]
    attack: [none, fedmia: {clients: 3, examples: 12}]
    """

  @Test("Of an experiment: a table, JSON, curves, a figure and a page, with what cannot be")
  func study() throws {
    struct Study: Decodable {
      struct Setting: Decodable {
        struct Attack: Decodable {
          struct Figure: Decodable {
            var value: Double
            var clustered: [Double]
          }
          var attack: String
          var impossible: String?
          var auc: Figure?
          var members: Int?
        }
        var setting: String
        var undefended: Bool
        var attacks: [Attack]
      }
      var settings: [Setting]
      var warnings: [String]
    }
    let rampart = try Program()
    defer { rampart.remove() }
    try Data(Self.experiment.utf8).write(to: URL(fileURLWithPath: rampart.path("e.yaml")))
    let words = [
      "membership", "e.yaml", "--models", "2", "--audited", "24", "--attack", "loss", "--resamples",
      "20", "--quiet",
    ]
    let json = try rampart.run(
      words + ["--json", "--roc", "roc.csv", "--svg", "roc.svg", "--html", "page.html"],
      input: Data())
    #expect(json.status == 0, "\(json.errors)")
    let study = try JSONDecoder().decode(Study.self, from: json.output)
    #expect(study.settings.map(\.setting) == ["plain / mean", "sum-only / mean"])
    #expect(study.settings[0].attacks.compactMap(\.auc).count == 2)
    #expect(study.settings[0].attacks[0].members == 36 * 2)
    #expect(study.settings[1].attacks.last?.impossible?.contains("sum-only") == true)
    let curve = try String(contentsOfFile: rampart.path("roc.csv"), encoding: .utf8)
    #expect(curve.hasPrefix("setting,attack,fpr,tpr\n"))
    for file in ["roc.svg", "page.html"] {
      let text = try String(contentsOfFile: rampart.path(file), encoding: .utf8)
      #expect(text.contains("<svg") && text.contains("fedmia"), "\(file)")
    }
    let page = try String(contentsOfFile: rampart.path("page.html"), encoding: .utf8)
    #expect(page.contains("not resolved"))
    // Nothing is trained again; the report goes to the run directory.
    let table = try rampart.run(words.filter { $0 != "--quiet" }, input: Data())
    #expect(String(decoding: table.output, as: UTF8.self).contains("n/a"))
    #expect(table.errors.contains("4/4 federations (4 of them before)"), "\(table.errors)")
    for file in ["report.html", "roc.csv", "roc.svg"] {
      #expect(
        FileManager.default.fileExists(atPath: rampart.path("runs/study-membership/\(file)")))
    }
    let kept = try FileManager.default.contentsOfDirectory(
      atPath: rampart.path("runs/study-membership/federations"))
    #expect(kept.count == 4)
  }

  @Test("Of an experiment: wrong requests are refused with a sentence")
  func wrongStudies() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try Data(Self.experiment.utf8).write(to: URL(fileURLWithPath: rampart.path("e.yaml")))
    let bad = Self.experiment.replacingOccurrences(
      of: "attack: [none,", with: "attack: [sign-flip,")
    try Data(bad.utf8).write(to: URL(fileURLWithPath: rampart.path("bad.yaml")))
    let cases: [([String], String)] = [
      (["e.yaml", "--models", "3"], "not an even number"),
      (["e.yaml", "--scores", "S.npz"], "ask one at a time"),
      (["e.yaml", "--target", "1"], "each model is a target"),
      (["bad.yaml"], "asks nothing about membership"),
      (["--scores", "S.npz", "--audited", "5"], "--audited is for experiments"),
      (["--scores", "S.npz", "--out", "runs/a"], "--out is for experiments"),
      (["e.yaml", "--out", "/dev/null/runs"], "choose another with --out"),
      ([], "name an experiment"),
    ]
    for (words, expected) in cases {
      let result = try rampart.run(["membership"] + words, input: Data())
      #expect(result.status == 2, "\(expected): \(result.errors)")
      #expect(result.errors.contains(expected), "\(expected): \(result.errors)")
    }
  }

  @Test("Help lists every attack with what it asks")
  func help() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let text = try rampart("membership", "--help").output
    for name in ["loss", "lira", "rmia", "base", "bavaria", "quantile", "shadow-classifier"] {
      #expect(text.contains("\n    \(name) ") || text.contains("\n  \(name) "), "\(name)")
    }
  }
}
