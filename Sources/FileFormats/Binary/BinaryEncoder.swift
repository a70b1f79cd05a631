/// Writes any `Encodable` value as bytes that give back exactly the same value: every bit of every
/// number, infinities, NaNs and negative zeros included.
///
///     let bytes = try BinaryEncoder().encode(state)
///     let state = try BinaryDecoder().decode(State.self, from: bytes)
///
/// Arrays of numbers are written as one block, so that a vector costs as much as copying it. The
/// format belongs to this package: `BinaryDecoder` reads it, nothing else need.
///
/// `userInfo` is empty, and each key of a value is to be written once.
public struct BinaryEncoder: Sendable {
  /// An encoder.
  public init() {}

  /// `value` as bytes; O(their number).
  ///
  /// - Throws: What the value's own `encode(to:)` throws.
  public func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
    let node = BinaryNode()
    try node.fill(with: value, path: [])
    var writer = BinaryWriter()
    writer.write(node)
    return writer.bytes
  }
}

/// A value that is being put together.
final class BinaryNode {
  enum Content {
    case null
    case boolean(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case float(Float)
    case double(Double)
    case text(String)
    case array(TensorValues)
    case list([BinaryNode])
    case map([(key: String, node: BinaryNode)])
  }

  var content = Content.null

  func fill<Value: Encodable>(with value: Value, path: [any CodingKey]) throws {
    if let values = PackedArray.of(Value.self)?.values(of: value) {
      content = .array(values)
    } else {
      try value.encode(to: BinaryNodeEncoder(node: self, codingPath: path))
    }
  }

  /// A new last element.
  func appended() -> BinaryNode {
    let child = BinaryNode()
    var items: [BinaryNode] = []
    if case .list(let earlier) = content { items = earlier }
    content = .null  // so that the elements are not copied
    items.append(child)
    content = .list(items)
    return child
  }

  /// The value of a new last key.
  func child(of key: String) -> BinaryNode {
    let child = BinaryNode()
    var entries: [(key: String, node: BinaryNode)] = []
    if case .map(let earlier) = content { entries = earlier }
    content = .null
    entries.append((key, child))
    content = .map(entries)
    return child
  }
}

private struct BinaryNodeEncoder: Encoder {
  let node: BinaryNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .map = node.content {} else { node.content = .map([]) }
    return KeyedEncodingContainer(KeyedContainer<Key>(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .list = node.content {} else { node.content = .list([]) }
    return UnkeyedContainer(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleContainer(node: node, codingPath: codingPath)
  }
}

private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: BinaryNode
  let codingPath: [any CodingKey]

  func encodeNil(forKey key: Key) { _ = node.child(of: key.stringValue) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try node.child(of: key.stringValue).fill(with: value, path: codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder(of: key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(of: key).unkeyedContainer()
  }

  func superEncoder(forKey key: Key) -> any Encoder { encoder(of: key) }

  func superEncoder() -> any Encoder {
    BinaryNodeEncoder(node: node.child(of: "super"), codingPath: codingPath)
  }

  private func encoder(of key: Key) -> BinaryNodeEncoder {
    BinaryNodeEncoder(node: node.child(of: key.stringValue), codingPath: codingPath + [key])
  }
}

private struct UnkeyedContainer: UnkeyedEncodingContainer {
  let node: BinaryNode
  let codingPath: [any CodingKey]

  var count: Int { if case .list(let items) = node.content { items.count } else { 0 } }

  func encodeNil() { _ = node.appended() }

  func encode<Value: Encodable>(_ value: Value) throws {
    let path = codingPath + [BinaryKey(index: count)]
    try node.appended().fill(with: value, path: path)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    encoder().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

  func superEncoder() -> any Encoder { encoder() }

  private func encoder() -> BinaryNodeEncoder {
    let path = codingPath + [BinaryKey(index: count)]
    return BinaryNodeEncoder(node: node.appended(), codingPath: path)
  }
}

private struct SingleContainer: SingleValueEncodingContainer {
  let node: BinaryNode
  let codingPath: [any CodingKey]

  func encodeNil() { node.content = .null }
  func encode(_ value: Bool) { node.content = .boolean(value) }
  func encode(_ value: String) { node.content = .text(value) }
  func encode(_ value: Double) { node.content = .double(value) }
  func encode(_ value: Float) { node.content = .float(value) }
  func encode(_ value: Int) { node.content = .integer(Int64(value)) }
  func encode(_ value: Int8) { node.content = .integer(Int64(value)) }
  func encode(_ value: Int16) { node.content = .integer(Int64(value)) }
  func encode(_ value: Int32) { node.content = .integer(Int64(value)) }
  func encode(_ value: Int64) { node.content = .integer(value) }
  func encode(_ value: UInt) { set(UInt64(value)) }
  func encode(_ value: UInt8) { node.content = .integer(Int64(value)) }
  func encode(_ value: UInt16) { node.content = .integer(Int64(value)) }
  func encode(_ value: UInt32) { node.content = .integer(Int64(value)) }
  func encode(_ value: UInt64) { set(value) }

  func encode<Value: Encodable>(_ value: Value) throws {
    try node.fill(with: value, path: codingPath)
  }

  private func set(_ value: UInt64) {
    node.content = Int64(exactly: value).map { .integer($0) } ?? .unsigned(value)
  }
}

/// A place in a list, or a key by name.
struct BinaryKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(index: Int) { (stringValue, intValue) = ("\(index)", index) }
  init(stringValue: String) { (self.stringValue, intValue) = (stringValue, nil) }
  init?(intValue: Int) { self.init(index: intValue) }
}
