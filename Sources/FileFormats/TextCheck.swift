internal import Components

/// Tells text from files that were given by mistake.
enum TextCheck {
  /// The three bytes some editors put before UTF-8.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// What a file is by its first bytes, if it is certainly not YAML: `a ZIP archive`.
  static func kind(of bytes: [UInt8]) -> String? {
    for (start, name) in signatures where bytes.starts(with: start) { return name }
    let head = String(decoding: bytes.prefix(1024), as: UTF8.self)
      .drop { $0.isWhitespace || $0 == "\u{FEFF}" }.prefix(64).lowercased()
    if head.hasPrefix("<!doctype html") || head.hasPrefix("<html") { return "an HTML page" }
    if head.hasPrefix("<?xml") { return "an XML document" }
    if bytes.contains(0) { return "a binary file" }
    return nil
  }

  private static let signatures: [([UInt8], String)] = [
    (Array("PK\u{3}\u{4}".utf8), "a ZIP archive"),
    (Array("PK\u{5}\u{6}".utf8), "a ZIP archive"),
    (Array("SQLite format 3\0".utf8), "an SQLite database"),
    (Array("%PDF-".utf8), "a PDF document"),
    ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
    ([0xFF, 0xD8, 0xFF], "a JPEG image"),
    ([0x1F, 0x8B], "a gzip archive"),
    ([0x7F, 0x45, 0x4C, 0x46], "a program"),
    ([0x93] + Array("NUMPY".utf8), "a NumPy array"),
    ([0xFF, 0xFE], "text in UTF-16 (save it as UTF-8)"),
    ([0xFE, 0xFF], "text in UTF-16 (save it as UTF-8)"),
  ]

  /// The offset of the first byte that cannot belong to UTF-8 text, or nil.
  static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }

  /// The line and column of the byte at `offset`.
  static func position(of offset: Int, in bytes: [UInt8], file: String) -> SourcePosition {
    let before = bytes[..<min(max(offset, 0), bytes.count)]
    let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    // Bytes 10xxxxxx continue a character.
    let column = before[start...].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return SourcePosition(file: file, line: line, column: column)
  }
}
