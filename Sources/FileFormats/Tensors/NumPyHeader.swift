/// What precedes the values of a `.npy` array: magic, version, and a dictionary written in Python.
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
///
/// Source: NumPy Enhancement Proposal 1 and the documentation of `numpy.lib.format`, versions 1 to 3.
struct NumPyHeader: Equatable {
  var type: ElementType
  var isBigEndian = false
  var isColumnMajor = false
  var shape: [Int]

  /// The bytes every `.npy` file starts with.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// More than any header of a plain array needs.
  private static let limit = 1 << 16

  /// Reads a header, and leaves `source` where the values start.
  ///
  /// - Returns: The header, and how many bytes it took.
  static func read(
    from source: inout some ByteSource, place: TensorPlace
  ) throws(TensorFileError) -> (header: NumPyHeader, length: Int) {
    let start = try source.read(8)
    guard start.starts(with: magic) else {
      throw place.error(
        start.isEmpty ? "there is nothing in it" : "this is not a NumPy array",
        expected: "the first bytes \\x93NUMPY")
    }
    guard start.count == 8 else { throw place.error("the header is cut off") }
    guard (1...3).contains(start[6]), start[7] == 0 else {
      throw place.error(
        "the format has version \(start[6]).\(start[7])", expected: "1.0, 2.0 or 3.0")
    }
    let sizeLength = start[6] == 1 ? 2 : 4
    let size = try source.read(sizeLength)
    guard size.count == sizeLength else { throw place.error("the header is cut off") }
    let length = size.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= limit else {
      throw place.error("the header claims \(length) bytes", expected: "at most \(limit)")
    }
    let text = try source.read(length)
    guard text.count == length else {
      throw place.error("the header is cut off: \(text.count) of \(length) bytes are there")
    }
    var parser = NumPyHeaderParser(text, place: place)
    return (try parser.header(), 8 + sizeLength + length)
  }

  /// The header as NumPy 2 writes it: version 1.0, filled up to a multiple of 64 bytes, with room
  /// for the first dimension to grow.
  ///
  /// - Throws: `TensorFileError` for a type that NumPy has not.
  func bytes(place: TensorPlace) throws(TensorFileError) -> [UInt8] {
    guard let descriptor = Self.descriptors.first(where: { $0.type == type })?.name else {
      throw place.error(
        "NumPy has no \(type) values", expected: "another type, or a .safetensors file")
    }
    let order = type.byteCount == 1 ? "|" : isBigEndian ? ">" : "<"
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(order)\(descriptor)', "
    text += "'fortran_order': \(isColumnMajor ? "True" : "False"), 'shape': (\(sizes)), }"
    if let growing = isColumnMajor ? shape.last : shape.first {
      text += String(repeating: " ", count: max(21 - String(growing).count, 0))
    }
    let unpadded = 10 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = text.utf8.count
    return Self.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }

  /// NumPy's letters.
  static let descriptors: [(name: String, type: ElementType)] = [
    ("f2", .float16), ("f4", .float32), ("f8", .float64),
    ("i1", .int8), ("i2", .int16), ("i4", .int32), ("i8", .int64),
    ("u1", .uint8), ("u2", .uint16), ("u4", .uint32), ("u8", .uint64), ("b1", .bool),
  ]
}
