/// Reads what `BinaryEncoder` wrote.
///
/// Bytes that are cut off, damaged or made up are an error, never a crash: nothing is taken for
/// granted, and memory is reserved only for what is there.
public struct BinaryDecoder: Sendable {
  /// What values may ask for while they are read.
  public var userInfo: [CodingUserInfoKey: any Sendable]

  /// A decoder.
  public init(userInfo: [CodingUserInfoKey: any Sendable] = [:]) { self.userInfo = userInfo }

  /// The value that `bytes` hold; O(their number).
  ///
  /// - Throws: `DecodingError` when they hold something else, or what the value's own `init(from:)`
  ///   throws.
  public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    var reader = BinaryReader(bytes)
    let document: BinaryValue
    do {
      document = try reader.document()
    } catch {
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "byte \(error.offset): \(error.what)"))
    }
    return try BinaryNodeDecoder(value: document, codingPath: [], context: userInfo).decode(type)
  }
}

private struct BinaryNodeDecoder: Decoder, SingleValueDecodingContainer {
  let value: BinaryValue
  let codingPath: [any CodingKey]
  let context: [CodingUserInfoKey: any Sendable]
  var userInfo: [CodingUserInfoKey: Any] { context }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let kind = PackedArray.of(type), case .array(let element, _, let bytes) = value {
      guard element == kind.element else { throw mismatch(type) }
      let values: TensorValues
      do { values = try BinaryValue.values(element, bytes) } catch { throw corrupted("\(error)") }
      guard let array = kind.array(of: values, as: type) else { throw mismatch(type) }
      return array
    }
    return try Value(from: self)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .map(let entries, let order) = value else { throw mismatch([String: Any].self) }
    return KeyedDecodingContainer(
      KeyedContainer(
        entries: entries, order: order, codingPath: codingPath, context: context))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let items: [BinaryValue]?
    do { items = try value.items() } catch { throw corrupted("\(error)") }
    guard let items else { throw mismatch([Any].self) }
    return UnkeyedContainer(items: items, codingPath: codingPath, context: context)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { if case .null = value { true } else { false } }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .boolean(let value) = value else { throw mismatch(type) }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .text(let value) = value else { throw mismatch(type) }
    return value
  }

  func decode(_ type: Double.Type) throws -> Double {
    guard case .double(let value) = value else { throw mismatch(type) }
    return value
  }

  func decode(_ type: Float.Type) throws -> Float {
    guard case .float(let value) = value else { throw mismatch(type) }
    return value
  }

  func decode(_ type: Int.Type) throws -> Int { try integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

  private func integer<Value: FixedWidthInteger>() throws -> Value {
    let exact: Value? =
      switch value {
      case .integer(let value): Value(exactly: value)
      case .unsigned(let value): Value(exactly: value)
      default: throw mismatch(Value.self)
      }
    guard let exact else { throw corrupted("a number beyond \(Value.self)") }
    return exact
  }

  private func mismatch(_ type: Any.Type) -> DecodingError {
    .typeMismatch(
      type, .init(codingPath: codingPath, debugDescription: "found \(value.kind)"))
  }

  private func corrupted(_ what: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: what))
  }
}

private struct KeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let entries: [String: BinaryValue]
  let order: [String]
  let codingPath: [any CodingKey]
  let context: [CodingUserInfoKey: any Sendable]

  var allKeys: [Key] { order.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { entries[key.stringValue] != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try decoder(of: key).decodeNil() }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try decoder(of: key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(of: key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(of: key).unkeyedContainer()
  }

  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(of: key) }

  func superDecoder() throws -> any Decoder { try decoder(of: BinaryKey(stringValue: "super")) }

  private func decoder(of key: some CodingKey) throws -> BinaryNodeDecoder {
    guard let value = entries[key.stringValue] else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: codingPath, debugDescription: "there is no such key"))
    }
    return BinaryNodeDecoder(value: value, codingPath: codingPath + [key], context: context)
  }
}

private struct UnkeyedContainer: UnkeyedDecodingContainer {
  let items: [BinaryValue]
  let codingPath: [any CodingKey]
  let context: [CodingUserInfoKey: any Sendable]
  private(set) var currentIndex = 0

  init(
    items: [BinaryValue], codingPath: [any CodingKey], context: [CodingUserInfoKey: any Sendable]
  ) {
    (self.items, self.codingPath, self.context) = (items, codingPath, context)
  }

  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex == items.count }

  mutating func decodeNil() throws -> Bool {
    guard try current(Any?.self).decodeNil() else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try current(type).decode(type)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    let container = try current([String: Any].self).container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try current([Any].self).unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try current((any Decoder).self)
    currentIndex += 1
    return decoder
  }

  private func current(_ type: Any.Type) throws -> BinaryNodeDecoder {
    let path = codingPath + [BinaryKey(index: currentIndex)]
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type, .init(codingPath: path, debugDescription: "the list ends before"))
    }
    return BinaryNodeDecoder(value: items[currentIndex], codingPath: path, context: context)
  }
}
