import Accounting
import Randomness
import TestSupport
import Testing

@Suite("The noise of a Toeplitz factorisation, step by step")
struct ToeplitzStreamTests {
  /// The X with `matrix` X = `right`, by elimination: knows nothing of bands.
  private static func solve(_ matrix: [[Double]], _ right: [[Double]]) -> [[Double]] {
    var (a, b) = (matrix, right)
    for p in a.indices {
      for row in a.indices where row != p && a[row][p] != 0 {
        let factor = a[row][p] / a[p][p]
        for c in a.indices { a[row][c] -= factor * a[p][c] }
        for c in b[row].indices { b[row][c] -= factor * b[p][c] }
      }
    }
    return a.indices.map { p in b[p].map { $0 / a[p][p] } }
  }

  @Test("is C^-1 Z", arguments: [false, true])
  func inverse(isNormalized: Bool) throws {
    var generator = testGenerator(7)
    for coefficients in [
      [1], [1, 0.5, 0.375], [2, -0.7, 0.1, 0.3], (1...24).map { 1 / Double($0) },
    ] {
      let f = try ToeplitzFactorization(
        coefficients: coefficients, steps: 24, isNormalized: isNormalized)
      let independent = (0..<24).map { _ in (0..<5).map { _ in generator.normal() } }
      var stream = ToeplitzFactorization.Stream()
      let noise = independent.map { stream.next(from: $0, of: f) }
      #expect(stream.made == 24)
      let judged = Self.solve(ToeplitzFactorizationTests.dense(f), independent)
      for (found, wanted) in zip(noise.joined(), judged.joined()) {
        #expect(abs(found - wanted) < 1e-12 * max(1, abs(wanted)))
      }
    }
  }

  @Test("the example of the documentation, and one band alone leaves noise as it is")
  func examples() throws {
    let f = try ToeplitzFactorization(coefficients: [1, 0.5], steps: 3)
    var stream = ToeplitzFactorization.Stream()
    #expect((0..<3).map { _ in stream.next(from: [1], of: f) } == [[1], [0.5], [0.75]])
    let plain = try ToeplitzFactorization.squareRoot(steps: 2, bands: 1, isNormalized: true)
    var same = ToeplitzFactorization.Stream()
    #expect([[3], [-4]].map { same.next(from: $0, of: plain) } == [[3], [-4]])
  }
}
