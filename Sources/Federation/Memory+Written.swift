internal import FileFormats
internal import Synchronization

/// Values of a memory as a checkpoint holds them.
struct WrittenValues: Sendable {
  /// The bytes of each value by the name of its type.
  private(set) var documents: [String: [UInt8]]
  let problems: MemoryProblems

  init(documents: [String: [UInt8]], problems: MemoryProblems) {
    self.documents = documents
    self.problems = problems
  }

  /// The value of this type; nil if there is none, or none that can be read, which is noted.
  func value<Value: Decodable>(of type: Value.Type) -> Value? {
    if documents.isEmpty { return nil }
    let name = Memory.name(of: type)
    guard let bytes = documents[name] else { return nil }
    do {
      return try BinaryDecoder().decode(type, from: bytes)
    } catch {
      problems.note("\(name): \(CheckpointError.text(of: error))")
      return nil
    }
  }

  mutating func forget(_ type: Any.Type) {
    if !documents.isEmpty { documents[Memory.name(of: type)] = nil }
  }
}

/// What could not be read of the memories of a run: components cannot know, the run must.
final class MemoryProblems: Sendable {
  private let storage = Mutex<String?>(nil)

  /// The first problem.
  var first: String? { storage.withLock { $0 } }

  /// - Throws: `CheckpointError.damaged` if there was a problem.
  func check() throws(CheckpointError) {
    if let first { throw .damaged(first) }
  }

  func note(_ problem: String) { storage.withLock { $0 = $0 ?? problem } }
}

extension CodingUserInfoKey {
  /// Where memories note what they cannot read.
  static var memoryProblems: CodingUserInfoKey {
    guard let key = CodingUserInfoKey(rawValue: "memory-problems") else {
      preconditionFailure("every text is a key")
    }
    return key
  }
}

extension Memory {
  /// The full name of a type, the same in every process: `Algorithms.ServerMomentum.Velocity`.
  ///
  /// Where the type is private, the language's own name holds the address of its context.
  static func name(of type: Any.Type) -> String {
    var name = ""
    var rest = String(reflecting: type)[...]
    while let start = rest.firstRange(of: "(unknown context at $") {
      guard let end = rest[start.upperBound...].firstIndex(of: ")") else { break }
      name += rest[..<start.lowerBound] + "(private)"
      rest = rest[rest.index(after: end)...]
    }
    return name + rest
  }

  /// The bytes of a value.
  static func document(_ value: some Encodable) throws -> [UInt8] {
    try BinaryEncoder().encode(value)
  }
}
