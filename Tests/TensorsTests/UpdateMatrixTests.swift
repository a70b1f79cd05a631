import Randomness
import Tensors
import TestSupport
import Testing

@Suite("UpdateMatrix")
struct UpdateMatrixTests {
  @Test("rows come back as they went in, whatever their length", arguments: [1, 15, 16, 17, 100])
  func rows(d: Int) throws {
    let rows = UpdateKind.random.rows(3, d, testGenerator())
    var matrix = try UpdateMatrix(rows: rows.map { Vector($0) })
    #expect(matrix.rows == 3 && matrix.columns == d)
    #expect((0..<3).map { matrix.row($0).array } == rows)
    #expect(matrix == (try UpdateMatrix(rows)))
    matrix.setRow(1, Vector(rows[2]))
    #expect((0..<3).map { matrix.row($0).array } == [rows[0], rows[2], rows[2]])
    #expect(matrix != (try UpdateMatrix(rows)))
    for i in 0..<3 {
      matrix.withUnsafeRow(i) { #expect(Int(bitPattern: $0.baseAddress) % 64 == 0) }
    }
  }

  @Test("rows of different lengths are refused by number, no rows too")
  func shapes() throws {
    #expect(throws: ShapeError.rowLength(row: 2, count: 1, expected: 2)) {
      try UpdateMatrix([[1, 2], [3, 4], [5]])
    }
    #expect(throws: ShapeError.rowLength(row: 1, count: 3, expected: 2)) {
      try UpdateMatrix(rows: [Vector([1, 2]), Vector(zeros: 3)])
    }
    #expect(throws: ShapeError.noRows) { try UpdateMatrix([[Float]]()) }
    #expect("\(ShapeError.rowLength(row: 2, count: 1, expected: 2))".contains("row 2 has 1"))
  }

  @Test("a copy and a view keep their entries when the original changes")
  func copyOnWrite() throws {
    var matrix = try UpdateMatrix([[1, 2], [3, 4]])
    let copy = matrix
    let view = UpdateView(matrix)
    #expect(view.squaredDistance(0, 1) == 8)
    matrix.setRow(0, Vector([0, 0]))
    #expect(copy.row(0).array == [1, 2])
    #expect(view.row(0).array == [1, 2])
    #expect(view.squaredDistance(0, 1) == 8)
    #expect(UpdateView(matrix).squaredDistance(0, 1) == 25)
  }

  @Test("no question to a view changes the matrix")
  func untouched() throws {
    let rows = UpdateKind.random.rows(5, 300, testGenerator())
    let matrix = try UpdateMatrix(rows)
    let view = UpdateView(matrix).scaled(by: [1, 2, 3, 4, 0.5])
    for view in [view, UpdateView(matrix)] {
      _ = view.median()
      _ = view.trimmedMean(trimming: 1)
      _ = view.standardDeviation(correction: 0)
      _ = view.squaredDistances
      _ = view.mean()
      _ = view.materialized()
      _ = view.squaredDistances(to: matrix.row(0))
    }
    #expect((0..<5).map { matrix.row($0).array } == rows)
  }

  @Test("all views of a matrix share one Gram matrix, and a change of rows asks for a new one")
  func sharing() throws {
    var matrix = try UpdateMatrix([[1, 2], [3, 4], [0, 1]])
    do {
      let first = UpdateView(matrix)
      let second = UpdateView(matrix).mixed(by: SmallMatrix([[0.5, 0.5, 0], [0, 0, 1]]))
      #expect(first.gramComputations == 0)
      #expect(first.squaredDistance(0, 1) == 8)
      #expect(second.squaredDistance(0, 1) == 8)
      #expect(second.selecting([1]).squaredNorm(0) == 1)
      #expect(first.squaredDistances(to: Vector([0, 0])) == [5, 25, 1])
      #expect(first.gramComputations == 1)
      #expect(second.gramComputations == 1)
    }
    // Nobody else holds the rows now, so they change in place.
    matrix.setRow(0, Vector([3, 4]))
    #expect(UpdateView(matrix).squaredDistance(0, 1) == 0)
    #expect(UpdateView(matrix).gramComputations == 2)
  }

  @Test("threads that ask at the same time share one Gram matrix too")
  func concurrentSharing() throws {
    let matrix = try UpdateMatrix(UpdateKind.random.rows(10, 5000, testGenerator()))
    let view = UpdateView(matrix)
    let distances = WorkerPool.map(16, workers: 4) { i, _ in
      UpdateView(matrix).squaredDistance(0, 1 + i % 9)
    }
    #expect(distances == (0..<16).map { view.squaredDistance(0, 1 + $0 % 9) })
    #expect(view.gramComputations == 1)
  }

  @Test("knows a row that is not finite")
  func finiteness() throws {
    let matrix = try UpdateMatrix([[1, 2, 3], [1, .nan, 3], [1, 2, .infinity]])
    #expect((0..<3).map { matrix.isFinite(row: $0) } == [true, false, false])
  }

  @Test("threads write disjoint rows at once")
  func disjointRows() {
    var matrix = UpdateMatrix(zeros: 40, columns: 33)
    let copy = matrix
    matrix.withUnsafeDisjointRows { rows in
      WorkerPool.forEach(rows.count, workers: 4) { i, _ in
        rows.set(i, to: Vector([Float](repeating: Float(i), count: rows.columns)))
      }
    }
    #expect((0..<40).allSatisfy { i in matrix.row(i).array.allSatisfy { $0 == Float(i) } })
    #expect(copy == UpdateMatrix(zeros: 40, columns: 33))
  }
}
