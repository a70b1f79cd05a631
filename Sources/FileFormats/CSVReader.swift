package import Components

/// Reads one record after another from the bytes of a comma-separated text, strictly after RFC 4180.
///
/// Fields are ranges of the bytes, so that a table of numbers needs no text of each.
package struct CSVReader {
  /// One field: where its content is, without quotes around it.
  package struct Field: Sendable, Hashable {
    /// The bytes of the content.
    package var range: Range<Int>
    /// Whether quotes inside the content are doubled.
    package var hasDoubledQuotes = false
  }

  /// The text.
  package let bytes: [UInt8]
  private let file: String
  private let separator: UInt8
  private var offset: Int
  private var line = 1
  private var lineStart = 0

  /// A reader at the start of `bytes`, after a byte order mark if there is one.
  package init(_ bytes: [UInt8], file: String, separator: UInt8 = 0x2C) {
    (self.bytes, self.file, self.separator) = (bytes, file, separator)
    offset = bytes.starts(with: TextCheck.byteOrderMark) ? TextCheck.byteOrderMark.count : 0
    lineStart = offset
  }

  /// Reads the fields of the next record.
  ///
  /// - Returns: The line the record starts on, counting from 1; nil at the end.
  /// - Throws: `ConfigurationError` with the line and column of a mistake.
  package mutating func next(_ fields: inout [Field]) throws(ConfigurationError) -> Int? {
    fields.removeAll(keepingCapacity: true)
    guard offset < bytes.count else { return nil }
    let start = line
    if isBreak(offset) { throw error("an empty line is no record; remove it") }
    while true {
      let isQuoted = offset < bytes.count && bytes[offset] == 0x22
      fields.append(isQuoted ? try quotedField() : try plainField())
      if offset < bytes.count, bytes[offset] == separator {
        offset += 1
        continue
      }
      skipBreak()
      return start
    }
  }

  /// The content of a field as text.
  package func text(_ field: Field) -> String {
    guard field.hasDoubledQuotes else { return String(decoding: bytes[field.range], as: UTF8.self) }
    var content: [UInt8] = []
    var index = field.range.lowerBound
    while index < field.range.upperBound {
      content.append(bytes[index])
      index += bytes[index] == 0x22 ? 2 : 1
    }
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func plainField() throws(ConfigurationError) -> Field {
    let start = offset
    while offset < bytes.count, bytes[offset] != separator, !isBreak(offset) {
      if bytes[offset] == 0x22 {
        throw error("a quote inside a field; put the whole field in quotes and double this one")
      }
      if bytes[offset] == 0x0D { throw error("a carriage return without a line feed") }
      offset += 1
    }
    return Field(range: start..<offset)
  }

  private mutating func quotedField() throws(ConfigurationError) -> Field {
    let opening = (offset: offset, line: line, lineStart: lineStart)
    var hasDoubledQuotes = false
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == 0x22 {
        guard offset < bytes.count, bytes[offset] == 0x22 else {
          if offset < bytes.count, bytes[offset] != separator, !isBreak(offset) {
            throw error("expected a comma or the end of the line after a closing quote")
          }
          return Field(
            range: (opening.offset + 1)..<(offset - 1), hasDoubledQuotes: hasDoubledQuotes)
        }
        hasDoubledQuotes = true
        offset += 1
      } else if byte == 0x0A {
        (line, lineStart) = (line + 1, offset)
      }
    }
    (offset, line, lineStart) = opening
    throw error("a quote opened here is never closed")
  }

  private func isBreak(_ index: Int) -> Bool {
    bytes[index] == 0x0A
      || (bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A)
  }

  private mutating func skipBreak() {
    guard offset < bytes.count else { return }
    offset += bytes[offset] == 0x0D ? 2 : 1
    (line, lineStart) = (line + 1, offset)
  }

  private func error(_ message: String) -> ConfigurationError {
    let column = bytes[lineStart..<offset].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return ConfigurationError(
      message, at: SourcePosition(file: file, line: line, column: column))
  }
}
