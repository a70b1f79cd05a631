/// What a component remembers from round to round.
///
/// Components are values without state; the loop owns their memories, one a position and one a
/// client, and hands the right one in. Because a memory is a value, a probe of a stateful rule (an
/// attacker's oracle query, a clean twin) works on a copy and leaves no trace, and a checkpoint is
/// the memories written down.
///
///     private struct Velocity: Codable { var value: Vector }
///
///     var velocity = memory[Velocity.self]?.value ?? Vector(zeros: d)
///
/// Therefore only what can be written down can be remembered, and what comes back of it must be the
/// same value to the last bit: `Codable` as the compiler makes it is, for structures and enumerations
/// of numbers, texts, vectors and collections. A random stream cannot be remembered; every call is
/// handed its own.
public struct Memory: Sendable {
  private var values: [ObjectIdentifier: any Codable & Sendable] = [:]
  /// What a checkpoint holds and nobody has asked for since.
  private var written: WrittenValues?

  /// Nothing remembered.
  public init() {}

  /// The remembered value of this type; nil before the first.
  public subscript<Value: Codable & Sendable>(type: Value.Type) -> Value? {
    get {
      if let value = values[ObjectIdentifier(type)] { return value as? Value }
      return written?.value(of: type)
    }
    set {
      values[ObjectIdentifier(type)] = newValue
      written?.forget(type)
    }
  }
}

/// Written as one document for each value under the name of its type; read back when a component asks
/// with the type.
extension Memory: Codable {
  /// Reads a memory, but none of its values yet.
  public init(from decoder: any Decoder) throws {
    let documents = try decoder.singleValueContainer().decode([String: [UInt8]].self)
    let problems = decoder.userInfo[.memoryProblems] as? MemoryProblems ?? MemoryProblems()
    written = documents.isEmpty ? nil : WrittenValues(documents: documents, problems: problems)
  }

  /// Writes every remembered value.
  ///
  /// - Throws: What the values' own `encode(to:)` throws; `EncodingError` when two types have one
  ///   name, which private types of one name in several files have.
  public func encode(to encoder: any Encoder) throws {
    var documents = written?.documents ?? [:]
    for value in values.values {
      let name = Self.name(of: type(of: value))
      guard documents.updateValue(try Self.document(value), forKey: name) == nil else {
        throw EncodingError.invalidValue(
          value,
          .init(
            codingPath: encoder.codingPath,
            debugDescription: "a memory holds values of two types called \(name)"))
      }
    }
    var container = encoder.singleValueContainer()
    try container.encode(documents)
  }
}
