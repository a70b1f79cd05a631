/// Reads the dictionary of a `.npy` header: nothing of Python but what NumPy writes there.
struct NumPyHeaderParser {
  private let bytes: [UInt8]
  private let place: TensorPlace
  private var offset = 0

  init(_ bytes: [UInt8], place: TensorPlace) { (self.bytes, self.place) = (bytes, place) }

  /// The header, if the text is a dictionary of exactly `descr`, `fortran_order` and `shape`.
  mutating func header() throws(TensorFileError) -> NumPyHeader {
    var type: (type: ElementType, isBigEndian: Bool)?
    var isColumnMajor: Bool?
    var shape: [Int]?
    try expect("{")
    while !take("}") {
      let key = try word()
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try elementType()
      case "fortran_order" where isColumnMajor == nil: isColumnMajor = try flag()
      case "shape" where shape == nil: shape = try sizes()
      case "descr", "fortran_order", "shape": throw error("the header has '\(key)' twice")
      default: throw error("the header has the unknown key '\(key)'")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard offset == bytes.count else { throw error("the header goes on after its dictionary") }
    guard let type, let isColumnMajor, let shape else {
      let missing = type == nil ? "descr" : isColumnMajor == nil ? "fortran_order" : "shape"
      throw error("the header lacks '\(missing)'")
    }
    return NumPyHeader(
      type: type.type, isBigEndian: type.isBigEndian, isColumnMajor: isColumnMajor, shape: shape)
  }

  /// `'<f4'`; structured types are lists, others such as objects and texts have other letters.
  private mutating func elementType() throws(TensorFileError) -> (
    type: ElementType, isBigEndian: Bool
  ) {
    let known = "f2, f4, f8, i1 to i8, u1 to u8 or b1"
    skipSpace()
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "[") {
      throw place.error("holds records (a structured dtype)", expected: known)
    }
    let text = try word()
    let order = text.first.flatMap { "<>|=".contains($0) ? $0 : nil }
    let name = order == nil ? text : String(text.dropFirst())
    guard
      let found = NumPyHeader.descriptors.first(where: {
        $0.name == name || text == "?" && $0.name == "b1"
      })
    else {
      let what =
        switch name.first {
        case "O": "holds Python objects (dtype '\(text)'), which can run code when read"
        case "S", "U", "a": "holds texts (dtype '\(text)')"
        case "c": "holds complex numbers (dtype '\(text)')"
        case "M", "m": "holds times (dtype '\(text)')"
        default: "holds values of the unknown dtype '\(text)'"
        }
      throw place.error(what, expected: known)
    }
    guard order != "|" || found.type.byteCount == 1 else {
      throw place.error("the dtype '\(text)' lacks a byte order", expected: "'<\(name)'")
    }
    let isBigEndian = order == ">" || (order != "<" && 1.bigEndian == 1)
    return (found.type, isBigEndian)
  }

  /// `(3, 4)`, `(3,)` or `()`; Python 2 wrote `(3L, 4L)`.
  private mutating func sizes() throws(TensorFileError) -> [Int] {
    var sizes: [Int] = []
    var endsWithComma = true
    try expect("(")
    while !take(")") {
      guard endsWithComma else { throw error("a comma is missing in the shape") }
      skipSpace()
      let start = offset
      while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
      let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
      guard let size = Int(digits) else {
        throw error(
          digits.isEmpty
            ? "the shape holds something else than whole numbers of 0 or more"
            : "the shape holds \(digits.prefix(40)), which no file can have")
      }
      sizes.append(size)
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "L") { offset += 1 }
      endsWithComma = take(",")
    }
    guard sizes.count != 1 || endsWithComma else {
      throw error("the shape (\(sizes[0])) is a number", expected: "(\(sizes[0]),)")
    }
    guard sizes.count <= 64 else {
      throw error("the shape has \(sizes.count) dimensions", expected: "at most 64")
    }
    return sizes
  }

  private mutating func flag() throws(TensorFileError) -> Bool {
    skipSpace()
    for (text, value) in [("True", true), ("False", false)]
    where bytes[offset...].starts(with: text.utf8) {
      offset += text.utf8.count
      return value
    }
    throw error("'fortran_order' is neither True nor False")
  }

  /// A text in single or double quotes, without escapes.
  private mutating func word() throws(TensorFileError) -> String {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == 0x27 || bytes[offset] == 0x22 else {
      throw error("the header is no dictionary of texts: a quote is missing")
    }
    let quote = bytes[offset]
    guard let end = bytes[(offset + 1)...].firstIndex(of: quote) else {
      throw error("a text in the header is never closed")
    }
    defer { offset = end + 1 }
    return String(decoding: bytes[(offset + 1)..<end], as: UTF8.self)
  }

  private mutating func skipSpace() {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(TensorFileError) {
    guard take(character) else {
      throw error("the header is no dictionary: '\(character)' is missing")
    }
  }

  private func error(_ problem: String, expected: String? = nil) -> TensorFileError {
    place.error(
      problem,
      expected: expected ?? "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }")
  }
}
