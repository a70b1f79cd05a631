/// A value as it was read: blocks of numbers stay where they are until somebody asks for them.
enum BinaryValue {
  case null
  case boolean(Bool)
  case integer(Int64)
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  case text(String)
  case array(ElementType, count: Int, ArraySlice<UInt8>)
  case list([BinaryValue])
  case map([String: BinaryValue], order: [String])

  /// What a message calls it.
  var kind: String {
    switch self {
    case .null: "nothing"
    case .boolean: "a truth value"
    case .integer, .unsigned: "a whole number"
    case .float: "a single-precision number"
    case .double: "a double-precision number"
    case .text: "text"
    case .array(let element, _, _): "an array of \(element)"
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// The numbers of a block.
  static func values(
    _ element: ElementType, _ bytes: ArraySlice<UInt8>
  ) throws(TensorFileError) -> TensorValues {
    try TensorValues(element, bytes: Array(bytes), place: TensorPlace(file: "array"))
  }

  /// The values of a list or a block one by one; nil for anything else.
  func items() throws(TensorFileError) -> [BinaryValue]? {
    switch self {
    case .list(let items): items
    case .array(let element, _, let bytes):
      switch try Self.values(element, bytes) {
      case .float16(let values): values.map { .float(Float($0)) }
      case .bfloat16: nil
      case .float32(let values): values.map { .float($0) }
      case .float64(let values): values.map { .double($0) }
      case .int8(let values): values.map { .integer(Int64($0)) }
      case .int16(let values): values.map { .integer(Int64($0)) }
      case .int32(let values): values.map { .integer(Int64($0)) }
      case .int64(let values): values.map { .integer($0) }
      case .uint8(let values): values.map { .integer(Int64($0)) }
      case .uint16(let values): values.map { .integer(Int64($0)) }
      case .uint32(let values): values.map { .integer(Int64($0)) }
      case .uint64(let values): values.map { .unsigned($0) }
      case .bool(let values): values.map { .boolean($0) }
      }
    default: nil
    }
  }
}

/// Takes values out of bytes that may be anything: what does not fit is an error with its place, and
/// no count makes it reserve more memory than the bytes that are there could fill.
struct BinaryReader {
  private let bytes: [UInt8]
  private var offset = 0
  private var keys: [String] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The one value of a document.
  mutating func document() throws(BinaryProblem) -> BinaryValue {
    let value = try value(depth: BinaryFormat.depth)
    guard offset == bytes.count else { throw problem("something follows the value") }
    return value
  }

  private mutating func value(depth: Int) throws(BinaryProblem) -> BinaryValue {
    guard depth > 0 else { throw problem("too many levels of lists and maps") }
    let mark = try byte()
    switch mark {
    case BinaryFormat.null: return .null
    case BinaryFormat.no: return .boolean(false)
    case BinaryFormat.yes: return .boolean(true)
    case BinaryFormat.integer:
      let code = try count()
      return .integer(Int64(bitPattern: code >> 1) ^ -Int64(bitPattern: code & 1))
    case BinaryFormat.unsigned: return .unsigned(try count())
    case BinaryFormat.float:
      return .float(Float(bitPattern: UInt32(truncatingIfNeeded: littleEndian(try take(4)))))
    case BinaryFormat.double: return .double(Double(bitPattern: littleEndian(try take(8))))
    case BinaryFormat.text: return .text(try text())
    case BinaryFormat.list:
      let count = try count(ofBytesEach: 1)
      var items: [BinaryValue] = []
      for _ in 0..<count { items.append(try value(depth: depth - 1)) }
      return .list(items)
    case BinaryFormat.map:
      let count = try count(ofBytesEach: 2)
      var entries: [String: BinaryValue] = [:]
      var order: [String] = []
      for _ in 0..<count {
        let key = try key()
        guard entries.updateValue(try value(depth: depth - 1), forKey: key) == nil else {
          throw problem("a key twice in one map")
        }
        order.append(key)
      }
      return .map(entries, order: order)
    default:
      let kind = Int(mark) - Int(BinaryFormat.array)
      guard BinaryFormat.elements.indices.contains(kind) else {
        throw problem("no value is marked \(mark)")
      }
      let element = BinaryFormat.elements[kind]
      let count = try count(ofBytesEach: element.byteCount)
      return .array(element, count: count, try take(count * element.byteCount))
    }
  }

  private mutating func key() throws(BinaryProblem) -> String {
    let place = try count()
    if place == 0 {
      keys.append(try text())
      return keys[keys.count - 1]
    }
    guard let index = Int(exactly: place - 1), keys.indices.contains(index) else {
      throw problem("key \(place) of \(keys.count)")
    }
    return keys[index]
  }

  private mutating func text() throws(BinaryProblem) -> String {
    let bytes = try take(try count(ofBytesEach: 1))
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw problem("text that is not UTF-8")
    }
    return text
  }

  /// A number of things that take at least `size` bytes each, all of which are there.
  private mutating func count(ofBytesEach size: Int) throws(BinaryProblem) -> Int {
    let count = try count()
    guard count <= UInt64((bytes.count - offset) / size) else {
      throw problem("\(count) items where \(bytes.count - offset) bytes are left")
    }
    return Int(count)
  }

  private mutating func count() throws(BinaryProblem) -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      let part = UInt64(byte & 0x7F)
      guard (part << shift) >> shift == part else { break }
      result |= part << shift
      if byte < 0x80 { return result }
    }
    throw problem("a count beyond 64 bits")
  }

  private mutating func byte() throws(BinaryProblem) -> UInt8 {
    guard offset < bytes.count else { throw problem("the bytes end in a value") }
    offset += 1
    return bytes[offset - 1]
  }

  private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func take(_ count: Int) throws(BinaryProblem) -> ArraySlice<UInt8> {
    guard count <= bytes.count - offset else { throw problem("the bytes end in a value") }
    offset += count
    return bytes[(offset - count)..<offset]
  }

  private func problem(_ what: String) -> BinaryProblem {
    BinaryProblem(offset: offset, what: what)
  }
}

/// Why bytes are no document.
struct BinaryProblem: Error {
  var offset: Int
  var what: String
}
