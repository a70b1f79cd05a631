import Randomness
import Tensors
import TestSupport
import Testing

@Suite("SmallMatrix")
struct SmallMatrixTests {
  @Test("product, transpose and rows follow their definitions")
  func definitions() {
    var generator = testGenerator()
    let a = SmallMatrix(rows: 4, columns: 3, entries: generator.normals(12).map(Double.init))
    let b = SmallMatrix(rows: 3, columns: 5, entries: generator.normals(15).map(Double.init))
    let product = a * b
    for i in 0..<4 {
      for j in 0..<5 {
        let expected = (0..<3).reduce(0) { $0 + a[i, $1] * b[$1, j] }
        #expect(abs(product[i, j] - expected) < 1e-15)
        #expect(product.transposed[j, i] == product[i, j])
      }
      #expect(a.row(i) == (0..<3).map { a[i, $0] })
    }
    #expect(a * .identity(3) == a)
    #expect((a * b).transposed == b.transposed * a.transposed)
    #expect(SmallMatrix([[1, 2], [3, 4]]).entries == [1, 2, 3, 4])
  }

  @Test("the example of the documentation")
  func example() {
    let average = SmallMatrix([[0.5, 0.5], [0, 1]])
    #expect((average * average)[0, 1] == 0.75)
  }
}
