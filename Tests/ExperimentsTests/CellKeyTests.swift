import Components
import Experiments
import Testing

@Suite("The key of a result")
struct CellKeyTests {
  /// The key of the last cell, the one with attack and defense.
  private static func key(
    _ changes: [String: String] = [:], seed: UInt64 = 1, digest: String? = nil
  ) throws -> String {
    var lines = [
      "data": "data: digits", "partition": "partition: {dirichlet: {clients: 6, alpha: 1}}",
      "model": "model: {mlp: {hidden: [8, 4]}}",
      "training": "training: {rounds: 2, learning-rate: 0.5, momentum: 0}",
      "algorithm": "algorithm: fedavg", "transport": "transport: plain",
      "threat": "threat: {attackers: 1}", "attack": "attack: {ipm: {epsilon: 2}}",
      "defense": "defense: [[nnm, {trimmed-mean: {f: 1}}]]",
    ]
    lines.merge(changes) { $1 }
    let text = lines.values.sorted().joined(separator: "\n")
    let plan = try MatrixPlan(try Experiment.parse(text, file: "e.yaml"))
    let cell = try #require(plan.cells.last)
    if let digest { return cell.key(seed: seed, dataDigest: digest) }
    return try plan.key(Unit(cell: cell.index, seed: seed))
  }

  @Test("is a SHA-256 in hexadecimal, the same every time")
  func form() throws {
    let key = try Self.key()
    #expect(key.count == 64)
    #expect(key.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    #expect(try Self.key() == key)
  }

  @Test(
    "is the same however the configuration is written",
    arguments: [
      ["partition": "partition: {dirichlet: {alpha: 1.0, clients: 6}}"],
      ["partition": "partition:\n  - dirichlet:\n      clients: 0x6\n      alpha: 1e0"],
      ["training": "training: {momentum: 0.0, learning-rate: 5.0e-1, rounds: 2, epochs: 1}"],
      ["attack": "attack: [{ipm: {knowledge: omniscient, epsilon: 2.0}}]"],
      ["threat": "threat: {attackers: 1, assumed-f: attackers}"],
      ["defense": "defense:\n  - - nnm: {}\n    - trimmed-mean: {f: 1}"],
      ["name": "name: another"],
      ["seeds": "seeds: [3, 1]"],
    ])
  func same(_ changes: [String: String]) throws {
    #expect(try Self.key(changes) == Self.key())
  }

  @Test("does not depend on what else the matrix holds")
  func alone() throws {
    let wide = try Experiment.parse(
      """
      model: [logistic, {mlp: {hidden: [8]}}]
      attack: [none, sign-flip, ipm]
      defense: [median, mean]
      """, file: "e.yaml")
    let narrow = try Experiment.parse(
      "model: {mlp: {hidden: [8]}}\nattack: ipm\ndefense: median", file: "e.yaml")
    let (big, small) = (try MatrixPlan(wide), try MatrixPlan(narrow))
    let labels: (Cell) -> [String] = { cell in Axis.allCases.map { cell.entry($0).label } }
    for cell in small.cells {
      let match = try #require(big.cells.first { labels($0) == labels(cell) })
      #expect(
        try big.key(Unit(cell: match.index, seed: 3))
          == small.key(Unit(cell: cell.index, seed: 3)))
    }
  }

  @Test("differs when anything that determines the result does")
  func different() throws {
    var keys = [try Self.key(), try Self.key(seed: 2)]
    let changes: [[String: String]] = [
      ["partition": "partition: {dirichlet: {clients: 7, alpha: 1}}"],
      ["partition": "partition: {dirichlet: {clients: 6, alpha: 1.5}}"],
      ["partition": "partition: {iid: {clients: 6}}"],
      ["model": "model: {mlp: {hidden: [4, 8]}}"],
      ["model": "model: {mlp: {hidden: [84]}}"],
      ["model": "model: logistic"],
      ["training": "training: {rounds: 3, learning-rate: 0.5, momentum: 0}"],
      ["training": "training: {rounds: 2, learning-rate: 0.25, momentum: 0}"],
      ["training": "training: {rounds: 2, learning-rate: 0.5, momentum: 0.9}"],
      ["training": "training: {rounds: 2, learning-rate: 0.5, batch-size: 11}"],
      ["training": "training: {rounds: 2, learning-rate: 0.5, evaluate-every: 2}"],
      ["algorithm": "algorithm: fedsgd"],
      ["threat": "threat: {attackers: 2}"],
      ["threat": "threat: {attackers: 1, assumed-f: 2}"],
      ["threat": "threat: {attackers: 1, knowledge: own}"],
      ["attack": "attack: {ipm: {epsilon: 2.5}}"],
      ["attack": "attack: {ipm: {epsilon: 2, knowledge: own}}"],
      ["attack": "attack: sign-flip"],
      ["defense": "defense: [[nnm, trimmed-mean]]"],
      ["defense": "defense: [[{trimmed-mean: {f: 1}}, nnm]]"],
      ["defense": "defense: [[{nnm: {f: 1}}, {trimmed-mean: {f: 1}}]]"],
      ["defense": "defense: {trimmed-mean: {f: 1}}"],
    ]
    for change in changes { keys.append(try Self.key(change)) }
    #expect(Set(keys).count == keys.count)
  }

  @Test("differs when the data does")
  func data() throws {
    #expect(try Self.key(digest: "a") != Self.key(digest: "b"))
    #expect(try Self.key(digest: "a") == Self.key(digest: "a"))
  }

  @Test("differs when the revision of a component does")
  func revision() throws {
    let experiment = try Experiment.parse("attack: ipm\ndefense: median", file: "e.yaml")
    let cell = try #require(try MatrixPlan(experiment).cells.last)
    let key = cell.key(seed: 1, dataDigest: "")
    for axis in Axis.allCases where axis.role != nil {
      var later = cell
      let entry = cell.entry(axis)
      let component = try #require(entry.components.first)
      let identity = component.identity
      #expect(identity["revision"]?.canonicalJSON == "\(component.card.revision)")
      #expect(entry.identity == ConfigurationNode(.list(entry.components.map(\.identity))))
      let raised = identity.overlaid(
        with: ConfigurationNode(
          .map([
            .init(
              key: "revision", node: ConfigurationNode(.integer(component.card.revision + 1)))
          ])))
      later.entries[axis]?.identity = ConfigurationNode(.list([raised]))
      #expect(later.key(seed: 1, dataDigest: "") != key, "\(axis)")
    }
  }
}
