import Components
import Experiments
import Federation
import Foundation
import TestSupport
import Testing

@Suite("A mistake in an experiment file")
struct BadInputTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let text: String
    let lines: [String]
    init(_ text: String, _ lines: String...) {
      self.text = text
      self.lines = lines
    }
    var testDescription: String { lines.first ?? text }
  }

  /// What follows a suggestion: catalogues are too long to be shown.
  static func count(_ role: Role) -> String {
    "(one of \(Catalogue.standard.types(role).count))"
  }
  static let attacks = Catalogue.standard.types(.attack).map { $0.card.name }.sorted()
    .joined(separator: ", ")
  static let axes =
    "algorithm, attack, data, defense, model, name, partition, population, seeds, targets, threat, "
    + "training, transport, vary"
  static let options =
    "batch-size, clipping-norm, dp-sgd, epochs, evaluate-every, label-smoothing, learning-rate, "
    + "momentum, nesterov, optimizer, rounds, schedule, warm-up, weight-decay"

  static let names = [
    Sample(
      "atack: none",
      "e.yaml:1:1: unknown key 'atack'; did you mean 'attack'? (known: \(axes))"),
    Sample(
      "attack: alei",
      "e.yaml:1:9: unknown attack 'alei'; did you mean 'alie'? \(count(.attack))"),
    Sample("attack: [none, zzzzzz]", "e.yaml:1:16: unknown attack 'zzzzzz'; known: \(attacks)"),
    Sample(
      "defense:\n  - mean\n  - krumm: {f: 2}",
      "e.yaml:3:5: unknown defense 'krumm'; did you mean 'krum'? \(count(.defense))"),
    Sample(
      "defense: [[nnm, trimed-mean]]",
      "e.yaml:1:17: unknown defense 'trimed-mean'; did you mean 'trimmed-mean'? "
        + "\(count(.defense))"),
    Sample(
      "defense: {krum: {F: 2}}",
      "e.yaml:1:18: unknown parameter of defense 'krum' 'F'; did you mean 'f'? (known: f, variant)"),
    Sample(
      "defense: {rlr: {f: 2}}",
      "e.yaml:1:17: unknown parameter of defense 'rlr' 'f'; known: threshold"),
    Sample(
      "attack: {none: {f: 2}}",
      "e.yaml:1:17: attack 'none' has no parameters, so 'f' cannot be set"),
    Sample(
      "training: {learnin-rate: 1}",
      "e.yaml:1:12: unknown parameter of training 'learnin-rate'; did you mean 'learning-rate'? "
        + "(known: \(options))"),
    Sample(
      "threat: {attacker: 1}",
      "e.yaml:1:10: unknown parameter of threat 'attacker'; did you mean 'attackers'? "
        + "(known: assumed-f, attack-every, attack-from, attack-until, attackers, knowledge, "
        + "knows-root, knows-rule, seen-share, selection, server-knows)"),
    Sample(
      "threat: {knowledge: omnicient}",
      "e.yaml:1:21: threat: knowledge: unknown value 'omnicient'; did you mean 'omniscient'? "
        + "(known: omniscient, own, partial)"),
  ]

  static let types = [
    Sample(
      "training: {rounds: ten}",
      "e.yaml:1:20: training: rounds: expected a whole number, got the text 'ten'"),
    Sample(
      "training: {rounds: 2.5}",
      "e.yaml:1:20: training: rounds: expected a whole number, got 2.5"),
    Sample(
      "training: {learning-rate: [0.1, 0.2]}",
      "e.yaml:1:27: training: learning-rate: expected a number, got a list"),
    Sample(
      "training: 100", "e.yaml:1:11: training takes parameters as a mapping {key: value}, got 100"),
    Sample(
      "partition: {iid: {clients: many}}",
      "e.yaml:1:28: partition 'iid': clients: expected a whole number, got the text 'many'"),
    Sample(
      "model: {mlp: {hidden: 64}}",
      "e.yaml:1:23: model 'mlp': hidden: expected a list, got 64"),
    Sample(
      "defense: 3",
      "e.yaml:1:10: defense: expected a name such as 'mean' or a name with parameters such as "
        + "'mean: {…}', got 3"),
    Sample(
      "defense: {krum: {f: 1}, mean: {}}",
      "e.yaml:1:10: defense: expected a name such as 'mean' or a name with parameters such as "
        + "'mean: {…}', got a mapping"),
    Sample("seeds: [1, -2]", "e.yaml:1:12: seeds: expected a whole number of 0 or more, got -2"),
    Sample(
      "seeds: first",
      "e.yaml:1:8: seeds: expected a whole number of 0 or more, got the text 'first'"),
    Sample(
      "name: a/b",
      "e.yaml:1:7: name: expected letters, digits, '-', '_' and '.', got the text 'a/b'"),
    Sample(
      "name: ..", "e.yaml:1:7: name: expected letters, digits, '-', '_' and '.', got the text '..'"
    ),
    Sample(
      "name:\nseeds: 1",
      "e.yaml:1:6: name is empty; write one, or leave the key out"),
  ]

  static let ranges = [
    Sample(
      "training: {learning-rate: .nan}",
      "e.yaml:1:27: training: learning-rate: must be a finite number greater than 0, got nan"),
    Sample(
      "training: {learning-rate: 0}",
      "e.yaml:1:27: training: learning-rate: must be a finite number greater than 0, got 0.0"),
    Sample(
      "training: {rounds: 0, momentum: 1}",
      "e.yaml:1:20: training: rounds: must be 1 or more, got 0",
      "e.yaml:1:33: training: momentum: must be in [0, 1), got 1.0"),
    Sample(
      "partition: {dirichlet: {alpha: 0}}",
      "e.yaml:1:32: partition 'dirichlet': alpha: must be a number greater than 0, got 0.0"),
    Sample(
      "partition: {dirichlet: {alpha: -0.5, clients: 0}}",
      "e.yaml:1:32: partition 'dirichlet': alpha: must be a number greater than 0, got -0.5",
      "e.yaml:1:47: partition 'dirichlet': clients: must be at least 1, got 0"),
    Sample(
      "defense: {krum: {f: -1}}",
      "e.yaml:1:21: defense 'krum': f: must be 0 or more, or 'assumed', got -1"),
    Sample(
      "attack: {ipm: {epsilon: .inf}}",
      "e.yaml:1:25: attack 'ipm': epsilon: must be a finite number greater than 0, got inf"),
    Sample("threat: {attackers: -1}", "e.yaml:1:21: threat: attackers: must be 0 or more, got -1"),
  ]

  static let plans = [
    Sample(
      "defense: {krum: {f: 12}}",
      "e.yaml:1:21: defense 'krum' with f = 12 needs at least 27 updates a round, but it gets 20; "
        + "at 20 updates f may be at most 8"),
    Sample(
      "defense: {trimmed-mean: {f: 10}}",
      "e.yaml:1:29: defense 'trimmed-mean' with f = 10 needs at least 21 updates a round, but it "
        + "gets 20; at 20 updates f may be at most 9"),
    Sample(
      "threat: {knowledge: own, attackers: 10}",
      "e.yaml:1:37: threat: attackers: 10 of 20 clients are no minority; at most 9 work"),
    Sample(
      "threat: {attackers: 9}\ndefense: [mean, krum]",
      "e.yaml:2:17: defense 'krum' with f = 9 needs at least 21 updates a round, but it gets 20; "
        + "at 20 updates f may be at most 8"),
    Sample(
      "threat: {attackers: 2, assumed-f: 12}\ndefense: [[nnm, krum]]",
      "e.yaml:2:12: defense 'nnm' with f = 12 needs at least 25 updates a round, but it gets 20; "
        + "at 20 updates f may be at most 9",
      "e.yaml:2:17: defense 'krum' with f = 12 needs at least 27 updates a round, but it gets 20; "
        + "at 20 updates f may be at most 8"),
    Sample(
      "partition: {iid: {clients: 8}}",
      "e.yaml:1:28: threat: attackers: 4 of 8 clients are no minority; at most 3 work"),
    Sample(
      "partition: {iid: {clients: 2000}}",
      "e.yaml:1:28: partition iid: 2000 clients cannot share 1297 examples; "
        + "at most 1297 clients would work"),
    Sample(
      "partition: {dirichlet: {clients: 200}}",
      "e.yaml:1:34: partition dirichlet: 200 clients of at least 10 examples need 2000, "
        + "there are 1297; a minimum-size of 6 or less would fit"),
    Sample(
      "defense: [[krum, median]]",
      "e.yaml:1:18: 'krum' and 'median' both want to be the aggregator; name one of them"),
  ]

  static let shapes = [
    Sample(
      "attack: [none, ipm, none]", "e.yaml:1:21: attack: 'none' is listed twice"),
    Sample(
      "attack: [ipm: {epsilon: 0.5}, ipm]", "e.yaml:1:31: attack: 'ipm' is listed twice"),
    Sample(
      "training: [{}, {rounds: 100}]", "e.yaml:1:16: training: 'default' is listed twice"),
    Sample("seeds: [1, 2, 1]", "e.yaml:1:15: seeds: 1 is listed twice"),
    Sample("attack: []", "e.yaml:1:9: attack is an empty list; name at least one"),
    Sample("seeds: []", "e.yaml:1:8: seeds is an empty list; name at least one"),
    Sample(
      "data: []\nseeds: []", "e.yaml:1:7: data is an empty list; name at least one",
      "e.yaml:2:8: seeds is an empty list; name at least one"),
    Sample(
      "defense: [mean, []]", "e.yaml:1:17: defense: an empty chain; name at least one component"),
    Sample(
      "model: [[logistic, mlp]]",
      "e.yaml:1:9: model: a list inside the list would be a chain; model takes one component each"),
    Sample(
      "transport: [plain, [sum-only]]",
      "e.yaml:1:20: transport: a list inside the list would be a chain; transport takes one "
        + "component each"),
    Sample(
      "- attack: none",
      "e.yaml:1:1: an experiment is a mapping of keys such as 'attack: [none, ipm]', got a list"),
    Sample(
      "krum",
      "e.yaml:1:1: an experiment is a mapping of keys such as 'attack: [none, ipm]', "
        + "got the text 'krum'"),
  ]

  @Test(
    "is one line with its place, the nearest name, and what would work",
    arguments: [names, types, ranges, plans, shapes].flatMap { $0 })
  func golden(_ sample: Sample) throws {
    let found = try problems(sample.text)
    #expect(found == sample.lines)
  }

  @Test("is found together with all others, in the order of the file")
  func together() throws {
    let text = """
      name: a b
      atack: none
      partition:
        - {iid: {clients: few}}
        - {dirichlet: {alpha: 0, clents: 4}}
        - iid
      training: {rounds: ten, learning-rate: .nan}
      attack: [none, alei, none]
      defense:
        - krum: {f: -1, g: 2}
        - [nnm, [mean]]
      seeds: []
      """
    let found = try problems(text, file: "all.yaml")
    #expect(
      found == [
        "all.yaml:1:7: name: expected letters, digits, '-', '_' and '.', got the text 'a b'",
        "all.yaml:2:1: unknown key 'atack'; did you mean 'attack'? (known: \(Self.axes))",
        "all.yaml:4:21: partition 'iid': clients: expected a whole number, got the text 'few'",
        "all.yaml:5:25: partition 'dirichlet': alpha: must be a number greater than 0, got 0.0",
        "all.yaml:5:28: unknown parameter of partition 'dirichlet' 'clents'; "
          + "did you mean 'clients'? (known: alpha, clients, minimum-size)",
        "all.yaml:7:20: training: rounds: expected a whole number, got the text 'ten'",
        "all.yaml:7:40: training: learning-rate: must be a finite number greater than 0, got nan",
        "all.yaml:8:16: unknown attack 'alei'; did you mean 'alie'? \(Self.count(.attack))",
        "all.yaml:8:22: attack: 'none' is listed twice",
        "all.yaml:10:15: defense 'krum': f: must be 0 or more, or 'assumed', got -1",
        "all.yaml:10:19: unknown parameter of defense 'krum' 'g'; known: f, variant",
        "all.yaml:11:11: defense: expected a name such as 'mean' or a name with parameters such "
          + "as 'mean: {…}', got a list",
        "all.yaml:12:8: seeds is an empty list; name at least one",
      ])
  }

  @Test("of reading is told together with those of planning")
  func readingAndPlanning() throws {
    let text = """
      partition:
        - {iid: {clients: 2000}}
        - {dirichlet: {clients: 200}}
        - iid
      threat: {attackers: 2}
      attack: [none, alei]
      defense: [mean, {krum: {f: 12}}, {trimmed-mean: {f: -3}}]
      model: logistik
      """
    let found = try problems(text, file: "all.yaml")
    #expect(
      found == [
        "all.yaml:2:21: partition iid: 2000 clients cannot share 1297 examples; "
          + "at most 1297 clients would work",
        "all.yaml:3:27: partition dirichlet: 200 clients of at least 10 examples need 2000, "
          + "there are 1297; a minimum-size of 6 or less would fit",
        "all.yaml:6:16: unknown attack 'alei'; did you mean 'alie'? \(Self.count(.attack))",
        "all.yaml:7:28: defense 'krum' with f = 12 needs at least 27 updates a round, but it "
          + "gets 20; at 20 updates f may be at most 8",
        "all.yaml:7:53: defense 'trimmed-mean': f: must be 0 or more, or 'assumed', got -3",
        "all.yaml:8:8: unknown model 'logistik'; did you mean 'logistic'? (known: cnn-431k, "
          + "cnn-mcmahan, lenet-zhu, logistic, mlp, resnet-20, sequential, text)",
      ])
  }

  @Test("data that are no tokens are refused where a model embeds tokens")
  func tokens() throws {
    let found = try problems("data: breast-cancer\nmodel: {text: {vocabulary: 50}}")
    #expect(found.count == 1)
    #expect(
      found.first?.hasSuffix("expected token numbers from 0 to 49") == true
        && found.first?.contains("data breast-cancer, example 0: got ") == true)
  }

  @Test("is never blamed on the stand-ins for what could not be read")
  func standIns() throws {
    // Krum's f would be too large for the twenty clients of the default partition.
    let found = try problems("partition: iidd\ndefense: {krum: {f: 12}}\nthreat: {attackers: 9}")
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.hasPrefix("e.yaml:1:12: unknown partition 'iidd'") })
  }

  @Test(
    "of YAML itself is told with its place",
    arguments: [
      ("attack: [none\ndefense: mean\n", "e.yaml:2:"),
      ("attack: none\nattack: ipm\n", "e.yaml:2:1: "),
      ("\tattack: none\n", "e.yaml:1:1: "),
      ("attack: \"none\n", "e.yaml:"),
      ("PK\u{3}\u{4}\u{0}\u{0}", "e.yaml:1:1: not an experiment file"),
    ])
  func notYAML(_ text: String, _ start: String) throws {
    let found = try problems(text)
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.hasPrefix(start) && !$0.contains("\n") }, "\(found)")
  }

  @Test("in the file's name is told without a place")
  func noFile() throws {
    let scratch = try Scratch()
    #expect(
      try mistake { _ = try Experiment.read(path: scratch.file("absent.yaml")) }
        == "\(scratch.file("absent.yaml")): there is no such file")
    let folder = try mistake { _ = try Experiment.read(path: scratch.path) }
    #expect(folder == "\(scratch.path): this is a folder; name a YAML file in it")
  }

  @Test(
    "that takes thousands of draws to find is looked for once, not in every cell",
    .enabled(if: isOptimizedBuild))
  func slowPartition() throws {
    let clock = ContinuousClock()
    let text = """
      partition: {dirichlet: {alpha: 0.001, clients: 12}}
      threat: {attackers: 1}
      attack: [none, ipm, alie, sign-flip, label-flip]
      defense: [mean, median, trimmed-mean, clipping, nnm]
      """
    var found: [String] = []
    let time = try clock.measure { found = try problems(text) }
    #expect(found.count == 1)
    #expect(found.first?.contains("in 10000 draws") == true)
    // One search takes about a second; one in each cell would take half a minute.
    #expect(time < .seconds(10))
  }
}
