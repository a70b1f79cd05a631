internal import CommandLineTools

/// Text broken into lines of a given display width.
enum TextLayout {
  /// `text` broken at blanks into lines of at most `width` columns; the first starts with `first`,
  /// the others with as many blanks. A word too long for a line is cut.
  static func paragraph(_ text: String, first: String = "", width: Int) -> [String] {
    let indent = String(repeating: " ", count: first.displayWidth)
    let room = max(1, width - first.displayWidth)
    let lines = packed(
      printable(text).split(separator: " ").map(String.init), separator: " ", width: room)
    return lines.enumerated().map { ($0.offset == 0 ? first : indent) + $0.element }
  }

  /// `label` in lines of at most `width` columns where it can be broken: before a parenthesis and
  /// after `+`, `-` and commas.
  static func stacked(_ label: String, width: Int) -> [String] {
    packed(pieces(label), separator: "", width: width).map(trimmed)
  }

  /// Where a label can be broken, as the pieces between.
  static func pieces(_ label: String) -> [String] {
    var pieces: [String] = []
    var piece = ""
    for character in printable(label) {
      if character == "(" && !piece.isEmpty {
        pieces.append(piece)
        piece = ""
      }
      piece.append(character)
      if "+-, ".contains(character) {
        pieces.append(piece)
        piece = ""
      }
    }
    return pieces + [piece]
  }

  /// `text` on one line, with nothing in it that a terminal would obey.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }

  /// `text` without blanks at its end.
  static func trimmed(_ text: String) -> String {
    String(text.reversed().drop { $0 == " " }.reversed())
  }

  /// Pieces joined into as few lines of at most `width` columns as their order allows.
  private static func packed(_ pieces: [String], separator: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for piece in pieces.flatMap({ cut($0, width: width) }) {
      let joined = line.isEmpty ? piece : line + separator + piece
      if !line.isEmpty && trimmed(joined).displayWidth > width {
        lines.append(line)
        line = piece
      } else {
        line = joined
      }
    }
    return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
  }

  private static func cut(_ piece: String, width: Int) -> [String] {
    var parts: [String] = []
    var part = ""
    for character in piece {
      if !part.isEmpty && trimmed(part + String(character)).displayWidth > width {
        parts.append(part)
        part = ""
      }
      part.append(character)
    }
    return parts + [part]
  }
}
