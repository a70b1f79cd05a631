import Components
import Experiments
import Federation
import Testing

@Suite("The plan of an inversion matrix")
struct InversionPlanTests {
  private static func plan(
    _ changes: [String: String] = [:], only: [Axis: [String]] = [:]
  ) throws -> MatrixPlan {
    var lines = [
      "vary": "vary: one-at-a-time", "data": "data: digits",
      "partition": "partition: {iid: {clients: 4}}", "model": "model: {mlp: {hidden: [20]}}",
      "training": "training: {rounds: 1}",
      "algorithm": "algorithm: [fedsgd: {examples: 1}, fedsgd: {examples: 8}]",
      "transport": "transport: [sum-only, plain]",
      "threat":
        "threat: {attackers: 0, server-knows: [batch-size, hyper-parameters, normalisation, "
        + "modify-weights]}",
      "attack": "attack: [dense-inversion, imprint: {bins: 9}]",
      "defense": "defense: [mean, update-noise, soteria]",
    ]
    for (key, line) in changes { lines[key] = line }
    let text = lines.values.sorted().joined(separator: "\n")
    var selection = Selection()
    selection.only = only
    return try MatrixPlan(Experiment.parse(text, file: "e.yaml"), selection: selection)
  }

  private static func setting(_ cell: Cell) -> String {
    [Axis.algorithm, .transport, .defense].map { cell.entry($0).label }.joined(separator: " ")
  }

  @Test("one at a time leaves at most one of algorithm, transport and defense not the first")
  func oneAtATime() throws {
    let plan = try Self.plan()
    let experiment = plan.experiment
    let asked = plan.cells.filter { !$0.isCompanion }
    for attack in ["dense-inversion", "imprint(bins=9)"] {
      let own = asked.filter { $0.entry(.attack).label == attack }
      let changes = own.map { cell in
        [Axis.algorithm, .transport, .defense].map { axis in
          experiment.entries(axis).firstIndex { $0.identity == cell.entry(axis).identity }
        }
      }
      #expect(
        Set(changes) == [[0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 1, 0], [1, 0, 0]], "\(changes)")
    }
    let all = try Self.plan(["vary": "vary: everything"]).cells.filter { !$0.isCompanion }
    #expect(all.count == 2 * 2 * 2 * 3)
    #expect(throws: ConfigurationError.self) { try Self.plan(["vary": "vary: twice"]) }
  }

  @Test("the control is where nothing hides: the first algorithm, single updates, no defense")
  func controls() throws {
    let plan = try Self.plan()
    for cell in plan.cells where cell.entry(.attack).name != "none" {
      let control = try #require(plan.cell(cell.control))
      #expect(control.entry(.transport).label == "plain")
      #expect(control.entry(.defense).label == "mean")
      #expect(control.entry(.algorithm).identity == plan.experiment.entries(.algorithm)[0].identity)
      #expect(control.entry(.attack).identity == cell.entry(.attack).identity)
      #expect(control.entry(.data).identity == cell.entry(.data).identity)
      #expect(control.control == control.index)
      // The clean twin keeps the cell's own setting.
      let twin = try #require(plan.cell(cell.twin))
      #expect(Self.setting(twin) == Self.setting(cell))
      #expect(plan.cell(control.twin) != nil)
    }
    // Poisoning keeps its control where it is.
    let poisoning = try Self.plan([
      "threat": "threat: {attackers: 1}", "attack": "attack: ipm", "vary": "vary: everything",
    ])
    for cell in poisoning.cells {
      let control = try #require(poisoning.cell(cell.control))
      for axis in [Axis.algorithm, .transport] {
        #expect(control.entry(axis).identity == cell.entry(axis).identity)
      }
    }
  }

  @Test("an attack that cannot work on the model is n/a, with the reason and what would work")
  func refusals() throws {
    let plan = try Self.plan([
      "model": "model: lenet-zhu", "transport": "transport: plain",
      "attack": "attack: [dense-inversion, trap-weights, inverting-gradients]",
    ])
    for cell in plan.cells {
      switch cell.entry(.attack).name {
      case "dense-inversion":
        #expect(cell.refusal?.reason.contains("first layer that is dense") == true)
        #expect(cell.refusal?.suggestion.contains("inverting-gradients") == true)
      case "trap-weights":
        #expect(cell.refusal?.reason.contains("first layer is not dense") == true)
      default: #expect(cell.refusal == nil)
      }
    }
    let narrow = try Self.plan(["transport": "transport: plain", "attack": "attack: imprint"])
    let imprint = narrow.cells.first { $0.entry(.attack).name == "imprint" }
    #expect(imprint?.refusal?.reason.contains("at least 64 units") == true)
  }
}
