/// Bytes that are read once, from the start.
protocol ByteSource {
  /// How many there are said to be; reading may find fewer or more.
  var count: Int { get }
  /// The next `count` bytes, or what is left of them.
  mutating func read(_ count: Int) throws(TensorFileError) -> [UInt8]
}

/// Bytes in memory.
struct MemorySource: ByteSource {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  mutating func read(_ count: Int) -> [UInt8] {
    let end = offset + Swift.min(count, bytes.count - offset)
    defer { offset = end }
    return Array(bytes[offset..<end])
  }
}
