import Defenses
import Federation
import Randomness
import Tensors
import Testing

@Suite("FLANDERS")
struct FlandersTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    var chain = try RobustAggregation([try Flanders(f: 1), Mean()])
    // Nobody is left out of the first round.
    let first = try chain.aggregate([[1], [1], [1]], globalModel: [-1])
    #expect(first.kept == [true, true, true])
    let second = try chain.aggregate([[1], [1], [50]], globalModel: [0])
    #expect(second.kept == [true, true, false])
    #expect(second.vector == [1])
    #expect(second.exclusions == [2: "farther from its forecast than 2 others"])
  }

  // MARK: - The forecast

  static func matrix(_ rows: Int, _ columns: Int, _ generator: inout Generator) -> SmallMatrix {
    SmallMatrix(
      rows: rows, columns: columns, entries: (0..<rows * columns).map { _ in generator.normal() })
  }

  static func close(_ a: SmallMatrix, _ b: SmallMatrix, _ tolerance: Double) -> Bool {
    let size = b.entries.reduce(1e-300) { max($0, abs($1)) }
    return a.rows == b.rows && a.columns == b.columns
      && zip(a.entries, b.entries).allSatisfy { abs($0 - $1) <= tolerance * size }
  }

  @Test("a series that is a matrix autoregression is continued exactly")
  func exact() throws {
    for (n, p) in [(2, 2), (4, 2)] {
      for seed in UInt64(1)...3 {
        var generator = Generator(seed: seed)
        func nearIdentity(_ order: Int) -> SmallMatrix {
          var matrix = SmallMatrix.identity(order)
          for i in 0..<order {
            for j in 0..<order { matrix[i, j] += 0.3 * generator.normal() }
          }
          return matrix
        }
        let (a, b) = (nearIdentity(n), nearIdentity(p))
        // With B known up to a factor the first fit of A is exact, whatever the size.
        var simple = [Self.matrix(4, 6, &generator)]
        let turn = nearIdentity(4)
        for _ in 0..<4 { simple.append(turn * simple[simple.count - 1]) }
        #expect(
          Self.close(
            Flanders.forecast(Array(simple.dropLast()), iterations: 1), simple[4], 1e-9))
        var series = [Self.matrix(n, p, &generator)]
        for _ in 0..<7 { series.append(a * series[series.count - 1] * b) }
        let forecast = Flanders.forecast(Array(series.dropLast()), iterations: 200)
        #expect(Self.close(forecast, series[7], 1e-3), "n=\(n) p=\(p) seed=\(seed)")
      }
    }
  }

  /// The least squares of one side at a time by Gaussian elimination of the normal equations.
  static func naive(_ past: [SmallMatrix], iterations: Int) -> SmallMatrix {
    func solve(_ g: SmallMatrix, _ rhs: SmallMatrix) -> SmallMatrix {
      var (g, x) = (g, rhs)
      for k in 0..<g.rows {
        let pivot = (k..<g.rows).max { abs(g[$0, k]) < abs(g[$1, k]) } ?? k
        for c in 0..<g.columns { (g[k, c], g[pivot, c]) = (g[pivot, c], g[k, c]) }
        for c in 0..<x.columns { (x[k, c], x[pivot, c]) = (x[pivot, c], x[k, c]) }
        for r in 0..<g.rows where r != k {
          let factor = g[r, k] / g[k, k]
          for c in 0..<g.columns { g[r, c] -= factor * g[k, c] }
          for c in 0..<x.columns { x[r, c] -= factor * x[k, c] }
        }
      }
      for k in 0..<g.rows { for c in 0..<x.columns { x[k, c] /= g[k, k] } }
      return x
    }
    func sum(_ matrices: [SmallMatrix]) -> SmallMatrix {
      matrices.dropFirst().reduce(matrices[0]) { total, next in
        SmallMatrix(
          rows: total.rows, columns: total.columns,
          entries: zip(total.entries, next.entries).map(+))
      }
    }
    var a = SmallMatrix.identity(past[0].rows)
    var b = SmallMatrix.identity(past[0].columns)
    let pairs = Array(zip(past, past.dropFirst()))
    for _ in 0..<iterations {
      // A minimises Σ ‖A (X B) - Y‖², B then Σ ‖(A X) B - Y‖².
      let xb = pairs.map { ($0.0 * b, $0.1) }
      a =
        solve(
          sum(xb.map { $0.0 * $0.0.transposed }), sum(xb.map { $0.0 * $0.1.transposed })
        ).transposed
      let ax = pairs.map { (a * $0.0, $0.1) }
      b = solve(
        sum(ax.map { $0.0.transposed * $0.0 }), sum(ax.map { $0.0.transposed * $0.1 }))
    }
    return a * past[past.count - 1] * b
  }

  @Test("is alternating least squares where data determine both sides")
  func leastSquares() throws {
    for (n, p, rounds) in [(3, 3, 9), (4, 2, 12), (2, 5, 14)] {
      for seed in UInt64(1)...4 {
        var generator = Generator(seed: 70 + seed)
        let past = (0..<rounds).map { _ in Self.matrix(n, p, &generator) }
        for iterations in [1, 2, 5] {
          #expect(
            Self.close(
              Flanders.forecast(past, iterations: iterations),
              Self.naive(past, iterations: iterations), 1e-7), "n=\(n) p=\(p) seed=\(seed)")
        }
      }
    }
  }

  @Test("rows longer than they are many are forecast as in the space that they span")
  func wide() {
    for seed in 0..<6 {
      var generator = Generator(seed: UInt64(seed))
      // Eight directions among forty, by reflections; the last client repeats the first every time.
      let past = (0..<6).map { _ in
        let rows = Self.matrix(3, 8, &generator)
        return SmallMatrix([rows.row(0), rows.row(1), rows.row(2), rows.row(0)])
      }
      let mirrors = (0..<3).map { _ in Self.matrix(1, 40, &generator).row(0) }
      func turned(_ matrix: SmallMatrix) -> SmallMatrix {
        SmallMatrix(
          (0..<matrix.rows).map { row in
            var vector = matrix.row(row) + [Double](repeating: 0, count: 32)
            for mirror in mirrors {
              let size = mirror.reduce(0) { $0 + $1 * $1 }
              let along = 2 * zip(mirror, vector).reduce(0) { $0 + $1.0 * $1.1 } / size
              vector = zip(vector, mirror).map { $0 - along * $1 }
            }
            return vector
          })
      }
      let expected = turned(Flanders.forecast(past, iterations: 8))
      let forecast = Flanders.forecast(past.map(turned), iterations: 8)
      #expect(Self.close(forecast, expected, 1e-7), "seed \(seed)")
    }
  }

  @Test("with more parameters than data it is the solution of least norm: the last round's span")
  func underdetermined() throws {
    // Two rounds, one pair: A and B map X_0 to X_1 exactly; of a constant series it is constant.
    var generator = Generator(seed: 5)
    let x = Self.matrix(3, 40, &generator)
    #expect(Self.close(Flanders.forecast([x, x], iterations: 20), x, 1e-9))
    #expect(Self.close(Flanders.forecast([x, x, x, x], iterations: 20), x, 1e-9))
    let doubled = SmallMatrix(rows: 3, columns: 40, entries: x.entries.map { 2 * $0 })
    let four = SmallMatrix(rows: 3, columns: 40, entries: x.entries.map { 4 * $0 })
    #expect(Self.close(Flanders.forecast([x, doubled], iterations: 20), four, 1e-9))
    #expect(Flanders.forecast([x], iterations: 3) == x)
  }

  @Test("zeros and sizes near the limits of numbers give finite forecasts")
  func extremes() {
    for size in [0, 1e-300, 1e-30, 1e30, 1e300] {
      let past = (1...4).map { t in
        SmallMatrix([[size * Double(t), 0], [size, -size]])
      }
      let isFinite = Flanders.forecast(past, iterations: 10).entries.allSatisfy(\.isFinite)
      #expect(isFinite, "\(size)")
    }
  }

  // MARK: - The filter

  /// Honest clients approach a goal of their own by a tenth a round; the last two send noise.
  static func updates(
    _ round: Int, _ models: [[Float]], n: Int, d: Int, _ generator: inout Generator
  ) -> [[Float]] {
    (0..<n).map { i in
      i < n - 2
        ? (0..<d).map { j in
          0.1 * (Float((i + j) % 3) - models[0][j]) + 0.001 * Float(generator.normal())
        }
        : (0..<d).map { _ in Float(generator.normal()) }
    }
  }

  @Test("leaves out the clients nobody could have forecast, round after round, under sampling too")
  func filter() throws {
    let (n, d) = (8, 30)
    for drawn in [d, 12] {
      var chain = try RobustAggregation(
        [try Flanders(parameters: drawn, window: 5), Mean()], assumedFaults: 2, seed: 3)
      var generator = Generator(seed: 11)
      var model = [Float](repeating: 0, count: d)
      var rightly = 0
      for round in 0..<12 {
        let updates = Self.updates(round, [model], n: n, d: d, &generator)
        let result = try chain.aggregate(updates, globalModel: model)
        let step = try #require(result.vector)
        model = zip(model, step).map(+)
        if round > 0, result.kept == (0..<n).map({ $0 < n - 2 }) { rightly += 1 }
        #expect(result.kept?.count { $0 } == (round == 0 ? n : n - 2))
      }
      #expect(rightly >= 10, "\(drawn) parameters: \(rightly) of 11")
    }
  }

  @Test("the series belongs to the client and not to its row")
  func identity() throws {
    var chain = try RobustAggregation([try Flanders(f: 1), Mean()])
    let rows = try UpdateMatrix([[0, 0], [10, 10], [20, 20]])
    _ = try chain.aggregate(rows, clients: [7, 8, 9])
    // Everybody is where they were, in another order, but client 8.
    let next = try UpdateMatrix([[20, 20], [14, 14], [0, 0]])
    let result = try chain.aggregate(next, clients: [9, 8, 7])
    #expect(result.kept == [true, false, true])
  }

  @Test("a client that was left out is forecast from the model that came of it")
  func repair() throws {
    var chain = try RobustAggregation([try Flanders(f: 1), Mean()])
    _ = try chain.aggregate([[0], [0], [0]], globalModel: [0])
    let second = try chain.aggregate([[0], [0], [100]], globalModel: [0])
    #expect(second.kept == [true, true, false])
    // All series are 0, 0 now: the forecast is 0, and a stubborn 100 is left out again.
    let third = try chain.aggregate([[0], [0], [100]], globalModel: [0])
    #expect(third.kept == [true, true, false])
    // Once it behaves, whoever moves most is left out instead.
    let fourth = try chain.aggregate([[3], [0], [0]], globalModel: [0])
    #expect(fourth.kept == [false, true, true])
  }

  @Test("at least one client passes, whatever f; parameters out of range are refused")
  func bounds() throws {
    var chain = try RobustAggregation([try Flanders(f: 9), Mean()])
    _ = try chain.aggregate([[0], [1], [2]])
    #expect(try chain.aggregate([[0], [1], [2]]).kept?.count { $0 } == 1)
    #expect(throws: (any Error).self) { try Flanders(f: -1) }
    #expect(throws: (any Error).self) { try Flanders(parameters: 0) }
    #expect(throws: (any Error).self) { try Flanders(window: 1) }
    #expect(throws: (any Error).self) { try Flanders(iterations: 0) }
  }
}
