import Federation
import FileFormats
import Tensors
import TestSupport
import Testing

/// What a component might remember.
private struct Note: Codable, Equatable {
  var value: Vector
  var seen: [Int: Double]
}

@Suite("Memories written down")
struct MemoryCodingTests {
  private func written(_ memory: Memory) throws -> Memory {
    try BinaryDecoder().decode(Memory.self, from: try BinaryEncoder().encode(memory))
  }

  @Test("come back with every bit, value by value as they are asked for")
  func values() throws {
    var memory = Memory()
    let vector = Vector([1, -0.0, .nan, .infinity, Float(bitPattern: 0x7F80_0001)])
    memory[Vector.self] = vector
    memory[Note.self] = Note(value: Vector([2]), seen: [3: -0.0])
    memory[String.self] = "three"
    memory[Bool.self] = true
    memory[Bool.self] = nil
    var back = try written(memory)
    #expect(back[Vector.self]?.array.map(\.bitPattern) == vector.array.map(\.bitPattern))
    #expect(back[Note.self] == memory[Note.self])
    #expect(back[Note.self]?.seen[3]?.sign == .minus)
    #expect(back[Bool.self] == nil)
    #expect(back[Int.self] == nil)

    // What nobody asked for is carried on; what was replaced or forgotten is not.
    back[Note.self] = nil
    back[Vector.self] = Vector([9])
    let again = try written(back)
    #expect(again[String.self] == "three")
    #expect(again[Note.self] == nil)
    #expect(again[Vector.self] == Vector([9]))
    #expect(back[String.self] == "three")
  }

  @Test("are values before and after")
  func copies() throws {
    var memory = Memory()
    memory[Int.self] = 1
    let back = try written(memory)
    var copy = back
    copy[Int.self] = 2
    #expect(back[Int.self] == 1 && copy[Int.self] == 2)
    copy[Int.self] = nil
    #expect(back[Int.self] == 1 && copy[Int.self] == nil)
  }

  @Test("two types of one name cannot be told apart, and are refused")
  func names() throws {
    struct Local: Codable {}
    var memory = Memory()
    memory[Local.self] = Local()
    do {
      struct Local: Codable {}
      memory[Local.self] = Local()
    }
    #expect(throws: EncodingError.self) { try BinaryEncoder().encode(memory) }
  }
}
