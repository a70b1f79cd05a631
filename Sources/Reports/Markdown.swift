/// GitHub-flavoured Markdown (GFM 0.29). What is written out is source; what is interpolated is
/// text, and escaped.
struct Markdown: ExpressibleByStringInterpolation, Sendable {
  /// The source.
  var text: String

  /// Source as it is.
  init(raw: String) { text = raw }
  /// Source as it is.
  init(stringLiteral value: String) { text = value }
  /// Source with texts in it.
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Joins sources.
  static func += (left: inout Markdown, right: Markdown) { left.text += right.text }

  /// Collects source.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {}
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ source: Markdown) { text += source.text }
    mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
    mutating func appendInterpolation(_ plain: String) { text += Markdown.escaped(plain) }
    mutating func appendInterpolation(_ sources: [Markdown], separator: String) {
      text += sources.map(\.text).joined(separator: separator)
    }
  }

  /// `plain` as source that prints it, on one line and in a table's cell too.
  ///
  /// Signs that begin markup anywhere have a backslash before them (GFM 6.1; 4.10 for `|`), and so
  /// have those that begin a list or a heading's underline where they come first (GFM 5.2, 4.3).
  /// `$` is not of GFM, but GitHub takes what stands between two for mathematics.
  static func escaped(_ plain: String) -> String {
    let line = Array(TextLayout.printable(plain))
    let start = line.prefix { $0 == " " }.count
    let number = line[start...].prefix { $0.isASCII && $0.isNumber }
    var escaped = ""
    for (place, character) in line.enumerated() {
      let opensList = place == start && "-+=".contains(character)
      let endsNumber =
        !number.isEmpty && place == number.endIndex && ".)".contains(character)
        && (place + 1 == line.count || line[place + 1] == " ")
      if signs.contains(character) || opensList || endsNumber { escaped.append("\\") }
      escaped.append(character)
    }
    return escaped
  }

  private static let signs: Set<Character> = [
    "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "#", "|", "~", "!", "&", "$", "@",
  ]

  /// A table: its first column to the left, the others to the right, or all to the left.
  static func table(_ heads: [Markdown], _ rows: [[Markdown]], isText: Bool = false) -> Markdown {
    let rule = heads.indices.map { $0 == 0 || isText ? ":--" : "--:" as Markdown }
    let lines = ([heads, rule] + rows).map { cells -> Markdown in
      "| \(cells, separator: " | ") |\n"
    }
    return "\(lines, separator: "")"
  }

  /// The figures of a terminal's table, with their spreads and marks.
  static func table(_ grid: TextGrid, head: Markdown) -> Markdown {
    let heads = grid.columns.map { column -> Markdown in
      column.note.isEmpty ? "\(column.header)" : "\(column.header) (\(column.note))"
    }
    let rows = grid.labels.indices.map { row -> [Markdown] in
      let label = grid.labels[row]
      // Rows below one that they belong to stand further right.
      let shown: Markdown = label.hasPrefix(" ") ? "&emsp;\(label)" : "\(label)"
      return [shown] + grid.columns.map { cell($0.cells[row]) }
    }
    return table([head] + heads, rows)
  }

  private static func cell(_ cell: TextGrid.Cell) -> Markdown {
    if !cell.word.isEmpty { return "\(cell.word)" }
    return "\([cell.value, cell.spread].filter { !$0.isEmpty }.joined(separator: " "))\(cell.mark)"
  }
}
