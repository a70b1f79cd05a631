public import Components

extension JSON {
  /// The value of a JSON text, strictly after RFC 8259: keys are distinct within their object,
  /// texts are valid Unicode, nothing follows the value but white space.
  ///
  /// Whole numbers that fit 64 bits stay whole; other numbers become double-precision ones, unless
  /// they are whole and `keepingLongIntegers` asks for the text of their digits.
  ///
  /// - Parameters:
  ///   - utf8: One JSON value.
  ///   - file: Where the text comes from, for positions.
  ///   - depth: The levels of lists and objects to take at most.
  ///   - keepingLongIntegers: Whether whole numbers beyond 64 bits become texts, as they are written.
  /// - Throws: `ConfigurationError` with the line and column of the first mistake.
  /// - Complexity: O(length of the text).
  public static func parse(
    _ utf8: [UInt8], file: String, depth: Int = 64, keepingLongIntegers: Bool = false
  ) throws(ConfigurationError) -> ConfigurationNode {
    if let offset = TextCheck.firstInvalidUTF8(utf8) {
      throw ConfigurationError(
        "this is not text in UTF-8 (byte 0x\(String(utf8[offset], radix: 16)) is out of place)",
        at: TextCheck.position(of: offset, in: utf8, file: file))
    }
    var parser = JSONParser(utf8, file: file, keepingLongIntegers: keepingLongIntegers)
    return try parser.document(depth: depth)
  }
}

/// Reads one value after another from the bytes of a text.
private struct JSONParser {
  private let bytes: [UInt8]
  private let file: String
  private let keepsLongIntegers: Bool
  private var offset = 0
  private var line = 1
  private var lineStart = 0

  init(_ bytes: [UInt8], file: String, keepingLongIntegers: Bool) {
    (self.bytes, self.file, keepsLongIntegers) = (bytes, file, keepingLongIntegers)
  }

  mutating func document(depth: Int) throws(ConfigurationError) -> ConfigurationNode {
    let node = try value(depth: depth)
    skipSpace()
    guard offset == bytes.count else { throw error("something follows the value") }
    return node
  }

  private mutating func value(depth: Int) throws(ConfigurationError) -> ConfigurationNode {
    skipSpace()
    let place = position
    guard let first = next else { throw error("a value is missing here") }
    switch first {
    case UInt8(ascii: "{"):
      guard depth > 0 else { throw error("too many levels of lists and objects") }
      return ConfigurationNode(.map(try entries(depth: depth - 1)), at: place)
    case UInt8(ascii: "["):
      guard depth > 0 else { throw error("too many levels of lists and objects") }
      return ConfigurationNode(.list(try items(depth: depth - 1)), at: place)
    case UInt8(ascii: "\""): return ConfigurationNode(.text(try text()), at: place)
    case UInt8(ascii: "-"), 0x30...0x39: return ConfigurationNode(try number(), at: place)
    default: break
    }
    let words: [(String, ConfigurationNode.Value)] = [
      ("null", .null), ("true", .boolean(true)), ("false", .boolean(false)),
    ]
    for (word, value) in words where bytes[offset...].starts(with: word.utf8) {
      offset += word.utf8.count
      return ConfigurationNode(value, at: place)
    }
    throw error("expected a value: an object, a list, a text, a number, true, false or null")
  }

  private mutating func entries(depth: Int) throws(ConfigurationError) -> [ConfigurationNode.Entry]
  {
    var entries: [ConfigurationNode.Entry] = []
    var seen: Set<String> = []
    offset += 1
    if take("}") { return entries }
    repeat {
      skipSpace()
      let place = position
      guard next == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
      let key = try text()
      guard seen.insert(key).inserted else {
        throw ConfigurationError("the key '\(key)' is there twice", at: place)
      }
      guard take(":") else { throw error("expected ':' after the key") }
      entries.append(.init(key: key, keyPosition: place, node: try value(depth: depth)))
    } while take(",")
    guard take("}") else { throw error("expected ',' or '}'") }
    return entries
  }

  private mutating func items(depth: Int) throws(ConfigurationError) -> [ConfigurationNode] {
    var items: [ConfigurationNode] = []
    offset += 1
    if take("]") { return items }
    repeat { items.append(try value(depth: depth)) } while take(",")
    guard take("]") else { throw error("expected ',' or ']'") }
    return items
  }

  /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?`.
  private mutating func number() throws(ConfigurationError) -> ConfigurationNode.Value {
    let start = offset
    if next == UInt8(ascii: "-") { offset += 1 }
    let whole = digits()
    guard whole > 0 else { throw error("expected a digit") }
    if whole > 1, bytes[offset - whole] == 0x30 { throw error("a number starts with 0") }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      offset += 1
      isWhole = false
      guard digits() > 0 else { throw error("expected a digit after the point") }
    }
    if let letter = next, letter | 0x20 == 0x65 {
      offset += 1
      isWhole = false
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
      guard digits() > 0 else { throw error("expected a digit in the exponent") }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    if isWhole, keepsLongIntegers { return .text(text) }
    guard let number = Double(text), number.isFinite else {
      throw error("the number \(text.prefix(40)) is too large")
    }
    return .number(number)
  }

  private mutating func digits() -> Int {
    let start = offset
    while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
    return offset - start
  }

  private mutating func text() throws(ConfigurationError) -> String {
    let start = offset
    var out: [UInt8] = []
    offset += 1
    while let byte = next {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: out, as: UTF8.self)
      case UInt8(ascii: "\\"): out += Array(String(try escape()).utf8)
      case 0..<0x20:
        offset -= 1
        throw error("a control character in a text; write it as an escape")
      default: out.append(byte)
      }
    }
    offset = start
    throw error("a text opened here is never closed")
  }

  /// What follows a backslash.
  private mutating func escape() throws(ConfigurationError) -> Unicode.Scalar {
    guard let letter = next else { throw error("the text ends after a backslash") }
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try unit()
      if (0xD800..<0xDC00).contains(code), bytes[offset...].starts(with: "\\u".utf8) {
        offset += 2
        let low = try unit()
        guard (0xDC00..<0xE000).contains(low) else { break }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      if let scalar = Unicode.Scalar(code) { return scalar }
    default:
      offset -= 1
      throw error("unknown escape after a backslash")
    }
    throw error("half of a surrogate pair names no character")
  }

  /// Four hexadecimal digits.
  private mutating func unit() throws(ConfigurationError) -> UInt32 {
    let digits = bytes[offset...].prefix(4)
    let isHexadecimal = digits.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20)
    }
    guard digits.count == 4, isHexadecimal,
      let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits after \\u") }
    offset += 4
    return unit
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
      if byte == 0x0A { (line, lineStart) = (line + 1, offset) }
    }
  }

  private var position: SourcePosition {
    // Counted from the start of the line only where lines are short: one endless line stays linear.
    let before = bytes[lineStart..<offset]
    let column =
      before.count > 4096
      ? before.count + 1 : before.reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return SourcePosition(file: file, line: line, column: column)
  }

  private func error(_ message: String) -> ConfigurationError {
    ConfigurationError(message, at: position)
  }
}
