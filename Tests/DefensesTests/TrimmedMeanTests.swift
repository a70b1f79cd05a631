import Defenses
import Federation
import Testing

@Suite("TrimmedMean")
struct TrimmedMeanTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    #expect(try TrimmedMean(f: 1).aggregate([[1, 2], [3, 4], [8, 0], [5, 5]]) == [4, 3])
  }

  @Test("holds at f and breaks at f + 1")
  func edge() throws {
    let honest: [[Float]] = [[0], [1], [2], [3]]
    #expect(try TrimmedMean(f: 1).aggregate(honest + [[1e9]])[0] <= 3)
    #expect(try TrimmedMean(f: 1).aggregate(honest + [[1e9], [1e9]])[0] > 1e8)
  }

  @Test("meets its robustness coefficient with equality on the tight example")
  func tightBound() throws {
    // n = 7, f = 2 in one dimension: any rule has κ ≥ f/(n-2f) = 2/3, and the trimmed mean on
    // five values of 0 and two of 1 is exactly that bad for the honest set that holds the ones.
    let rows: [[Float]] = [[0], [0], [0], [0], [0], [1], [1]]
    let result = Double(try TrimmedMean(f: 2).aggregate(rows)[0])
    let honest: [Double] = [0, 0, 0, 1, 1]
    let mean = honest.reduce(0, +) / 5
    let variance = honest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
    #expect(abs((result - mean) * (result - mean) / variance - 2.0 / 3) < 1e-6)
  }

  @Test("a negative f is refused by name")
  func negative() {
    #expect(throws: (any Error).self) { try TrimmedMean(f: -1) }
  }
}
