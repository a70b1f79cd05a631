import Randomness
import Tensors
import TestSupport
import Testing

@Suite("BLAS")
struct BLASTests {
  @Test("runs on one thread and names its processor family")
  func environment() {
    #expect(BLAS.threads == 1)
    #expect(!BLAS.coreName.isEmpty)
  }

  @Test(
    "gemm agrees with three loops, all four transpositions", arguments: [false, true],
    [false, true])
  func gemm(transposeA: Bool, transposeB: Bool) {
    let (m, n, k) = (5, 7, 3)
    var generator = testGenerator()
    let a = generator.normals(m * k)
    let b = generator.normals(k * n)
    let old = generator.normals(m * n)
    var expected = old.map { Double($0) * 0.5 }
    for i in 0..<m {
      for j in 0..<n {
        for l in 0..<k {
          let x = transposeA ? a[l * m + i] : a[i * k + l]
          let y = transposeB ? b[j * k + l] : b[l * n + j]
          expected[i * n + j] += 2 * Double(x) * Double(y)
        }
      }
    }
    var c = old
    BLAS.gemm(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 2, a: a,
      lda: transposeA ? m : k, b: b, ldb: transposeB ? k : n, beta: 0.5, c: &c, ldc: n)
    #expect(largestDifference(c.map(Double.init), expected) < 1e-5)
    var d = old.map(Double.init)
    BLAS.gemm(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 2,
      a: a.map(Double.init), lda: transposeA ? m : k, b: b.map(Double.init),
      ldb: transposeB ? k : n, beta: 0.5, c: &d, ldc: n)
    #expect(largestDifference(d, expected) < 1e-13)
  }

  @Test("gemv and axpy agree with loops")
  func gemv() {
    let a: [Float] = [1, 2, 3, 4, 5, 6]
    var y: [Float] = [10, 20]
    BLAS.gemv(m: 2, n: 3, a: a, lda: 3, x: [1, 0, -1], beta: 1, y: &y)
    #expect(y == [8, 18])
    var z: [Double] = [0, 0, 0]
    BLAS.gemv(transpose: true, m: 2, n: 3, a: a.map(Double.init), lda: 3, x: [1, 1], y: &z)
    #expect(z == [5, 7, 9])
    BLAS.axpy(count: 2, alpha: 2, x: [1, 2], y: &y)
    #expect(y == [10, 22])
  }
}
