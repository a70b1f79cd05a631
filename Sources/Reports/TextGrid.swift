internal import CommandLineTools

/// A table of figures for a terminal: a label a row, a figure with its spread and mark a cell.
struct TextGrid {
  /// The rows' labels.
  var labels: [String]
  /// The columns.
  var columns: [Column]

  /// A column.
  struct Column {
    /// Its heading.
    var header: String
    /// A second heading: `void`.
    var note = ""
    /// Whether its figures stand in other columns too: a wider gap sets it apart, and where room is
    /// short its spreads go first.
    var isRepeated = false
    /// Whether it may be left out to keep the spreads.
    var isOptional = false
    /// One a row.
    var cells: [Cell]
  }

  /// A cell: a figure, or a word in place of one.
  struct Cell {
    /// The figure: `93.4`.
    var value = ""
    /// Its spread: `±1.2`.
    var spread = ""
    /// What stands there instead: `n/a`.
    var word = ""
    /// A sign that the legend explains, or nothing.
    var mark = ""
    /// How it looks.
    var style = Ink.Style.plain
  }

  /// How much room a table takes.
  struct Density: Hashable {
    /// Whether there is space around the figures.
    var isRoomy = false
    /// Whether a label may take as many columns as it has, rather than be broken.
    var keepsLabels = false
    /// Whether spreads are shown.
    var showsSpread = true
    /// Whether optional columns are shown, and the spreads of repeated ones.
    var showsOptional = true

    /// From the best to look at to the narrowest.
    static let ladder = [
      Density(isRoomy: true, keepsLabels: true), Density(keepsLabels: true), Density(),
      Density(keepsLabels: true, showsOptional: false), Density(showsOptional: false),
      Density(isRoomy: true, keepsLabels: true, showsSpread: false),
      Density(keepsLabels: true, showsSpread: false), Density(showsSpread: false),
      Density(showsSpread: false, showsOptional: false),
    ]
    /// For tables that do not fit in any way: in pieces, one below the other.
    static let split = Density(showsSpread: false)

    fileprivate var gap: Int { isRoomy ? 2 : 1 }
    fileprivate var spreadGap: Int { isRoomy ? 1 : 0 }
  }

  /// Whether one piece of this density fits in `width` columns.
  func fits(_ density: Density, width: Int) -> Bool { pieces(density, width: width).count == 1 }

  /// The lines of the table; columns that do not fit side by side follow below, under the same rows.
  func lines(_ density: Density, width: Int, ink: Ink) -> [String] {
    let labelLines = labelLines(density, width: width)
    let labelWidth = labelLines.joined().map(\.displayWidth).max() ?? 0
    let parts = pieces(density, width: width).map { columns in
      part(columns, labels: labelLines, labelWidth: labelWidth, density: density, ink: ink)
    }
    return Array(parts.joined(separator: [""]))
  }

  // MARK: - Layout

  /// A column with its measures.
  private struct Measured {
    var column: Column
    var header: [String]
    var value: Int
    var spread: Int
    var mark: Int
    /// Figure and spread, or the heading.
    var body: Int
    var gap: Int
    var width: Int { gap + body + mark }
  }

  /// Labels take up to two fifths of the width; where they may be broken, no more than the longest
  /// of them needs, or 16 columns.
  private func labelLines(_ density: Density, width: Int) -> [[String]] {
    let most = max(8, width * 2 / 5)
    let longest = labels.flatMap(TextLayout.pieces).map(\.displayWidth).max() ?? 0
    let room = density.keepsLabels ? most : min(most, max(16, longest))
    return labels.map { TextLayout.stacked($0, width: room) }
  }

  private func pieces(_ density: Density, width: Int) -> [[Measured]] {
    let labelWidth = labelLines(density, width: width).joined().map(\.displayWidth).max() ?? 0
    var pieces: [[Measured]] = []
    var used = Int.max
    for column in columns where !column.isOptional || density.showsOptional {
      let measured = measure(column, density, room: max(4, width - labelWidth - 3))
      if used == .max || used + measured.width > width {
        pieces.append([])
        used = labelWidth
      }
      pieces[pieces.count - 1].append(measured)
      used += measured.width
    }
    return pieces
  }

  private func measure(_ column: Column, _ density: Density, room: Int) -> Measured {
    let value = column.cells.map(\.value.displayWidth).max() ?? 0
    let showsSpread = density.showsSpread && (density.showsOptional || !column.isRepeated)
    let spread = showsSpread ? column.cells.map(\.spread.displayWidth).max() ?? 0 : 0
    let figure = value + (spread > 0 ? density.spreadGap + spread : 0)
    let content = max(figure, column.cells.map(\.word.displayWidth).max() ?? 0)
    // A heading may be a little wider than its figures before it is broken.
    let wanted = min(room, max(content + (density.isRoomy ? 1 : 0), 6))
    let longest = TextLayout.pieces(column.header).map(\.displayWidth).max() ?? 0
    let target = max(wanted, min(room, longest, wanted * 3 / 2))
    let note = column.note.isEmpty ? [] : [column.note]
    let header = TextLayout.stacked(column.header, width: target) + note
    return Measured(
      column: column, header: header, value: value, spread: spread,
      mark: column.cells.map(\.mark.displayWidth).max() ?? 0,
      body: max(content, header.map(\.displayWidth).max() ?? 0),
      gap: density.gap + (column.isRepeated ? 1 : 0))
  }

  // MARK: - Lines

  private func part(
    _ columns: [Measured], labels: [[String]], labelWidth: Int, density: Density, ink: Ink
  ) -> [String] {
    let height = columns.map(\.header.count).max() ?? 0
    var lines = (0..<height).map { line in
      columns.reduce(into: String(repeating: " ", count: labelWidth)) { text, column in
        let offset = line - (height - column.header.count)
        let heading = offset < 0 ? "" : column.header[offset]
        let isNote = !column.column.note.isEmpty && line == height - 1
        text += String(repeating: " ", count: column.gap)
        text += ink.padded(heading, isNote ? .dim : .bold, to: column.body, .right)
        text += String(repeating: " ", count: column.mark)
      }
    }
    let width = columns.reduce(labelWidth) { $0 + $1.width } - (columns.last?.mark ?? 0)
    lines.append(ink.styled(String(repeating: "─", count: width), .dim))
    for (row, label) in labels.enumerated() {
      lines.append(
        columns.reduce(into: ink.padded(label.first ?? "", to: labelWidth)) { text, column in
          text += String(repeating: " ", count: column.gap)
          text += figure(column.column.cells[row], in: column, density: density, ink: ink)
        })
      lines += label.dropFirst().map { $0 }
    }
    return lines.map(TextLayout.trimmed)
  }

  private func figure(
    _ cell: Cell, in column: Measured, density: Density, ink: Ink
  ) -> String {
    guard cell.word.isEmpty else {
      return ink.padded(cell.word, cell.style, to: column.body, .right)
        + cell.mark.padded(to: column.mark)
    }
    var text = cell.value.padded(to: column.value, .right)
    if column.spread > 0 { text += String(repeating: " ", count: density.spreadGap) + cell.spread }
    let shown = text.drop { $0 == " " }
    let before = text.count - shown.count
    let figure = column.value + (column.spread > 0 ? density.spreadGap + column.spread : 0)
    return String(repeating: " ", count: column.body - figure + before)
      + ink.padded(shown + cell.mark, cell.style, to: figure - before + column.mark)
  }
}
