import Randomness
import Tensors
import TestSupport
import Testing

@Suite("UpdateView: geometry")
struct UpdateViewGeometryTests {
  /// Checks everything geometric against `reference`, whose rows are those of `view` in Double.
  ///
  /// Distances and norms must agree to 1e-6, and where the rows themselves were rounded in forming
  /// the reference, up to that rounding.
  func check(
    _ view: UpdateView, _ reference: Reference, rounding: Double = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let distances = view.squaredDistances
    let norms = reference.rows.map { Reference.inner($0, $0) }
    let floor = rounding * rounding * (norms.max() ?? 0)
    var worst = 0.0
    for i in 0..<reference.count {
      for j in 0..<reference.count {
        let expected = Reference.squaredDistance(reference.rows[i], reference.rows[j])
        let error = abs(distances[i, j] - expected)
        if error > floor { worst = max(worst, error / expected) }
        let inner = Reference.inner(reference.rows[i], reference.rows[j])
        let size = (norms[i] * norms[j]).squareRoot()
        if size > 0 { worst = max(worst, abs(view.inner(i, j) - inner) / size) }
        if distances[i, j] != distances[j, i] || view.squaredDistance(i, j) != distances[i, j] {
          worst = .infinity
        }
      }
      if norms[i] > 0 { worst = max(worst, relativeError(view.squaredNorm(i), norms[i])) }
      if distances[i, i] != 0 { worst = .infinity }
    }
    #expect(worst <= 1e-6, sourceLocation: sourceLocation)
  }

  @Test(
    "distances, norms and inner products are those of plain sums", arguments: UpdateKind.allCases)
  func plain(kind: UpdateKind) throws {
    var shapes = [(1, 1), (2, 7), (3, 16), (5, 200), (6, 33), (20, 300)]
    if kind == .nearEqual || isOptimizedBuild { shapes.append((3, 33_000)) }
    for (n, d) in shapes {
      let rows = kind.rows(n, d, testGenerator(UInt64(n)))
      check(try UpdateView(UpdateMatrix(rows)), Reference(rows))
    }
  }

  @Test(
    "mixed, scaled and selected views have the geometry of their rows",
    arguments: UpdateKind.allCases)
  func mixed(kind: UpdateKind) throws {
    let (n, d) = (9, 170)
    let rows = kind.rows(n, d, testGenerator())
    let view = try UpdateView(UpdateMatrix(rows))
    let reference = Reference(rows)
    var generator = testGenerator(1)

    // Means of the n - 2 nearest rows: what nearest-neighbour mixing does.
    var neighbours = SmallMatrix(zeros: n, columns: n)
    for i in 0..<n {
      let order = (0..<n).sorted {
        (view.squaredDistance(i, $0), $0) < (view.squaredDistance(i, $1), $1)
      }
      for j in order.prefix(n - 2) { neighbours[i, j] = 1 / Double(n - 2) }
    }
    // Means of pairs: what bucketing does.
    var buckets = SmallMatrix(zeros: 4, columns: n)
    for i in 0..<4 {
      buckets[i, 2 * i] = 0.5
      buckets[i, 2 * i + 1] = 0.5
    }
    let anything = SmallMatrix(
      rows: 5, columns: n, entries: generator.normals(5 * n).map(Double.init))
    var scaling = SmallMatrix(zeros: n, columns: n)
    let factors = (0..<n).map { _ in generator.uniform() }
    for i in 0..<n { scaling[i, i] = factors[i] }
    var selection = SmallMatrix(zeros: 4, columns: n)
    for (i, j) in [8, 2, 2, 0].enumerated() { selection[i, j] = 1 }

    // The reference adds n products in Double, with errors of about 1e-16 of the largest row.
    for weights in [neighbours, buckets, anything] {
      check(view.mixed(by: weights), reference.mixed(by: weights), rounding: 1e-13)
    }
    check(view.scaled(by: factors), reference.mixed(by: scaling), rounding: 1e-13)
    check(view.selecting([8, 2, 2, 0]), reference.mixed(by: selection))
    check(
      view.mixed(by: neighbours).selecting([0, 3, 8]).scaled(by: [1, 0, 2]),
      reference.mixed(
        by: SmallMatrix([
          neighbours.row(0), [Double](repeating: 0, count: n), neighbours.row(8).map { 2 * $0 },
        ])), rounding: 1e-13)
    #expect(view.mixed(by: neighbours).weights == neighbours)
  }

  @Test("distances of a mixed view equal those of its materialized rows, up to their rounding")
  func materialized() throws {
    let (n, d) = (8, 3000)
    var generator = testGenerator()
    let view = try UpdateView(UpdateMatrix(UpdateKind.random.rows(n, d, generator)))
    let weights = SmallMatrix(
      rows: n, columns: n, entries: (0..<n * n).map { _ in generator.uniform() })
    let mixed = view.mixed(by: weights)
    let plain = UpdateView(mixed.materialized())
    for i in 0..<n {
      for j in 0..<n where i != j {
        #expect(relativeError(mixed.squaredDistance(i, j), plain.squaredDistance(i, j)) < 1e-6)
      }
      #expect(relativeError(mixed.squaredNorm(i), plain.squaredNorm(i)) < 1e-6)
    }
  }

  @Test(
    "distances to a reference and products with a vector are those of plain sums",
    arguments: UpdateKind.allCases)
  func references(kind: UpdateKind) throws {
    let (n, d) = (7, 290)
    let rows = kind.rows(n + 1, d, testGenerator())
    let view = try UpdateView(UpdateMatrix(Array(rows.prefix(n))))
    let reference = Reference(Array(rows.prefix(n)))
    var weights = SmallMatrix(zeros: 3, columns: n)
    for j in 0..<n { weights[0, j] = 1 / Double(n) }
    weights[1, 3] = 0.25
    weights[2, 0] = -1
    weights[2, 1] = 2
    for vector in [rows[n], rows[0], [Float](repeating: 0, count: d)] {
      let doubles = vector.map(Double.init)
      for (view, reference) in [
        (view, reference), (view.mixed(by: weights), reference.mixed(by: weights)),
      ] {
        let distances = view.squaredDistances(to: Vector(vector))
        let products = view.innerProducts(with: Vector(vector))
        for i in 0..<view.count {
          let row = reference.rows[i]
          let expected = Reference.squaredDistance(row, doubles)
          #expect(relativeError(distances[i], expected) <= 1e-6)
          let sizes = zip(row, doubles).reduce(0) { $0 + abs($1.0 * $1.1) }
          #expect(abs(products[i] - Reference.inner(row, doubles)) <= 1e-10 * (sizes + 1e-300))
        }
      }
    }
  }

  @Test("rows that agree in four digits need no second look at the coordinates")
  func centring() throws {
    let near = try UpdateView(UpdateMatrix(UpdateKind.nearEqual.rows(12, 5000, testGenerator())))
    #expect(near.recomputedDistances == 0)
    let huge = try UpdateView(UpdateMatrix(UpdateKind.oneHuge.rows(12, 5000, testGenerator())))
    #expect(huge.recomputedDistances == 0)
    let same = try UpdateView(UpdateMatrix(UpdateKind.sybils.rows(12, 5000, testGenerator())))
    #expect(same.recomputedDistances == 0)
    #expect(same.squaredDistance(1, 4) == 0)
  }

  @Test("a combination is the weighted sum, rounded once")
  func combinations() throws {
    for kind in UpdateKind.allCases {
      let (n, d) = (6, 1100)
      let rows = kind.rows(n, d, testGenerator())
      let view = try UpdateView(UpdateMatrix(rows))
      let coefficients = [0.5, -1, 0, 2, 0.125, 1]
      let expected = Reference(rows).mixed(by: SmallMatrix([coefficients])).rows[0]
      let sum = view.combination(coefficients).array
      let sizes = rows[0].indices.map { j in rows.reduce(0) { $0 + abs(Double($1[j])) } }
      for j in 0..<d {
        let rounding = Double(Float(expected[j]).ulp) / 2 + 1e-15 * 2 * sizes[j]
        #expect(abs(Double(sum[j]) - expected[j]) <= rounding)
      }
      #expect(view.combination([0, 0, 0, 1, 0, 0]).array == rows[3])
    }
  }

  @Test("rows that are not finite do no harm to a view that leaves them out")
  func unselected() throws {
    let rows = UpdateKind.nearEqual.rows(6, 100, testGenerator())
    let bad = [[Float](repeating: .nan, count: 100), [Float](repeating: .infinity, count: 100)]
    let clean = try UpdateView(UpdateMatrix(rows))
    let dirty = try UpdateView(UpdateMatrix([bad[0]] + rows + bad)).selecting(Array(1...6))
    let weights = SmallMatrix(
      rows: 6, columns: 6, entries: (0..<36).map { $0 % 7 == 0 ? 0 : 0.2 })
    for (clean, dirty) in [(clean, dirty), (clean.mixed(by: weights), dirty.mixed(by: weights))] {
      #expect(dirty.median() == clean.median())
      #expect(dirty.mean() == clean.mean())
      #expect(dirty.materialized() == clean.materialized())
      #expect(dirty.recomputedDistances == 0)
      check(
        dirty, Reference(rows: (0..<6).map { clean.row($0).array.map(Double.init) }), rounding: 1e-6
      )
      #expect(
        largestDifference(
          dirty.squaredDistances(to: clean.row(0)), clean.squaredDistances(to: clean.row(0)))
          < 1e-12)
    }
    #expect(dirty.combination([0.5, 0, 0.5, 0, 0, 0]).isFinite)
  }

  @Test("mixing near-equal rows keeps the digits of their distances in the Gram matrix")
  func mixedCentring() throws {
    let view = try UpdateView(UpdateMatrix(UpdateKind.nearEqual.rows(12, 5000, testGenerator())))
    var neighbours = SmallMatrix(zeros: 12, columns: 12)
    for i in 0..<12 {
      for k in 0..<9 { neighbours[i, (i + k) % 12] = 1.0 / 9 }
    }
    #expect(view.mixed(by: neighbours).recomputedDistances == 0)
    #expect(view.scaled(by: (0..<12).map { 1 - 1e-3 * Double($0) }).recomputedDistances == 0)
  }
}
