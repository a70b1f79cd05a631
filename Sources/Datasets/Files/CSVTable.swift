import Components
import FileFormats

/// A table of numbers with a column of labels and perhaps one of groups, as text files hold it.
package struct CSVTable: Sendable {
  /// What stands where.
  package struct Layout: Sendable {
    /// The column of labels.
    package var label = ColumnChoice.place(-1)
    /// The column of groups.
    package var group = ColumnChoice.place(0)
    /// Columns that are neither these nor features.
    package var ignored: [ColumnChoice] = []
    /// Whether the first row names the columns.
    package var header = CSVData.Header.detect
    /// The byte between fields.
    package var separator = UInt8(ascii: ",")

    /// Labels last, no groups.
    package init() {}
  }

  /// What messages call the file.
  let source: String
  /// Values of the feature columns, row-major.
  private(set) var features: [Float] = []
  /// The label of each row, as written.
  private(set) var labels: [String] = []
  /// The group of each row, as written; empty without groups.
  private(set) var groups: [String] = []
  /// The line each row starts on, counting from 1.
  private(set) var lines: [Int] = []
  /// Number of feature columns.
  private(set) var width = 0

  /// The table that a content holds, which may be packed by gzip.
  ///
  /// Rows are lines of the file, the header included. Strictly RFC 4180: every row as long as the
  /// first, quotes only around whole fields; features are finite decimal numbers.
  ///
  /// - Throws: `DataError` with the row of the first mistake.
  /// - Complexity: O(bytes).
  package init(parsing bytes: [UInt8], file: String, layout: Layout) throws(DataError) {
    source = file
    let content = try DataError.reading(file) { () throws(TensorFileError) in
      try DataFile.content(bytes, file: file)
    }
    if let kind = DataFile.kind(of: content) {
      throw .unusable(source: file, problem: "this is \(kind); expected comma-separated text")
    }
    if let offset = DataFile.firstInvalidUTF8(content) {
      throw .unusable(source: file, problem: "byte \(offset) is no text in UTF-8")
    }
    var reader = CSVReader(content, file: file, separator: layout.separator)
    var fields: [CSVReader.Field] = []
    guard try Self.next(&reader, &fields, file) != nil else {
      throw .unusable(source: file, problem: "there is nothing in it; expected rows of numbers")
    }
    var plan = try Plan(&reader, first: fields, layout: layout, file: file)
    width = plan.features.count
    // The rows start over: deciding about the header has looked ahead.
    reader = CSVReader(content, file: file, separator: layout.separator)
    if plan.hasHeader { _ = try Self.next(&reader, &fields, file) }
    while let line = try Self.next(&reader, &fields, file) {
      try append(fields, line: line, plan: &plan, reader: reader)
    }
    guard !labels.isEmpty else {
      throw .unusable(source: file, problem: "there are no rows below the header")
    }
  }

  private mutating func append(
    _ fields: [CSVReader.Field], line: Int, plan: inout Plan, reader: CSVReader
  ) throws(DataError) {
    guard fields.count == plan.count else {
      throw .malformed(
        source: source, row: line,
        problem: "holds \(fields.count) fields, the first row has \(plan.count)")
    }
    for column in plan.features {
      let field = fields[column]
      guard let value = DecimalText.number(reader.bytes, field.range) else {
        let text = reader.text(field)
        throw .malformed(
          source: source, row: line,
          problem: "\(plan.name(column)) holds "
            + (text.isEmpty ? "nothing" : "'\(text.prefix(40))'")
            + ", expected a number; 'ignore' leaves a column out")
      }
      let single = Float(value)
      guard single.isFinite else {
        throw .malformed(
          source: source, row: line,
          problem: "\(plan.name(column)) holds '\(reader.text(field).prefix(40))', "
            + "expected a finite number")
      }
      features.append(single)
    }
    labels.append(try plan.word(plan.label, fields, reader, line, source))
    if let group = plan.group { groups.append(try plan.word(group, fields, reader, line, source)) }
    lines.append(line)
  }

  /// The next record; a mistake in how it is written becomes a `DataError`.
  fileprivate static func next(
    _ reader: inout CSVReader, _ fields: inout [CSVReader.Field], _ file: String
  ) throws(DataError) -> Int? {
    do {
      return try reader.next(&fields)
    } catch {
      guard let issue = error.issues.first, let position = issue.position else {
        throw .unusable(source: file, problem: "\(error)")
      }
      throw .malformed(
        source: file, row: position.line,
        problem: "\(issue.message) (at character \(position.column))")
    }
  }
}

/// Which columns are what.
private struct Plan {
  var hasHeader: Bool
  var count: Int
  var label: Int
  var group: Int?
  var features: [Int]
  private var header: [String]?
  /// One storage for equal labels and groups.
  private var words: [String: String] = [:]

  /// Looks at the first two rows.
  init(
    _ reader: inout CSVReader, first: [CSVReader.Field], layout: CSVTable.Layout, file: String
  ) throws(DataError) {
    count = first.count
    let choices = [layout.label, layout.group] + layout.ignored
    switch layout.header {
    case .present: hasHeader = true
    case .absent: hasHeader = false
    case .detect where choices.contains(where: \.isName): hasHeader = true
    case .detect: hasHeader = try Self.isHeader(first, &reader, file)
    }
    let names = hasHeader ? first.map { reader.text($0) } : nil
    header = names
    func index(_ choice: ColumnChoice) throws(DataError) -> Int? {
      try choice.index(in: names, width: first.count, source: file)
    }
    guard let label = try index(layout.label) else {
      throw .unusable(source: file, problem: "no column of labels is chosen")
    }
    self.label = label
    group = try index(layout.group)
    guard group != label else {
      throw .unusable(source: file, problem: "one column is chosen for both labels and groups")
    }
    var taken: Set<Int> = [label]
    if let group { taken.insert(group) }
    for choice in layout.ignored { if let column = try index(choice) { taken.insert(column) } }
    features = (0..<count).filter { !taken.contains($0) }
    guard !features.isEmpty else {
      throw .unusable(
        source: file, problem: "no column is left for features; the first row has \(count)")
    }
  }

  /// Whether the first row names columns: wherever the second has a number, it has none.
  private static func isHeader(
    _ first: [CSVReader.Field], _ reader: inout CSVReader, _ file: String
  ) throws(DataError) -> Bool {
    var second: [CSVReader.Field] = []
    guard try CSVTable.next(&reader, &second, file) != nil else { return false }
    let numbers = zip(first, second).filter {
      DecimalText.number(reader.bytes, $0.1.range) != nil
    }
    return !numbers.isEmpty
      && numbers.allSatisfy { DecimalText.number(reader.bytes, $0.0.range) == nil }
  }

  /// What messages call a column.
  func name(_ column: Int) -> String {
    header.map { "column \(column + 1) ('\($0[column].prefix(40))')" } ?? "column \(column + 1)"
  }

  /// A label or a group.
  mutating func word(
    _ column: Int, _ fields: [CSVReader.Field], _ reader: CSVReader, _ line: Int, _ source: String
  ) throws(DataError) -> String {
    let text = reader.text(fields[column])
    guard !text.isEmpty else {
      throw .malformed(source: source, row: line, problem: "\(name(column)) holds nothing")
    }
    if let known = words[text] { return known }
    words[text] = text
    return text
  }
}
