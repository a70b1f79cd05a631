import Experiments
import Foundation
import Reports
import Testing

/// What the JSON format says of each cell, read back.
struct JSONCell: Decodable {
  struct Estimate: Decodable {
    var count: Int
    var mean: Double
    var halfWidth: Double?
    var minimum: Double
    var maximum: Double
  }
  struct Curve: Decodable {
    var round: [Int]
    var mean: [Double]
    var minimum: [Double]
    var maximum: [Double]
  }
  var cell: Int
  var labels: [String: String]
  var verdict: String
  var accuracy: Estimate?
  var accuracyLoss: Estimate?
  var shortfall: Estimate?
  var standing: String?
  var outcome: String?
  var curve: Curve?
}

struct JSONReport: Decodable {
  var schema: String
  var schemaVersion: Int
  var axes: [String: [String]]
  var cells: [JSONCell]

  init(_ results: MatrixResults) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(Report(results).text(.json).utf8))
  }

  func cell(_ attack: String, _ defense: String, transport: String = "plain") throws -> JSONCell {
    try #require(
      cells.first {
        $0.labels["attack"] == attack && $0.labels["defense"] == defense
          && $0.labels["transport"] == transport
      })
  }
}

@Suite("Judgement")
struct JudgementTests {
  /// One attack that works undefended; the defenses lose what they are called.
  private func matrix(_ losses: [String: [Double]], seeds: [UInt64] = [1, 2, 3, 4, 5])
    -> SyntheticMatrix
  {
    SyntheticMatrix(
      attacks: ["none", "attack"], defenses: ["mean"] + losses.keys.sorted(), seeds: seeds,
      accuracy: { attack, defense, _, seed in
        let lost = defense == "mean" ? 0.6 : losses[defense]?[seed] ?? 0
        return 0.9 - (attack == "none" ? 0 : lost)
      })
  }

  @Test("held, broke and undecided follow the whole interval against the attack's own bound")
  func outcomes() throws {
    let report = try JSONReport(
      matrix([
        "held": [0.08, 0.09, 0.085, 0.08, 0.09],  // at most 0.0912 with its interval
        "broke": [0.11, 0.12, 0.115, 0.11, 0.12],
        "undecided": [0.06, 0.12, 0.09, 0.07, 0.11],
        "edge": [0.08, 0.11, 0.09, 0.085, 0.095],  // mean below, interval beyond the bound
      ]).results)
    for outcome in ["held", "broke", "undecided"] {
      #expect(try report.cell("attack", outcome).outcome == outcome)
    }
    #expect(try report.cell("attack", "edge").outcome == "undecided")
    #expect(try report.cell("attack", "mean").outcome == nil)
    #expect(try report.cell("none", "held").outcome == nil)
  }

  @Test("a winner is marked only where its interval overlaps no other's")
  func standings() throws {
    let clear = try JSONReport(
      matrix(["a": [0.01, 0.02, 0.01, 0.02, 0.01], "b": [0.2, 0.21, 0.2, 0.21, 0.2]]).results)
    #expect(try clear.cell("attack", "a").standing == "best")
    #expect(try clear.cell("attack", "b").standing == nil)

    let tied = try JSONReport(
      matrix(["a": [0.01, 0.05, 0.03, 0.02, 0.04], "b": [0.02, 0.06, 0.03, 0.03, 0.05]]).results)
    #expect(try tied.cell("attack", "a").standing == "tied")
    #expect(try tied.cell("attack", "b").standing == "tied")
    #expect(try tied.cell("attack", "mean").standing == nil)

    let few = try JSONReport(
      matrix(["a": [0.01, 0.02], "b": [0.2, 0.21]], seeds: [1, 2]).results)
    #expect(try few.cell("attack", "a").standing == nil)
  }

  @Test("nothing void is ever best, held or worst")
  func void() throws {
    let results = SyntheticMatrix.everyCell.results
    let report = try JSONReport(results)
    for defense in SyntheticMatrix.everyCell.defenses {
      let cell = try report.cell("ipm", defense)
      #expect(cell.verdict == "void")
      #expect(cell.standing == nil && cell.outcome == nil)
    }
    // The void attack has the lowest accuracy here, yet the worst case is the other attack's.
    var matrix = SyntheticMatrix.everyCell
    matrix.settings = [[:]]
    matrix.attacks = ["none", "strong", "weak"]
    matrix.defenses = ["mean", "odd"]
    matrix.accuracy = { attack, defense, _, seed in
      let mean =
        switch (attack, defense) {
        case ("none", _): 0.9
        case ("strong", "mean"): 0.2
        case ("strong", _): 0.8
        case (_, "mean"): 0.89
        default: 0.1
        }
      return mean + SyntheticMatrix.jitter[seed]
    }
    let table = Report(matrix.results).text(.table)
    let line = table.split(separator: "\n").first { $0.hasPrefix("odd") }
    let figures = line?.split(separator: " ").filter { $0.first?.isNumber == true }
    #expect(figures == ["90.0", "80.0", "10.0", "80.0", "10.0"])
  }

  @Test("the cost of a defense is paired by seed with the undefended clean cell")
  func shortfall() throws {
    let matrix = SyntheticMatrix.typical
    let report = try JSONReport(matrix.results)
    let costs = (0..<5).map { seed in
      (matrix.accuracy("none", "mean", 0, seed) ?? 0)
        - (matrix.accuracy("none", "krum", 0, seed) ?? 0)
    }
    let cost = try #require(try report.cell("none", "krum").shortfall)
    #expect(abs(cost.mean - costs.reduce(0, +) / 5) < 1e-12)
    #expect(abs(cost.maximum - (costs.max() ?? 0)) < 1e-12)
  }

  @Test("curves are the mean, least and greatest of the seeds")
  func curves() throws {
    let results = SyntheticMatrix.typical.results
    let cell = try JSONReport(results).cell("alie", "krum")
    let curve = try #require(cell.curve)
    let own = results.rows.filter { $0.cell == cell.cell }.compactMap { $0.metrics?.curve }
    #expect(curve.round == own[0].map(\.round))
    for place in curve.round.indices {
      let values = own.map { $0[place].accuracy }
      #expect(abs(curve.mean[place] - values.reduce(0, +) / 5) < 1e-12)
      #expect(curve.minimum[place] == values.min())
      #expect(curve.maximum[place] == values.max())
    }
  }

  @Test(
    "the JSON names its schema and lists every cell and label", arguments: SampleReport.allCases)
  func schema(_ sample: SampleReport) throws {
    let results = sample.results
    let report = try JSONReport(results)
    #expect(report.schema == "rampart-report")
    #expect(report.schemaVersion == Report.jsonSchemaVersion)
    #expect(report.cells.map(\.cell) == results.cells.map(\.cell))
    #expect(Set(report.axes.keys) == Set(Axis.allCases.map(\.rawValue)))
  }
}
