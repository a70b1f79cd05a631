public import Components

/// Comma-separated values after RFC 4180, with the line breaks of Unix when writing.
///
///     CSV.line(["krum", "0.93", "a \"quoted\" word"])   // krum,0.93,"a ""quoted"" word"
public enum CSV {
  /// One record without its line break; fields with commas, quotes or line breaks are quoted.
  ///
  /// A record of a single empty field is written `""`, because an empty line is no record.
  public static func line(_ fields: [String]) -> String {
    if fields == [""] { return "\"\"" }
    return fields.map { field in
      let isPlain = !field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
      return isPlain ? field : quoted(field)
    }.joined(separator: ",")
  }

  private static func quoted(_ field: String) -> String {
    // By bytes: a quote and an accent after it are one character, and would not be found as one.
    let doubled = field.utf8.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] }
    return String(decoding: [0x22] + doubled + [0x22], as: UTF8.self)
  }

  /// The records of a text, strictly: quotes only around whole fields, every record as long as the
  /// first, no empty lines but the end. Lines may end in LF or CRLF.
  ///
  /// - Parameters:
  ///   - text: The whole table, header included.
  ///   - file: Where the text comes from, for positions.
  /// - Throws: `ConfigurationError` with the line and column of the first mistake.
  /// - Complexity: O(length of the text).
  public static func parse(_ text: String, file: String) throws(ConfigurationError) -> [[String]] {
    var reader = CSVReader(Array(text.utf8), file: file)
    var records: [[String]] = []
    while let (record, line) = try reader.next() {
      if let first = records.first, first.count != record.count {
        let position = SourcePosition(file: file, line: line, column: 1)
        throw ConfigurationError(
          "this record has \(record.count) fields, the first has \(first.count)", at: position)
      }
      records.append(record)
    }
    return records
  }
}

/// Reads one record after another from the bytes of a text.
private struct CSVReader {
  private let bytes: [UInt8]
  private let file: String
  private var offset = 0
  private var line = 1
  private var lineStart = 0

  init(_ bytes: [UInt8], file: String) { (self.bytes, self.file) = (bytes, file) }

  /// The next record and the line it starts on; nil at the end.
  mutating func next() throws(ConfigurationError) -> (record: [String], line: Int)? {
    guard offset < bytes.count else { return nil }
    let start = line
    if isBreak(offset) { throw error("an empty line is no record; remove it") }
    var record: [String] = []
    while true {
      record.append(bytes[offset...].first == 0x22 ? try quotedField() : try plainField())
      if offset < bytes.count, bytes[offset] == 0x2C {
        offset += 1
        continue
      }
      skipBreak()
      return (record, start)
    }
  }

  private mutating func plainField() throws(ConfigurationError) -> String {
    let start = offset
    while offset < bytes.count, bytes[offset] != 0x2C, !isBreak(offset) {
      if bytes[offset] == 0x22 {
        throw error("a quote inside a field; put the whole field in quotes and double this one")
      }
      if bytes[offset] == 0x0D { throw error("a carriage return without a line feed") }
      offset += 1
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func quotedField() throws(ConfigurationError) -> String {
    let opening = error("a quote opened here is never closed")
    var field: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == 0x22 {
        guard offset < bytes.count, bytes[offset] == 0x22 else {
          if offset < bytes.count, bytes[offset] != 0x2C, !isBreak(offset) {
            throw error("expected a comma or the end of the line after a closing quote")
          }
          return String(decoding: field, as: UTF8.self)
        }
        offset += 1
      } else if byte == 0x0A {
        (line, lineStart) = (line + 1, offset)
      }
      field.append(byte)
    }
    throw opening
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
