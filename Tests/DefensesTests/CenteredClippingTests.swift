import Defenses
import Federation
import Randomness
import Testing

@Suite("CenteredClipping")
struct CenteredClippingTests {
  static let cases = HostileRows.all([(5, 3, 1), (9, 4, 4), (10, 40, 3), (7, 1, 2)])

  private func clipped(
    _ rows: [[Double]], around start: [Double], radius: Double, iterations: Int
  ) -> [Double] {
    var v = start
    for _ in 0..<iterations {
      var step = [Double](repeating: 0, count: v.count)
      for row in rows {
        let distance = Naive.squaredDistance(row, v).squareRoot()
        let factor = distance > radius ? radius / distance : 1
        for j in v.indices { step[j] += factor * (row[j] - v[j]) / Double(rows.count) }
      }
      v = zip(v, step).map(+)
    }
    return v
  }

  @Test(
    "three rounds are those of the definition, the centre kept from one to the next",
    arguments: cases)
  func definition(_ test: HostileRows) throws {
    for (radius, iterations) in [(1.0, 1), (0.5, 5), (100, 1), (3, 3)] {
      var chain = try RobustAggregation([
        try CenteredClipping(clippingRadius: radius, iterations: iterations)
      ])
      var centre = [Double](repeating: 0, count: test.d)
      for round in 0..<3 {
        let now = HostileRows(
          test.kind, seed: test.seed + 50 * UInt64(round), n: test.n, d: test.d, f: test.f)
        let expected = clipped(
          now.doubles, around: centre, radius: radius, iterations: iterations)
        let vector = try #require(try chain.aggregate(now.rows).vector)
        #expect(now.agrees(vector, expected, within: 1e-5), "\(test) \(radius) \(round)")
        centre = vector.map(Double.init)
      }
    }
  }

  /// The result around a centre that a first round has moved, and the sensitivity declared without.
  private func moved(
    _ rows: [[Float]], after first: [[Float]], radius: Double, iterations: Int
  ) throws -> (vector: [Double], sensitivity: Double) {
    var chain = try RobustAggregation([
      try CenteredClipping(clippingRadius: radius, iterations: iterations)
    ])
    let declared = try chain.aggregate(first).sensitivity
    let result = try chain.aggregate(rows)
    return (try #require(result.vector).map(Double.init), try #require(declared))
  }

  @Test("a client that was there before moves a later round by more, which declares nothing")
  func carriedOver() throws {
    func second(_ own: Float) throws -> (value: Double, declared: Double, later: Double?) {
      var chain = try RobustAggregation([try CenteredClipping(clippingRadius: 0.1)])
      let declared = try #require(try chain.aggregate([[own], [0], [0]]).sensitivity)
      let later = try chain.aggregate([[own], [0], [0]])
      return (Double(try #require(later.vector)[0]), declared, later.sensitivity)
    }
    let (up, down) = (try second(1), try second(-1))
    #expect(up.value - down.value > 1.3 * up.declared)
    #expect(up.later == nil && down.later == nil)
  }

  @Test("another update of norm 1 moves the result by twice the sensitivity at most, zeros by all")
  func sensitivity() throws {
    for seed in 0..<40 {
      var generator = Generator(seed: UInt64(seed))
      func unit() -> [Float] {
        let row = generator.normals(3)
        let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / norm }
      }
      let (radius, iterations) = ([0.05, 0.5, 0.9, 3][seed % 4], 1 + seed % 5)
      let size = [0.1, 1, 100][seed % 3] as Float
      let first = (0..<4).map { _ in generator.normals(3) }
      var rows = (0..<4).map { _ in generator.normals(3).map { size * $0 } }
      rows[0] = unit()
      let one = try moved(rows, after: first, radius: radius, iterations: iterations)
      rows[0] = seed % 2 == 0 ? unit() : seed % 4 == 1 ? rows[0].map { -$0 } : [0, 0, 0]
      let share: Double = rows[0] == [0, 0, 0] ? 1 : 2
      let other = try moved(rows, after: first, radius: radius, iterations: iterations)
      let distance = Naive.squaredDistance(one.vector, other.vector).squareRoot()
      #expect(abs(one.sensitivity - Double(iterations) * min(1, 2 * radius) / 4) < 1e-12)
      #expect(distance <= share * one.sensitivity * (1 + 1e-4) + 1e-5, "\(seed)")
    }
  }

  @Test("and where the others are far away, by all of it")
  func sensitivityReached() throws {
    for iterations in [1, 4] {
      let far: [[Float]] = [[1], [1e4], [-1e4], [2e4], [-2e4]]
      let first = [[Float]](repeating: [0], count: 5)
      let up = try moved(far, after: first, radius: 0.01, iterations: iterations)
      let down = try moved(
        [[-1]] + far.dropFirst(), after: first, radius: 0.01, iterations: iterations)
      #expect(abs(up.vector[0] - down.vector[0] - up.sensitivity) < 1e-6)
    }
  }

  @Test("steps before the rule leave no sensitivity that one could rely on")
  func sensitivityOfChains() throws {
    var chain = try RobustAggregation([
      try NNM(f: 1), try CenteredClipping(clippingRadius: 1, iterations: 1),
    ])
    #expect(try chain.aggregate([[1], [2], [3]]).sensitivity == nil)
    var plain = try RobustAggregation([Median()])
    #expect(try plain.aggregate([[1], [2], [3]]).sensitivity == nil)
  }

  @Test("the worked examples hold: ByzFL's and the documentation's")
  func example() throws {
    expectClose(
      try CenteredClipping(clippingRadius: 100).aggregate([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
      [4, 5, 6])
    expectClose(
      try CenteredClipping(clippingRadius: 1).aggregate([[2], [0], [-0.5]]), [0.5 / 3])
  }

  @Test("one update moves the result by the radius over n at most, however far it is")
  func bound() throws {
    let honest: [[Float]] = [[0, 0], [0.1, 0], [0, 0.1], [0, 0]]
    let rule = try CenteredClipping(clippingRadius: 1)
    let calm = try rule.aggregate(honest + [[0, 0]]).map(Double.init)
    for size in [1, 1e3, 1e20, 1e38] as [Float] {
      let moved = try rule.aggregate(honest + [[size, -size]]).map(Double.init)
      #expect(Naive.squaredDistance(calm, moved).squareRoot() <= 0.2 + 1e-6)
    }
  }

  @Test("updates near a far centre keep their digits")
  func nearCentre() throws {
    // After one round with a wide radius the centre is the mean of rows that agree in four digits.
    let test = HostileRows(.near, seed: 8, n: 8, d: 30, f: 1)
    var chain = try RobustAggregation([try CenteredClipping(clippingRadius: 1e3)])
    let centre = try #require(try chain.aggregate(test.rows).vector).map(Double.init)
    let result = try chain.aggregate(test.rows)
    for (score, row) in zip(result.scores, test.doubles) {
      let distance = Naive.squaredDistance(row, centre).squareRoot()
      #expect(abs((score ?? .nan) - distance) <= 1e-5 * distance)
    }
  }

  @Test("a probe works on a copy: the attacker's question leaves no trace")
  func probes() throws {
    var chain = try RobustAggregation([try CenteredClipping(clippingRadius: 0.5)])
    _ = try chain.aggregate([[1], [2], [3]])
    var probe = chain
    _ = try probe.aggregate([[100], [100], [100]])
    var twin = try RobustAggregation([try CenteredClipping(clippingRadius: 0.5)])
    _ = try twin.aggregate([[1], [2], [3]])
    #expect(try chain.aggregate([[4], [5], [6]]).vector == twin.aggregate([[4], [5], [6]]).vector)
  }

  @Test("parameters out of range are refused")
  func refusals() {
    #expect(throws: (any Error).self) { try CenteredClipping(clippingRadius: 0) }
    #expect(throws: (any Error).self) { try CenteredClipping(clippingRadius: .infinity) }
    #expect(throws: (any Error).self) { try CenteredClipping(clippingRadius: 1, iterations: 0) }
  }
}
