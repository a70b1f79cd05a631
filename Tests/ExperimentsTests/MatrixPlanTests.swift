import Components
import Experiments
import Federation
import Testing

@Suite("The plan of a matrix")
struct MatrixPlanTests {
  /// Attack and defense of each cell, as the reader sees them.
  private static func names(_ cells: [Cell]) -> [String] {
    cells.map { "\($0.entry(.attack).name)/\($0.entry(.defense).name)" }
  }

  private static func plan(
    _ selection: Selection = Selection(), _ changes: [String: String] = [:]
  ) throws -> MatrixPlan {
    try MatrixPlan(try Tiny.experiment(changes), selection: selection)
  }

  @Test("is the product of the axes in the order of the file, defenses side by side")
  func product() throws {
    let plan = try Self.plan(
      Selection(),
      [
        "model": "model: [logistic, {mlp: {hidden: [8]}}]",
        "transport": "transport: [plain, sum-only]",
        "attack": "attack: [none, sign-flip]", "defense": "defense: [mean, median]",
      ])
    var expected: [[String]] = []
    for model in ["logistic", "mlp(hidden=[8])"] {
      for transport in ["plain", "sum-only"] {
        for attack in ["none", "sign-flip"] {
          for defense in ["mean", "median"] {
            expected.append([model, transport, attack, defense])
          }
        }
      }
    }
    let axes: [Axis] = [.model, .transport, .attack, .defense]
    #expect(plan.cells.map { cell in axes.map { cell.entry($0).label } } == expected)
    #expect(plan.cells.map(\.index) == Array(0..<16))
  }

  @Test("gives each cell the training options and the threat model of its entries")
  func options() throws {
    let plan = try Self.plan(
      Selection(),
      [
        "training": "training: [{rounds: 2}, {rounds: 3}]",
        "threat": "threat: [{attackers: 0}, {attackers: 1}]",
      ])
    for cell in plan.cells {
      #expect(cell.entry(.training).label == "rounds=\(cell.training.rounds)")
      #expect(cell.entry(.threat).label == "attackers=\(cell.threat.attackers)")
    }
    #expect(Set(plan.cells.map(\.training.rounds)) == [2, 3])
    #expect(Set(plan.cells.map(\.threat.attackers)) == [0, 1])
  }

  @Test("pairs each cell with the one nobody attacks and the one nothing protects")
  func pairs() throws {
    let plan = try Self.plan(
      Selection(),
      [
        "model": "model: [logistic, {mlp: {hidden: [8]}}]", "attack": "attack: [ipm, none, alie]",
        "defense": "defense: [median, mean]",
      ])
    let others = Axis.allCases.filter { $0 != .attack && $0 != .defense }
    for cell in plan.cells {
      let twin = try #require(plan.cell(cell.twin))
      let control = try #require(plan.cell(cell.control))
      #expect(twin.entry(.attack).label == "none")
      #expect(twin.entry(.defense).label == cell.entry(.defense).label)
      #expect(control.entry(.attack).label == cell.entry(.attack).label)
      #expect(control.entry(.defense).label == "mean")
      for axis in others {
        #expect(twin.entry(axis).label == cell.entry(axis).label)
        #expect(control.entry(axis).label == cell.entry(axis).label)
      }
      #expect((cell.twin == cell.index) == (cell.entry(.attack).label == "none"))
      #expect(!cell.isCompanion)
    }
  }

  @Test("brings along clean twins and controls that the file leaves out")
  func leftOut() throws {
    let plan = try Self.plan(
      Selection(), ["attack": "attack: {ipm: {epsilon: 8}}", "defense": "defense: median"])
    #expect(Self.names(plan.cells) == ["none/mean", "none/median", "ipm/mean", "ipm/median"])
    #expect(plan.cells.map(\.isCompanion) == [true, true, true, false])
    #expect(plan.cells.map(\.twin) == [0, 1, 0, 1])
    #expect(plan.cells.map(\.control) == [0, 0, 2, 2])
  }

  @Test("keeps what --only names, either of two words on an axis, with twins and controls")
  func selection() throws {
    let both = try Self.plan(
      Selection(only: [.attack: ["ipm", "label-flip"], .defense: ["median"]]))
    #expect(
      Self.names(both.cells) == [
        "none/mean", "none/median", "ipm/mean", "ipm/median", "label-flip/mean",
        "label-flip/median",
      ])
    #expect(
      Self.names(both.cells.filter { !$0.isCompanion }) == ["ipm/median", "label-flip/median"])

    let one = try Self.plan(Selection(only: [.attack: ["ipm"], .defense: ["trimmed-mean"]]))
    #expect(
      Self.names(one.cells) == ["none/mean", "none/trimmed-mean", "ipm/mean", "ipm/trimmed-mean"])
    #expect(Self.names(one.cells.filter { !$0.isCompanion }) == ["ipm/trimmed-mean"])

    let clean = try Self.plan(Selection(only: [.attack: ["none"], .defense: ["median"]]))
    #expect(Self.names(clean.cells) == ["none/mean", "none/median"])
    // A cell has the same place and the same key whatever is asked for.
    let whole = try Self.plan()
    for cell in both.cells {
      let unit = Unit(cell: cell.index, seed: 1)
      #expect(try both.key(unit) == whole.key(unit))
    }
  }

  @Test("stays in the block of the axes that are restricted")
  func selectionOfBlocks() throws {
    let plan = try Self.plan(
      Selection(only: [.model: ["mlp"], .attack: ["ipm"], .defense: ["mean"]]),
      ["model": "model: [logistic, {mlp: {hidden: [8]}}]"])
    #expect(Self.names(plan.cells) == ["none/mean", "ipm/mean"])
    #expect(plan.cells.allSatisfy { $0.entry(.model).name == "mlp" })
  }

  @Test("takes a name for all entries of it, a label for the one")
  func labels() throws {
    let changes = ["attack": "attack: [none, ipm, ipm: {epsilon: 8}]", "defense": "defense: mean"]
    func attacks(_ word: String) throws -> [String] {
      try Self.plan(Selection(only: [.attack: [word]]), changes).cells
        .filter { !$0.isCompanion }.map { $0.entry(.attack).label }
    }
    // The bare name is the label of the one with the defaults, and the name of both.
    #expect(try attacks("ipm") == ["ipm", "ipm(epsilon=8)"])
    #expect(try attacks("ipm(epsilon=8)") == ["ipm(epsilon=8)"])
  }

  @Test("refuses words and names that --only does not know, all at once")
  func unknownWords() throws {
    let message = try mistake {
      _ = try Self.plan(Selection(only: [.attack: ["ipn", "none"], .defense: ["krum"]]))
    }
    #expect(
      message == """
        --only attack=ipn: unknown attack 'ipn'; did you mean 'ipm'? (known: ipm, \
        ipm(epsilon=8), label-flip, none)
        --only defense=krum: unknown defense 'krum'; known: mean, median, trimmed-mean
        """)
  }

  @Test("runs every seed of a cell side by side, and only the seeds asked for")
  func seeds() throws {
    let plan = try Self.plan()
    #expect(
      plan.units.prefix(3) == [
        .init(cell: 0, seed: 1), .init(cell: 0, seed: 2), .init(cell: 1, seed: 1),
      ])
    #expect(plan.units.count == 18)
    let other = try Self.plan(Selection(seeds: [9, 4]))
    #expect(other.units.prefix(2) == [.init(cell: 0, seed: 9), .init(cell: 0, seed: 4)])
  }

  @Test("is divided exactly among any number of shards", arguments: 1...5)
  func shards(_ count: Int) throws {
    let whole = try Self.plan()
    let parts = try (0..<count).map {
      try Self.plan(Selection(shard: (index: $0, count: count))).shardUnits
    }
    let all = parts.flatMap { $0 }
    #expect(all.count == whole.units.count, "no unit twice")
    #expect(Set(all) == Set(whole.units), "no unit left out")
    let sizes = parts.map(\.count)
    #expect(try #require(sizes.max()) - #require(sizes.min()) <= 1)
    // Each part keeps the order of the whole.
    for part in parts { #expect(part == whole.units.filter { Set(part).contains($0) }) }
  }

  @Test("carries what cannot exist, with the reason and what would work, and runs none of it")
  func refusals() throws {
    let plan = try Self.plan(Selection(), ["transport": "transport: sum-only"])
    let refused = plan.cells.filter { $0.refusal != nil }
    // The sum is enough for the mean, and for attacks that need no honest updates.
    #expect(
      Self.names(plan.cells.filter { $0.refusal == nil }) == ["none/mean", "label-flip/mean"])
    #expect(refused.count == 7)
    let median = try #require(refused.first { $0.entry(.attack).name == "none" }?.refusal)
    #expect(
      "\(median)"
        == "median needs individual updates; sum-only reveals only the sum; use a transport that "
        + "reveals individual updates, such as plain, or group sums, such as double-masking with "
        + "groups, or a rule that needs only the sum, such as mean"
    )
    #expect(plan.units.allSatisfy { unit in plan.cell(unit.cell)?.refusal == nil })
    #expect(plan.units.count == 4)
  }

  @Test("of one scenario wants one entry on every axis")
  func single() throws {
    let experiment = try Tiny.experiment()
    let message = try mistake {
      _ = try SingleScenario(experiment, selection: Selection(), seed: nil)
    }
    #expect(
      message == """
        attack has several entries (none, ipm(epsilon=8), label-flip); pick one with --only \
        attack=NAME, or use 'rampart matrix'
        defense has several entries (mean, median, trimmed-mean); pick one with --only \
        defense=NAME, or use 'rampart matrix'
        """)
    let picked = try SingleScenario(
      experiment, selection: Selection(only: [.attack: ["ipm"], .defense: ["median"]]), seed: 5)
    #expect(picked.scenario.seed == 5)
    #expect(picked.summary.contains("attack     ipm(epsilon=8)"))
    #expect(picked.summary.contains("seed       5"))
    let record = try picked.run(workers: 1) { _ in }
    #expect(record.rounds.count == 2)
  }

  @Test("of one scenario whose training diverges blames the learning rate, where it is written")
  func divergence() throws {
    let experiment = try Experiment.parse(Diverging.single, file: "e.yaml")
    let scenario = try SingleScenario(experiment, selection: Selection(), seed: nil)
    let message = try mistake { _ = try scenario.run(workers: 1) { _ in } }
    #expect(message.hasPrefix("e.yaml:2:38: training diverged: client "))
    #expect(message.contains("a learning-rate below"))
  }
}

/// Experiments whose training leaves the finite numbers.
enum Diverging {
  static let single = """
    partition: {iid: {clients: 4}}
    training: {rounds: 2, learning-rate: 1.0e+38}
    threat: {attackers: 1}
    """
}
