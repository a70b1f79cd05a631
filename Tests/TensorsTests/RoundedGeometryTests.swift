import Randomness
import Tensors
import TestSupport
import Testing

/// Rows so long that their products are formed in Float first: held to the same 1e-6 as short ones.
@Suite("UpdateView: geometry of long rows")
struct RoundedGeometryTests {
  private static let d = 70_001

  private func normal(_ seed: UInt64, around offset: [Float]? = nil, scale: Float = 1) -> [Float] {
    var generator = Generator(seed: seed)
    var row = [Float](repeating: 0, count: Self.d)
    row.withUnsafeMutableBufferPointer { generator.fillNormal($0, standardDeviation: scale) }
    if let offset { for j in row.indices { row[j] += offset[j] } }
    return row
  }

  /// The largest relative error of the squared distances, and of the inner products relative to the
  /// norms, against plain sums in Double.
  private func worst(_ view: UpdateView, _ rows: [[Float]]) -> Double {
    let distances = view.squaredDistances
    let inner = view.innerProducts
    var worst = 0.0
    let norms = rows.map { row in row.reduce(0.0) { $0 + Double($1) * Double($1) } }
    for i in rows.indices {
      for j in i + 1..<max(i + 1, rows.count) {
        var (distance, product) = (0.0, 0.0)
        rows[i].withUnsafeBufferPointer { a in
          rows[j].withUnsafeBufferPointer { b in
            for k in a.indices {
              let (x, y) = (Double(a[k]), Double(b[k]))
              distance += (x - y) * (x - y)
              product += x * y
            }
          }
        }
        worst = max(worst, relativeError(distances[i, j], distance))
        worst = max(worst, abs(inner[i, j] - product) / (norms[i] * norms[j]).squareRoot())
      }
      worst = max(worst, relativeError(inner[i, i], norms[i]))
    }
    return worst
  }

  private func check(
    _ rows: [[Float]], settles: Bool, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let view = try UpdateView(UpdateMatrix(rows))
    #expect(worst(view, rows) <= 1e-6, sourceLocation: sourceLocation)
    // The rounded matrix, and the exact one where that was not enough.
    #expect(view.gramComputations == (settles ? 1 : 2), sourceLocation: sourceLocation)
  }

  @Test("independent rows, and rows near to each other beside their norm, need no Double products")
  func settled() throws {
    try check((1...6).map { normal($0) }, settles: true)
    let offset = normal(9, scale: 1)
    let near = (1...5).map { normal($0, around: offset, scale: 1e-2) }
    let view = try UpdateView(UpdateMatrix(near))
    _ = view.squaredDistances
    #expect(view.gramComputations == 1)
    #expect(worst(view, near) <= 1e-6)
  }

  @Test("what Float cannot settle is computed in Double")
  func unsettled() throws {
    let rows = (1...4).map { normal($0) }
    // Colluders near to each other and far from the rest.
    let far = normal(7, scale: 10)
    try check(rows + (10...11).map { normal($0, around: far, scale: 1e-3) }, settles: false)
    // Lengths in few columns.
    var spike = normal(8)
    spike[12_345] = 3e5
    var spikes = rows + [spike]
    spikes[0][12_345] = 2.99e5
    try check(spikes, settles: false)
    // Squares beyond Float's range, and below it.
    try check(rows + [normal(8, scale: 1e25)], settles: false)
    try check((1...4).map { normal($0, scale: 1e-25) }, settles: false)
    // Two rows that differ in the last bit of one entry.
    var twin = rows[1]
    twin[40_000] = twin[40_000].nextUp
    try check(rows + [twin], settles: false)
  }

  @Test("equal entries round equally, and still keep the bound")
  func constants() throws {
    let rows = [Float(0.1), 0.3, 0.7, -0.2, 0.9].map { [Float](repeating: $0, count: Self.d) }
    let view = try UpdateView(UpdateMatrix(rows))
    #expect(worst(view, rows) <= 1e-6)
    let ternary = (1...5).map { seed in
      normal(seed).map { $0 > 0.5 ? Float(0.1) : $0 < -0.5 ? Float(-0.1) : 0 }
    }
    #expect(try worst(UpdateView(UpdateMatrix(ternary)), ternary) <= 1e-6)
  }

  @Test("the bound is one: errors of thousands of products stay within it")
  func bound() throws {
    // Differences of means of the nearest rows have the least to spare.
    let rows = (1...12).map { normal($0) }
    let view = try UpdateView(UpdateMatrix(rows))
    var neighbours = SmallMatrix(zeros: 12, columns: 12)
    for i in 0..<12 {
      for k in 0..<9 { neighbours[i, (i + k) % 12] = 1.0 / 9 }
    }
    let mixed = view.mixed(by: neighbours)
    _ = mixed.squaredDistances
    #expect(view.gramComputations == 1)
    let written = mixed.materialized()
    #expect(worst(mixed, (0..<12).map { written.row($0).array }) <= 1e-6)
  }

  @Test("a NaN where the search for a centre does not look spoils no distance of the others")
  func hiddenNaN() throws {
    for d in [20_000, Self.d] {
      let rows = (1...5).map { Array(normal($0).prefix(d)) }
      let reference = try UpdateView(UpdateMatrix(rows))
      for bad in 0..<5 {
        var spoilt = rows
        // Blocks of 256 columns are looked at, seven of eight are not.
        spoilt[bad][300] = bad % 2 == 0 ? .nan : .infinity
        let others = (0..<5).filter { $0 != bad }
        let view = try UpdateView(UpdateMatrix(spoilt))
        #expect(
          view.finiteRows(besideDistances: true) == (0..<5).map { $0 != bad })
        let distances = view.selecting(others).squaredDistances
        for (i, a) in others.enumerated() {
          for (j, b) in others.enumerated() where i != j {
            let expected = reference.squaredDistance(a, b)
            #expect(relativeError(distances[i, j], expected) < 1e-6)
          }
        }
      }
    }
  }

  @Test("rows are finite however large, and not where a single entry is not")
  func finiteRows() throws {
    var rows = (1...4).map { normal($0) }
    rows[1] = rows[1].map { $0 * 1e30 }
    rows[3][Self.d - 1] = -.infinity
    let expected = [true, true, true, false]
    let matrix = try UpdateMatrix(rows)
    #expect(UpdateView(matrix).finiteRows(besideDistances: true) == expected)
    #expect(try UpdateView(UpdateMatrix(rows)).finiteRows == expected)
    let looked = try UpdateView(UpdateMatrix(rows))
    #expect(looked.squaredNorms.map(\.isFinite) == expected)
    #expect(looked.finiteRows == expected)
  }

  @Test("operations that look at every entry know whether all of them are finite")
  func noticed() throws {
    let looks: [(String, (UpdateView) -> Void)] = [
      ("median", { _ = $0.median() }), ("trimmed", { _ = $0.trimmedMean(trimming: 1) }),
      ("nearest", { _ = $0.meanOfNearest(2, to: .median) }), ("norms", { _ = $0.squaredNorms }),
      ("to a row", { _ = $0.squaredDistances(toRow: 2) }),
      ("to a point", { _ = $0.squaredDistances(to: Vector(zeros: 37)) }),
    ]
    let rows = UpdateKind.random.rows(11, 37, testGenerator())
    for (name, look) in looks {
      let clean = try UpdateView(UpdateMatrix(rows))
      #expect(!clean.isKnownFinite)
      look(clean)
      #expect(clean.isKnownFinite, "\(name)")
      look(try UpdateView(UpdateMatrix(rows)).selecting([0, 1, 2]))
      for (row, column) in [(0, 0), (7, 15), (8, 16), (10, 36), (3, 35)] {
        for value in [Float.nan, .infinity, -.infinity] {
          var bad = rows
          bad[row][column] = value
          let view = try UpdateView(UpdateMatrix(bad))
          look(view)
          #expect(!view.isKnownFinite, "\(name) at \(row), \(column)")
        }
      }
    }
    // Norms found in passing are those asked for.
    let passing = try UpdateView(UpdateMatrix(rows))
    let distances = passing.squaredDistances(toRow: 3)
    #expect(passing.squaredNorms == (try UpdateView(UpdateMatrix(rows))).squaredNorms)
    #expect(distances == Vector(rows[3]).squaredDistances(to: rows))
    let part = try UpdateView(UpdateMatrix(rows)).selecting([0, 1, 2])
    _ = part.median()
    #expect(!part.isKnownFinite)
  }
}

@Suite("UpdateView: rows from a common sum")
struct SharedSumTests {
  private func nearest(_ n: Int, _ kept: Int) -> SmallMatrix {
    var weights = SmallMatrix(zeros: n, columns: n)
    for i in 0..<n {
      for k in 0..<kept { weights[i, (i / 3 + k) % n] = 1 / Double(kept) }
    }
    return weights
  }

  @Test("are the same rows up to Float's last bit", arguments: UpdateKind.allCases)
  func same(kind: UpdateKind) throws {
    let (n, d) = (20, 333)
    let rows = kind.rows(n, d, testGenerator())
    let view = try UpdateView(UpdateMatrix(rows))
    let weights = nearest(n, 15)
    let plain = view.mixed(by: weights).materialized()
    let shared = view.mixed(by: weights, sharingSums: true)
    let written = shared.materialized()
    for i in 0..<n {
      for j in 0..<d {
        let sizes = (0..<n).reduce(0) { $0 + weights[i, $1] * abs(Double(rows[$1][j])) }
        let apart = abs(Double(written.row(i)[j]) - Double(plain.row(i)[j]))
        if apart > Double(plain.row(i)[j].ulp) + 1e-12 * sizes {
          Issue.record("row \(i), column \(j): \(apart) apart")
        }
      }
    }
    // Behind a coordinate-wise rule: the same rows, strip by strip.
    #expect(shared.median() == UpdateView(written).median())
  }

  @Test("a huge row takes no digits from the rows that leave it out")
  func huge() throws {
    let (n, d) = (10, 100)
    for scale in [Float(1e6), 1e20, 1e30] {
      var rows = UpdateKind.random.rows(n, d, testGenerator())
      rows[4] = rows[4].map { $0 * scale }
      var weights = SmallMatrix(zeros: n, columns: n)
      for i in 0..<n {
        for k in 0..<n where k != (i < 3 ? 4 : 5) { weights[i, k] = 1.0 / 9 }
      }
      let written = try UpdateView(UpdateMatrix(rows)).mixed(by: weights, sharingSums: true)
        .materialized()
      for i in 0..<3 {
        for j in 0..<d {
          let expected = (0..<n).reduce(0) { $0 + weights[i, $1] * Double(rows[$1][j]) }
          #expect(abs(Double(written.row(i)[j]) - expected) <= 1e-6 * max(1e-2, abs(expected)))
        }
      }
    }
  }

  @Test("a matrix larger than the caches is written past them", .enabled(if: isOptimizedBuild))
  func streamed() throws {
    let (n, d) = (50, 90_001)
    let matrix = try UpdateMatrix(UpdateKind.random.rows(n, d, testGenerator()))
    let view = UpdateView(matrix, workers: 2).mixed(by: nearest(n, 40), sharingSums: true)
    let written = view.materialized()
    for i in [0, 7, 49] { #expect(written.row(i).squaredDistance(to: view.row(i)) < 1e-8) }
  }
}

extension Vector {
  fileprivate func squaredDistances(to rows: [[Float]]) -> [Double] {
    rows.map { Vector($0).squaredDistance(to: self) }
  }
}
