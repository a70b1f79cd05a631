import Defenses
import Federation
import Testing

@Suite("Krum")
struct KrumTests {
  @Test("the worked example of the documentation holds, ties to the lower row")
  func example() throws {
    var chain = try RobustAggregation([try Krum(f: 0)])
    let result = try chain.aggregate([[0, 0], [1, 0], [5, 0]])
    #expect(result.vector == [0, 0])
    #expect(result.scores == [1, 1, 16])
    #expect(result.kept == [true, false, false])
  }

  @Test("sums squared distances of n-f-2 neighbours, not of n-f-1 and not of their squares")
  func neighbourCount() throws {
    // With 2 neighbours row 0 wins (1 + 1 against 1 + 4 and more); with 3, or with fourth powers,
    // another row would.
    let rows: [[Float]] = [[0], [1], [-1], [2.1], [9]]
    var chain = try RobustAggregation([try Krum(f: 1)])
    let result = try chain.aggregate(rows)
    let scores = rows.indices.map { i in
      rows.indices.filter { $0 != i }.map { Double((rows[i][0] - rows[$0][0])) }
        .map { $0 * $0 }.sorted().prefix(2).reduce(0, +)
    }
    for (got, want) in zip(result.scores, scores) {
      #expect(abs((got ?? .nan) - want) < 1e-5)
    }
    #expect(result.vector == [0])
  }

  @Test("a colluding cluster of f never wins, one of n-f-1 does")
  func edge() throws {
    let honest: [[Float]] = [[0], [0.5], [1], [1.5], [2]]
    #expect(try Krum(f: 2).aggregate(honest + [[100], [100]])[0] <= 2)
    #expect(
      try Krum(f: 0).aggregate([[0], [9], [20]] + Array(repeating: [100], count: 5))[0] == 100)
  }
}
