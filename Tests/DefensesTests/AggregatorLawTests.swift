import Components
import Defenses
import Federation
import Randomness
import Testing

/// The promises on the cards, checked on every aggregator of the catalogue.
@Suite("Laws of aggregators")
struct AggregatorLawTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let type: any Aggregator.Type
    var testDescription: String { type.card.name }

    /// The rule that withstands `f` of the rows.
    func chain(f: Int, seed: UInt64 = 1) throws -> RobustAggregation {
      try RobustAggregation(
        [try AggregatorLawTests.instance(type)], assumedFaults: f, seed: seed)
    }

    func aggregate(_ rows: [[Float]], f: Int) throws -> [Float] {
      var chain = try chain(f: f)
      return try #require(try chain.aggregate(rows).vector)
    }

    func claims(_ claim: Claim) -> Bool { type.card.claims.contains(claim) }
  }

  static let all = defenseCatalogue.compactMap { $0 as? any Aggregator.Type }.map(Case.init)
  static func claiming(_ claim: Claim) -> [Case] { all.filter { $0.claims(claim) } }
  static let (n, d, f) = (11, 7, 2)

  /// Rows whose coordinates are multiples of 1/16 in [-4, 4): sums and shifts of them are exact.
  static func rows(_ seed: UInt64) -> [[Float]] {
    var generator = Generator(seed: seed)
    return (0..<n).map { _ in (0..<d).map { _ in Float(generator.uniform(below: 128) - 64) / 16 } }
  }

  @Test("the order of the updates does not matter", arguments: claiming(.permutationInvariant))
  func permutation(_ test: Case) throws {
    for seed in UInt64(1)...20 {
      let rows = Self.rows(seed)
      var generator = Generator(seed: seed)
      let order = generator.permutation(Self.n)
      expectClose(
        try test.aggregate(order.map { rows[$0] }, f: Self.f), try test.aggregate(rows, f: Self.f))
    }
  }

  @Test("a common shift shifts the result", arguments: claiming(.translationEquivariant))
  func translation(_ test: Case) throws {
    for seed in UInt64(1)...20 {
      let rows = Self.rows(seed)
      let shift = Self.rows(seed + 100)[0]
      let moved = try test.aggregate(rows.map { zip($0, shift).map(+) }, f: Self.f)
      expectClose(moved, zip(try test.aggregate(rows, f: Self.f), shift).map(+))
    }
  }

  @Test("a common positive scale scales the result", arguments: claiming(.scaleEquivariant))
  func scale(_ test: Case) throws {
    for seed in UInt64(1)...20 {
      let rows = Self.rows(seed)
      let scaled = try test.aggregate(rows.map { $0.map { 8 * $0 } }, f: Self.f)
      expectClose(scaled, try test.aggregate(rows, f: Self.f).map { 8 * $0 })
    }
  }

  @Test("equal updates give that update", arguments: claiming(.idempotent))
  func idempotence(_ test: Case) throws {
    let row = Self.rows(3)[0]
    let result = try test.aggregate(Array(repeating: row, count: Self.n), f: Self.f)
    expectClose(result, row)
  }

  @Test("every coordinate lies between the updates'", arguments: claiming(.inCoordinateHull))
  func hull(_ test: Case) throws {
    for seed in UInt64(1)...20 {
      let rows = Self.rows(seed)
      for (j, value) in try test.aggregate(rows, f: Self.f).enumerated() {
        let column = rows.map { $0[j] }
        #expect(value >= (column.min() ?? 0) - 1e-5 && value <= (column.max() ?? 0) + 1e-5)
      }
    }
  }

  @Test("f = 0 is the mean", arguments: claiming(.meanWithoutFaults))
  func withoutFaults(_ test: Case) throws {
    let rows = Self.rows(5)
    let mean = (0..<Self.d).map { j in rows.reduce(0) { $0 + $1[j] } / Float(Self.n) }
    expectClose(try test.aggregate(rows, f: 0), mean)
  }

  @Test("f far updates move the result no farther than the honest ones are apart")
  func faults() throws {
    let tests = Self.claiming(.boundedUnderFaults)
    for test in tests {
      for seed in UInt64(1)...20 {
        var rows = Self.rows(seed)
        let honest = Array(rows[Self.f...])
        for bad in 0..<Self.f { rows[bad] = rows[bad].map { _ in 1e6 } }
        for (j, value) in try test.aggregate(rows, f: Self.f).enumerated() {
          let column = honest.map { $0[j] }
          #expect(
            value >= (column.min() ?? 0) - 1e-4 && value <= (column.max() ?? 0) + 1e-4,
            "\(test.type.card.name)")
        }
      }
    }
    #expect(!tests.isEmpty)
  }

  @Test("inputs stay as they are, and the same seed gives the same bits", arguments: all)
  func purity(_ test: Case) throws {
    let rows = Self.rows(7)
    let first = try test.aggregate(rows, f: Self.f)
    let second = try test.aggregate(rows, f: Self.f)
    #expect(first == second)
    #expect(rows == Self.rows(7))
  }

  @Test("a NaN or infinite update never reaches the result and is named", arguments: all)
  func nonFinite(_ test: Case) throws {
    for poison in [Float.nan, .infinity, -.infinity] {
      var rows = Self.rows(9)
      rows[4][2] = poison
      var chain = try test.chain(f: 1)
      let result = try chain.aggregate(rows)
      let vector = try #require(result.vector)
      #expect(vector.allSatisfy { $0.isFinite })
      #expect(result.exclusions == [4: "non-finite update"])
      rows.remove(at: 4)
      #expect(vector == (try test.aggregate(rows, f: 1)))
    }
  }

  @Test("one update fewer than needed is refused by name", arguments: all)
  func tooFew(_ test: Case) throws {
    for f in 1...4 {
      var chain = try test.chain(f: f)
      let rule = try Self.instance(test.type)
      let required = rule.minimumUpdates(faults: rule.faults(assumed: f))
      if required <= 1 { continue }
      let rows = Array(repeating: [Float(1), 2], count: required - 1)
      #expect(
        throws: FederationError.tooFewUpdates(
          rule: test.type.card.name, received: required - 1, faults: f, required: required)
      ) { try chain.aggregate(rows) }
      _ = try chain.aggregate(rows + [[1, 2]])
    }
  }

  static func instance(_ type: any Aggregator.Type) throws -> any Aggregator {
    func open<A: Aggregator>(_ type: A.Type) throws -> any Aggregator { try A(A.defaults) }
    return try open(type)
  }
}

/// Records an issue unless the arrays agree to 1e-5 of their size.
func expectClose(
  _ got: [Float], _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(got.count == expected.count, sourceLocation: sourceLocation)
  let size = max(1, expected.map(abs).max() ?? 0)
  for (a, b) in zip(got, expected) where !(abs(a - b) <= 1e-5 * size) {
    Issue.record("\(got) is not \(expected)", sourceLocation: sourceLocation)
    return
  }
}
