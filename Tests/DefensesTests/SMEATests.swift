import Defenses
import Federation
import Randomness
import Testing

@Suite("SMEA")
struct SMEATests {
  @Test(
    "is the mean of the set of least top eigenvalue among all sets",
    arguments: HostileRows.all(
      [(5, 3, 1), (7, 2, 3), (8, 4, 2), (6, 1, 2), (4, 2, 0)], seeds: 1...6))
  func definition(_ test: HostileRows) throws {
    let sets = NaiveSpectrum.subsets(test.n, test.n - test.f)
    let values = sets.map { set in
      NaiveSpectrum.analyse(
        set.map { test.doubles[$0] }, [Double](repeating: 1, count: set.count)
      ).eigenvalues[0]
    }
    let least = try #require(values.min())
    let near = sets.indices.filter { values[$0] <= least * (1 + 1e-5) + 1e-25 }
    let equal = sets.indices.filter { values[$0] <= least * (1 + 1e-12) + 1e-25 }
    guard near == equal, let first = equal.first else { return }
    var chain = try RobustAggregation([try SMEA()], assumedFaults: test.f)
    let result = try chain.aggregate(test.rows)
    #expect(result.kept == (0..<test.n).map(sets[first].contains), "\(test)")
    let mean = Naive.mean(sets[first].map { test.doubles[$0] })
    let vector = try #require(result.vector)
    #expect(test.agrees(vector, mean), "\(test)")
  }

  @Test("the worked example of the documentation holds: the first of equal sets")
  func example() throws {
    #expect(
      try SMEA(f: 1).aggregate([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) == [2.5, 3.5, 4.5])
  }

  @Test("a search beyond its limit is refused by name, never cut short")
  func refusal() throws {
    var generator = Generator(seed: 5)
    let rows = (0..<16).map { _ in (0..<30).map { _ in Float(generator.normal()) } }
    let error = #expect(throws: FederationError.self) {
      try SMEA(f: 5, searchLimit: 200).aggregate(rows)
    }
    // C(18, 6) - 1; C(18, 3) - 1 > 200 >= C(18, 2) - 1, and 2f + 1 = 11 updates are too many.
    #expect(
      error?.description
        == "smea with f = 5 of 16 updates takes more than 200 branches of its exact search; how many "
        + "it takes depends on the updates: f = 1 always fits, and a search-limit of 18563 always "
        + "suffices; fewer often do. Or take caf, or multi-krum after nnm, which do not search")
    _ = try SMEA(f: 1, searchLimit: 200).aggregate(rows)
  }

  @Test("the limit that always suffices does where nothing can be pruned")
  func sufficient() throws {
    for (n, f) in [(1, 0), (3, 1), (7, 3), (9, 4), (12, 2), (10, 1)] {
      // C(n + 2, f + 1) - 1.
      let limit = (0...f).reduce(1) { $0 * (n + 2 - $1) / ($1 + 1) } - 1
      let equal = [[Float]](repeating: [1, 2], count: n)
      #expect(try SMEA(f: .exactly(f), searchLimit: limit).aggregate(equal) == [1, 2])
      if f == 0 { continue }
      #expect(throws: FederationError.self, "n = \(n), f = \(f)") {
        try SMEA(f: .exactly(f), searchLimit: limit / 3).aggregate(equal)
      }
    }
  }

  @Test("far attackers make the search short")
  func pruning() throws {
    var generator = Generator(seed: 6)
    var rows = (0..<24).map { _ in (0..<8).map { _ in Float(generator.normal()) } }
    for bad in [1, 5, 9, 13] { rows[bad] = rows[bad].map { $0 + 40 } }
    var chain = try RobustAggregation([try SMEA(f: 4, searchLimit: 500)])
    let result = try chain.aggregate(rows)
    #expect(result.kept == (0..<24).map { ![1, 5, 9, 13].contains($0) })
    #expect(result.reasons.keys.sorted() == [1, 5, 9, 13])
  }
}
