import Foundation
import Tensors
import Testing

@Suite("Tensors written down")
struct CodingTests {
  private func roundTrip<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
  }

  @Test("come back as they were, also through JSON")
  func roundTrips() throws {
    let vector = Vector([1, -0.0, .leastNonzeroMagnitude, 3.4e38])
    let back = try roundTrip(vector)
    #expect(back.array.map(\.bitPattern) == vector.array.map(\.bitPattern))
    #expect(try roundTrip(Vector(zeros: 0)).count == 0)
    let small = SmallMatrix([[1, 2, 3], [4, 5, 6]])
    #expect(try roundTrip(small) == small)
    let matrix = try UpdateMatrix([[1, 2, 3], [4, 5, 6]])
    #expect(try roundTrip(matrix) == matrix)
    #expect(try roundTrip(UpdateMatrix(zeros: 0, columns: 3)).columns == 3)
  }

  @Test("a matrix whose entries do not fill it is refused")
  func misfits() {
    for (rows, columns, entries) in [
      (2, 2, "1,2,3"), (-1, -3, "1,2,3"), (1 << 40, 1 << 40, ""), (1 << 40, 0, ""), (0, 1, "1"),
    ] {
      let json = Data("{\"rows\":\(rows),\"columns\":\(columns),\"entries\":[\(entries)]}".utf8)
      if rows < 1 << 30 {
        #expect(throws: DecodingError.self) {
          try JSONDecoder().decode(SmallMatrix.self, from: json)
        }
      }
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(UpdateMatrix.self, from: json)
      }
    }
  }
}
