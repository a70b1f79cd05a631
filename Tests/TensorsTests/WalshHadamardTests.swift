import Tensors
import Testing

@Suite("Walsh-Hadamard transform")
struct WalshHadamardTests {
  /// Whole numbers, so that sums are exact; the judge is the matrix itself.
  @Test("it is the product with Hadamard's matrix", arguments: [1, 2, 8, 32])
  func product(size: Int) {
    let values = (0..<size).map { Double(($0 * 37 + 11) % 23 - 9) }
    let expected = (0..<size).map { row in
      values.indices.reduce(0.0) {
        $0 + ((row & $1).nonzeroBitCount % 2 == 0 ? values[$1] : -values[$1])
      }
    }
    var transformed = values
    WalshHadamard.transform(&transformed)
    #expect(transformed == expected)
    var single = values.map { Float($0) }
    WalshHadamard.transform(&single)
    #expect(single == expected.map { Float($0) })
  }

  @Test("sizes are the next powers of two")
  func sizes() {
    #expect(
      [0, 1, 2, 3, 4, 5, 400, 512, 513].map(WalshHadamard.size) == [
        1, 1, 2, 4, 4, 8, 512, 512, 1024,
      ])
  }
}
