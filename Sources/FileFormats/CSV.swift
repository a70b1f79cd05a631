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
    var fields: [CSVReader.Field] = []
    while let line = try reader.next(&fields) {
      if let first = records.first, first.count != fields.count {
        let position = SourcePosition(file: file, line: line, column: 1)
        throw ConfigurationError(
          "this record has \(fields.count) fields, the first has \(first.count)", at: position)
      }
      records.append(fields.map { reader.text($0) })
    }
    return records
  }
}
