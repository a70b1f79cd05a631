/// Puts values into bytes.
struct BinaryWriter {
  private(set) var bytes: [UInt8] = []
  private var keys: [String: UInt64] = [:]

  mutating func write(_ node: BinaryNode) {
    switch node.content {
    case .null: bytes.append(BinaryFormat.null)
    case .boolean(let value): bytes.append(value ? BinaryFormat.yes : BinaryFormat.no)
    case .integer(let value):
      bytes.append(BinaryFormat.integer)
      write(count: UInt64(bitPattern: value << 1 ^ value >> 63))
    case .unsigned(let value):
      bytes.append(BinaryFormat.unsigned)
      write(count: value)
    case .float(let value):
      bytes.append(BinaryFormat.float)
      write(littleEndian: value.bitPattern)
    case .double(let value):
      bytes.append(BinaryFormat.double)
      write(littleEndian: value.bitPattern)
    case .text(let value):
      bytes.append(BinaryFormat.text)
      write(text: value)
    case .array(let values): write(values)
    case .list(let items):
      bytes.append(BinaryFormat.list)
      write(count: UInt64(items.count))
      for item in items { write(item) }
    case .map(let entries):
      bytes.append(BinaryFormat.map)
      write(count: UInt64(entries.count))
      for entry in entries {
        write(key: entry.key)
        write(entry.node)
      }
    }
  }

  private mutating func write(_ values: TensorValues) {
    guard let kind = BinaryFormat.elements.firstIndex(of: values.type) else {
      preconditionFailure("arrays of \(values.type) are not written as one block")
    }
    bytes.append(BinaryFormat.array + UInt8(kind))
    write(count: UInt64(values.count))
    if 1.littleEndian == 1 {
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    } else {
      bytes += values.littleEndianBytes
    }
  }

  private mutating func write(key: String) {
    if let place = keys[key] { return write(count: place) }
    keys[key] = UInt64(keys.count + 1)
    write(count: 0)
    write(text: key)
  }

  private mutating func write(text: String) {
    write(count: UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func write(count: UInt64) {
    var rest = count
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func write(littleEndian value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
